"""Rows left out: all or nothing, or what is written for correction."""

import csv
import io
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from core.clients.models import Client
from core.imports.services.rejects import escape_formula
from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
pytestmark = pytest.mark.usefixtures("stores")
HEAD = "Kunde,started_at,amount,store_code,visit_ref,note"
FILE = f"""{HEAD}
C1,2025-03-04,80,S1,1,a
C1,2025-03-04,eighty,S1,1,b
"C
2",2025-03-04,90,S1,1,c
C3,2025-03-05,,S9,7,d
C4,2025-03-05,5,S1,8,e
"""
OPTIONS = {"create_missing": True, "mapping": {"Kunde": "client_ref"}}


def rejected(result: ImportResult) -> list[list[str]]:
    assert result.rejects_file
    assert result.rejects_file.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.reader(result.rejects_file.read_text("utf-8-sig").splitlines(keepends=True)))


def test_all_or_nothing(bring: Bring) -> None:
    with pytest.raises(ImportRefused) as refused:
        bring("visits", FILE, **OPTIONS)
    assert str(refused.value.message).startswith("2 of 5 rows cannot be read; nothing was imported. 1 question has")
    assert refused.value.result.as_json() | {"seconds": 0} == {
        "id": None,
        "kind": "visits",
        "rows": 5,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "rejected": 2,
        "seconds": 0,
        "rejects_file": None,
    }
    assert not Visit.objects.exists()
    assert not Client.objects.exists()


def test_good_rows_are_loaded_and_bad_ones_written_with_those_of_their_visit(bring: Bring) -> None:
    result = bring("visits", FILE, skip_bad_rows=True, **OPTIONS)
    assert (result.rows, result.created, result.rejected) == (5, 3, 2)
    assert rejected(result) == [
        [*HEAD.split(","), "line", "column", "reason"],
        ["C1", "2025-03-04", "80", "S1", "1", "a", "2", "", "context"],
        ["C1", "2025-03-04", "eighty", "S1", "1", "b", "3", "amount", "“eighty” is not a number."],
        ["C3", "2025-03-05", "", "S9", "7", "d", "6", "store_code; amount",
         "There is no store “S9”. There has to be a value."],
    ]  # fmt: skip
    assert [finding.line for finding in result.findings if finding.level == "error"] == [3, 6, 6]


def test_what_is_said_of_the_whole_file_is_said_once(bring: Bring) -> None:
    result = bring("services", "service_code,name,category,hue\nA,,C,red\nB,B,C,red\n", skip_bad_rows=True)
    assert [finding.code for finding in result.findings] == ["missing_value", "ignored_columns"]


def test_the_corrected_file_imports_as_whole_visits(bring: Bring) -> None:
    result = bring("visits", FILE, skip_bad_rows=True, **OPTIONS)
    assert result.rejects_file
    text = result.rejects_file.read_text("utf-8-sig")
    corrected = text.replace("eighty", "40").replace(",,S9", ",7,S2")
    again = bring("visits", corrected, **OPTIONS)
    assert (again.created, again.updated, again.unchanged) == (1, 1, 0)
    whole = FILE.replace("eighty", "40").replace(",,S9", ",7,S2")
    assert bring("visits", whole, **OPTIONS).unchanged == 4
    assert VisitLine.objects.count() == 5


def test_a_visit_with_two_dates_is_left_out_as_a_whole(bring: Bring) -> None:
    file = f"{HEAD}\nC1,2025-03-04,1,S1,1,\nC1,2025-03-05,1,S1,1,\nC1,2025-03-05,1,S1,2,\n"
    result = bring("visits", file, skip_bad_rows=True, **OPTIONS)
    assert (result.created, result.rejected) == (1, 2)
    assert [row[-3] for row in rejected(result)[1:]] == ["2", "3"]


def test_stubs_are_made_for_good_rows_only(bring: Bring) -> None:
    bring("visits", FILE, skip_bad_rows=True, **OPTIONS)
    assert sorted(Client.objects.values_list("ref", flat=True)) == ["C\n2", "C1", "C4"]


def test_records_are_left_out_alone(bring: Bring) -> None:
    result = bring("services", "service_code,name,category\nA,,C\nB,B,C\n", skip_bad_rows=True)
    assert (result.created, result.rejected) == (1, 1)
    assert rejected(result)[1:] == [["A", "", "C", "2", "name", "There has to be a value."]]


def test_nothing_is_written_where_nothing_is_wrong_or_kept(bring: Bring, media: Path) -> None:
    assert bring("services", "service_code,name,category\nA,A,C\n", skip_bad_rows=True).rejects_file is None
    assert bring("services", "service_code,name,category\nB,,C\n", skip_bad_rows=True, dry_run=True).rejected == 1
    assert not media.exists()


def test_the_file_is_the_chains_own(bring: Bring, media: Path) -> None:
    path = bring("visits", FILE, skip_bad_rows=True, **OPTIONS).rejects_file
    assert path
    assert path.parent.parent == media / "acme" / "imports"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t'=1"),
        (" =1", "' =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("a;=1", "a;'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("-5", "-5"),
        ("-1,234.50", "-1,234.50"),
        ("+8613800000000", "+8613800000000"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_formulas_are_made_harmless(cell: str, written: str) -> None:
    assert escape_formula(cell) == written


def corrected(result: ImportResult, *, mended: dict[str, str]) -> str:
    """The rejects as a spreadsheet program saves them after the bad cells are mended."""
    text = io.StringIO()
    csv.writer(text).writerows([[mended.get(cell, cell) for cell in row] for row in rejected(result)])
    return text.getvalue()


def test_marked_cells_of_a_visit_come_back_as_they_were(bring: Bring) -> None:
    head = "client_ref,started_at,amount,store_code,visit_ref\n"
    file = (
        head + "+C 1,2025-03-04,80,S1,=3\n+C 1,2025-03-04,{},S1,=3\n-C2,2025-03-04,-¥5,S1,@4\n,2025-03-04,-¥7,{},=5\n"
    )
    result = bring("visits", file.format("eighty", "S9"), skip_bad_rows=True, create_missing=True)
    assert [row[0] for row in rejected(result)[1:]] == ["'+C 1", "'+C 1", ""]
    assert rejected(result)[3][2:5] == ["'-¥7", "S9", "'=5"]
    again = bring("visits", corrected(result, mended={"eighty": "40", "S9": "S1"}), create_missing=True)
    assert (again.created, again.updated, again.rejected) == (1, 1, 0)
    assert bring("visits", file.format("40", "S1")).unchanged == 3
    assert sorted(Client.objects.values_list("ref", flat=True)) == ["+C 1", "-C2"]
    assert sorted(VisitLine.objects.values_list("amount", flat=True)) == [-7, -5, 40, 80]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_marked_cells_of_a_client_come_back_as_they_were(bring: Bring, encoding: str) -> None:
    file = "client_ref,name,phone,member_tier_from\nC1,=王芳,+86 138 0000 0000,bad\nC2,O'Brien,,bad\n"
    result = bring("clients", file, skip_bad_rows=True)
    assert rejected(result)[1][1:3] == ["'=王芳", "'+86 138 0000 0000"]
    text = corrected(result, mended={"bad": "1990-01-02"})
    assert bring("clients", text.encode(encoding)).created == 2
    assert bring("clients", file.replace("bad", "1990-01-02")).unchanged == 2
    assert sorted(Client.objects.values_list("name", flat=True)) == ["=王芳", "O'Brien"]


def test_marked_cells_of_a_workbook_are_texts(bring: Bring, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active
    for row in (["client_ref", "name"], ["'+C 1", "'=王芳"], ["C2", "'quoted'"]):
        book.active.append(row)
    book.save(tmp_path / "clients.xlsx")
    assert bring("clients", tmp_path / "clients.xlsx").created == 2
    assert sorted(Client.objects.values_list("ref", "name")) == [("+C 1", "=王芳"), ("C2", "'quoted'")]


def test_marked_headings_come_back_as_they_were(bring: Bring) -> None:
    options = {"mapping": {"=cmd": "name"}}
    result = bring("services", "service_code,=cmd,category\nA,A,\n", skip_bad_rows=True, **options)
    assert rejected(result)[0][1] == "'=cmd"
    assert bring("services", corrected(result, mended={"": "C"}), **options).created == 1


def test_bad_rows_beyond_those_listed_are_counted_and_written(bring: Bring) -> None:
    rows = "\n".join(f"A{number},,C" for number in range(30_000))
    result = bring("services", f"service_code,name,category\n{rows}\n", skip_bad_rows=True)
    assert (result.rows, result.rejected, result.created) == (30_000, 30_000, 0)
    assert len([finding for finding in result.findings if finding.level == "error"]) == 200
    assert len(rejected(result)) == 30_001
    with pytest.raises(ImportRefused) as refused:
        bring("services", f"service_code,name,category\n{rows}\n")
    assert str(refused.value.message) == "30000 of 30000 rows cannot be read; nothing was imported."


def test_rejects_of_a_file_without_a_header_are_recognised(bring: Bring) -> None:
    columns = {"header": False, "columns": ["client_ref", "started_at", "-", "amount", "store_code"]}
    result = bring("visits", "C1,2025-03-04,x,eighty,S1\n", skip_bad_rows=True, create_missing=True, **columns)
    head, row = rejected(result)
    assert head[:5] == ["client_ref", "started_at", "", "amount", "store_code"]
    corrected = [head, [*row[:3], "80", *row[4:]]]
    again = bring("visits", "\n".join(map(",".join, corrected)) + "\n", create_missing=True)
    assert (again.created, again.rejected) == (1, 0)
