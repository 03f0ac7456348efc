"""Files of other kinds than CSV and XLSX, and what is said of those that cannot be read."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from core.imports.services.file_source import FileSource
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused, ImportResult
from core.shared.errors import AppError
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
OPTIONS = {"store": "S1", "create_missing": True}
CASES = Path(__file__).parent / "samples"
HEADINGS = "单号,消费时间,会员号,实收金额\n"
pytestmark = pytest.mark.usefixtures("stores")


def page(*rows: str, head: str = "") -> str:
    return f"<html>{head}<body><table border=1>{''.join(f'<tr>{row}</tr>' for row in rows)}</table></body></html>"


def cells(*texts: object) -> str:
    return "".join(f"<td>{text}</td>" for text in texts)


def zipped(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def book(**sheets: list[list[object]]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


OASIS = "urn:oasis:names:tc:opendocument:xmlns"


def document(*rows: str, before: str = "") -> bytes:
    """An OpenDocument sheet."""
    spaces = " ".join(f'xmlns:{one}="{OASIS}:{one}:1.0"' for one in ("office", "table", "text"))
    content = f"<office:document-content {spaces}><office:body><office:spreadsheet>{before}"
    content += f'<table:table table:name="a">{"".join(rows)}</table:table>'
    content += "</office:spreadsheet></office:body></office:document-content>"
    files = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    return zipped(**files, **{"META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0"/>'})


def row(*contents: str, look: str = "") -> str:
    return f"<table:table-row {look and 'table:' + look}>{''.join(contents)}</table:table-row>"


def cell(content: object, look: str = "") -> str:
    kind = "string" if isinstance(content, str) else "float"
    value = "" if isinstance(content, str) else f' office:value="{content}"'
    look = look and "".join(f" table:{one}" for one in look.split())
    return f'<table:table-cell office:value-type="{kind}"{value}{look}><text:p>{content}</text:p></table:table-cell>'


COVERED = "<table:covered-table-cell/>"


def amounts() -> list[int]:
    return sorted(map(int, VisitLine.objects.values_list("amount", flat=True)))


@pytest.mark.parametrize("name", ["visits.xls", "visits.ods"])
def test_workbooks_of_other_kinds(bring: Bring, name: str) -> None:
    """By what they are: an upload has no name."""
    result = bring("visits", (CASES / name).read_bytes(), **OPTIONS)
    assert (result.rows, result.created) == (3, 3)
    visit = Visit.objects.order_by("day").first()
    assert visit is not None
    assert (visit.day.isoformat(), visit.ref) == ("2025-03-05", "R1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_a_web_page_that_is_called_a_workbook(bring: Bring, encoding: str) -> None:
    head = "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>" if encoding == "gb18030" else ""
    text = page(
        cells("消费明细"), cells(*HEADINGS.strip().split(",")),
        "<td rowspan=2>R1<td rowspan=2>2025-03-05<td rowspan='2'>M1<td>88&#46;5", "<td>12",
        cells("R2", "2025-04-06", "M1", "1,088"), head=head,
    )  # fmt: skip
    bring("visits", text.encode(encoding), **OPTIONS)
    assert list(Visit.objects.order_by("ref").values_list("ref", "client__ref")) == [("R1", "M1"), ("R2", "M1")]
    assert amounts() == [12, 88, 1088]


def test_an_amount_of_a_page_over_several_rows(bring: Bring) -> None:
    rows = [
        cells(*HEADINGS.strip().split(",")),
        cells("R1", "2025-03-05", "M1") + "<td rowspan=2>9",
        cells("R1", "2025-03-05", "M1"),
    ]
    bring("visits", page(*rows), answers={"merged:amount": "together"}, **OPTIONS)
    assert amounts() == [0, 9]


def test_the_table_within_a_table_of_a_page(bring: Bring) -> None:
    inner = page(cells(*HEADINGS.strip().split(",")), cells("R1", "2025-03-05", "M1", 5))
    bring("visits", page(cells("Menu", "x"), f"<td>{inner}</td>"), **OPTIONS)
    assert amounts() == [5]


@pytest.mark.parametrize("size", [1, 3])
def test_a_zip_of_monthly_files(bring: Bring, size: int) -> None:
    files = {f"{month}月.csv": f"{HEADINGS}R{month},2025-0{month}-05,M1,{month}\n" for month in range(1, size + 1)}
    result = bring("visits", zipped(**files, **{"__MACOSX/1月.csv": b"\0", "readme.pdf": "x"}), **OPTIONS)
    assert (result.rows, amounts()) == (size, list(range(1, size + 1)))


def test_a_zip_of_files_of_several_kinds(bring: Bring) -> None:
    rows = [HEADINGS.strip().split(","), ["R2", "2025-04-06", "M1", 2]]
    second = ("报表,,,\n" + HEADINGS + "R1,2025-03-05,M1,1\n").encode("gb18030")
    bring("visits", zipped(**{"b.csv": second, "a.xlsx": book(a=rows)}), **OPTIONS)
    assert amounts() == [1, 2]


def test_a_row_of_a_zip_is_named_by_its_file(bring: Bring, tmp_path: Path) -> None:
    good, bad = f"{HEADINGS}R1,2025-03-05,M1,1\n", f"{HEADINGS}R2,2025-04-06,M1,2\nR3,x,M1,3\n"
    content = zipped(**{"1.csv": good, "2.csv": bad})
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, **OPTIONS)
    assert str(refused.value.result.findings[0]) == "line 3, 消费时间: 2.csv: “x” is no date."
    result = bring("visits", content, skip_bad_rows=True, **OPTIONS)
    assert result.rejects_file is not None
    assert "R3,x,M1,3,2.csv: 3,消费时间" in result.rejects_file.read_text(encoding="utf-8-sig")


def test_a_file_of_a_zip_that_has_other_columns_is_named(refusal: Callable[..., list[str]]) -> None:
    content = zipped(
        **{"1.csv": f"{HEADINGS}R1,2025-03-05,M1,1\n", "2.csv": "单号,消费时间,电话,实收金额\nR2,2025-04-06,1,2\n"}
    )
    (said,) = refusal("visits", content, **OPTIONS)
    assert said == "All tables of a file must have the same columns: “2.csv” differs from “1.csv” at: 电话."


def test_nothing_of_a_zip_is_left_on_the_disk(write: Callable[[bytes], Path]) -> None:
    files = {f"{number}.csv": "client_ref,name\nC1,Ann\n" for number in range(3)}
    with FileSource(write(zipped(**files)), "clients", ImportOptions()) as source:
        folder = source._path.parent
        assert sum(len(rows.cells) for rows in source.chunks()) == 3
    assert not folder.exists()


def test_sheets_of_the_same_headings_are_asked_about(bring: Bring) -> None:
    rows = HEADINGS.strip().split(",")
    content = book(一月=[rows, ["R1", "2025-01-05", "M1", 1]], 二月=[rows, ["R2", "2025-02-05", "M1", 2]])
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, **OPTIONS)
    (question,) = refused.value.result.open_questions
    assert [choice.value for choice in question.choices] == ["*", "一月", "二月"]
    bring("visits", content, answers={"sheet": "二月"}, **OPTIONS)
    assert amounts() == [2]
    bring("visits", content, answers={"sheet": "*"}, **OPTIONS)
    assert amounts() == [1, 2]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "This workbook is protected with a password. Open it in Excel"),
        (OLE + "WordDocument".encode("utf-16-le"), "This is a document of Office, but no workbook."),
        (OLE + "Workbook\0".encode("utf-16-le"), "This workbook of the old kind (.xls) cannot be read."),
        (b"%PDF-1.7\n", "This is a PDF."),
        (b'[ {"date": "2025-03-05", "client": "M1"}]', "This is JSON. Export the table as CSV or Excel."),
        (b'\xef\xbb\xbf{"date": "2025-03-05"}\n{"date": "2025-03-06"}', "This is JSON."),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related\n", "This is a web archive (.mht)."),
        (
            b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet>',
            "This XML spreadsheet is damaged. Open it in Excel and save it as .xlsx.",
        ),
        (
            b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "The file is empty.",
        ),
        (zipped(**{"a.docx": b"x"}), "There is no table in this ZIP file, only: a.docx."),
        (zipped(**{"a.zip": zipped(**{"a.csv": "x"})}), "There is no table in this ZIP file, only: a.zip."),
        (zipped(**{"a.csv": zipped(**{"a.csv": "x"})}), "A ZIP file within a ZIP file is not read."),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "This OpenDocument file (.ods) cannot be"),
    ],
)
def test_it_is_said_what_a_file_is(refusal: Callable[..., list[str]], content: bytes, said: str) -> None:
    (message,) = refusal("visits", content, **OPTIONS)
    assert message.startswith(said)


@pytest.mark.parametrize(
    ("rows", "columns", "code"), [(100_000, 400, "too_much_memory"), (1 << 20, 16_000, "workbook_too_large")]
)
def test_a_sheet_far_larger_than_its_file(write: Callable[[bytes], Path], rows: int, columns: int, code: str) -> None:
    """OpenDocument says with a number how often a row or a cell comes again."""
    ods = document(row(cell("x", f'number-columns-repeated="{columns}"'), look=f'number-rows-repeated="{rows}"'))
    with pytest.raises(AppError) as refused, FileSource(write(ods), "clients", ImportOptions()):
        pass
    assert refused.value.code == code


def test_an_old_workbook_that_counts_its_days_from_1904(bring: Bring) -> None:
    """Of three rows of numbers, the second hidden."""
    result = bring("visits", (CASES / "mac.xls").read_bytes(), **OPTIONS)
    assert [str(day) for day in Visit.objects.order_by("day").values_list("day", flat=True)] == [
        "2025-03-04", "2025-04-05", "2025-04-06",
    ]  # fmt: skip
    (question,) = [one for one in result.questions if one.key == "serials:started_at"]
    assert question.taken == "spreadsheet_1904"


@pytest.mark.parametrize("place", [8, 30, 48, 76, 600, 3000])
def test_an_old_workbook_that_is_damaged(refusal: Callable[..., list[str]], place: int) -> None:
    """Either it is read as it was, or it is refused in a sentence."""
    content = bytearray((CASES / "visits.xls").read_bytes())
    content[place : place + 8] = b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"
    try:
        said = refusal("visits", bytes(content), **OPTIONS)
    except pytest.fail.Exception:
        assert amounts()
    else:
        assert len(said) == 1


def told(result: ImportResult, code: str) -> tuple[str, int, int | None, tuple[str, ...]]:
    (finding,) = (one for one in result.findings if one.code == code)
    return finding.level, finding.rows, finding.line, finding.examples


def test_hidden_rows_of_an_old_workbook_are_told_of(bring: Bring) -> None:
    result = bring("visits", (CASES / "mac.xls").read_bytes(), **OPTIONS)
    assert amounts() == [5, 88, 288]
    assert told(result, "hidden_rows") == ("warning", 1, 3, ("R2 · 44290 · M1 · 烫发 · 288",))


@pytest.mark.parametrize("look", ['visibility="filter"', 'visibility="collapse"'])
def test_hidden_rows_of_an_open_document_are_told_of(bring: Bring, look: str) -> None:
    rows = [
        row(cell("消费明细"), look=look),
        row(*map(cell, HEADINGS.strip().split(","))),
        row(*map(cell, ["R1", "2025-03-05", "M1", 1])),
        row(look=f'number-rows-repeated="3" table:{look}'),
        row(*map(cell, ["", "2025-03-06", "M1", 2]), look=f'number-rows-repeated="2" table:{look}'),
        row(*map(cell, ["R3", "2025-03-07", "M1", 3])),
    ]
    result = bring("visits", document(*rows), **OPTIONS)
    assert amounts() == [1, 2, 2, 3]
    assert told(result, "hidden_rows")[:3] == ("warning", 2, 7)


def test_hidden_rows_of_a_page_are_told_of(bring: Bring) -> None:
    rows = [cells(*HEADINGS.strip().split(",")), cells("R1", "2025-03-05", "M1", 1), cells("R2", "2025-03-06", "M1", 2)]
    content = page(*rows).replace("<tr><td>R2", "<tr height=0 style='mso-height-source:auto; Display: none'><td>R2")
    result = bring("visits", content, **OPTIONS)
    assert amounts() == [1, 2]
    assert told(result, "hidden_rows")[:3] == ("warning", 1, 3)


def test_cells_of_an_open_document_that_are_merged_over_rows(bring: Bring) -> None:
    """They speak for each of their rows, as in a workbook."""
    over = 'number-rows-spanned="2" number-columns-spanned="1"'
    rows = [
        row(*map(cell, HEADINGS.strip().split(","))),
        row(cell("R1", over), cell("2025-03-05", over), cell("M1", over), cell(1)),
        row(COVERED, COVERED, COVERED, cell(2)),
        row(cell("R2"), cell("2025-03-06"), cell("M2"), cell(3)),
    ]
    bring("visits", document(*rows), **OPTIONS)
    assert list(Visit.objects.order_by("ref").values_list("ref", "client__ref")) == [("R1", "M1"), ("R2", "M2")]
    assert amounts() == [1, 2, 3]


def test_an_amount_of_an_open_document_over_several_rows_is_asked_about(bring: Bring) -> None:
    rows = [
        row(*map(cell, HEADINGS.strip().split(","))),
        row(*map(cell, ["R1", "2025-03-05", "M1"]), cell(10, 'number-rows-spanned="2"')),
        row(*map(cell, ["R2", "2025-03-06", "M2"]), COVERED),
    ]
    content = document(*rows)
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, **OPTIONS)
    assert [question.key for question in refused.value.result.open_questions] == ["merged:amount"]
    bring("visits", content, answers={"merged:amount": "together"}, **OPTIONS)
    assert amounts() == [0, 10]


def test_an_open_document_that_counts_its_days_from_1904(bring: Bring) -> None:
    first = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    rows = [row(*map(cell, HEADINGS.strip().split(","))), row(*map(cell, ["R1", 44258, "M1", 1]))]
    bring("visits", document(*rows, before=first), **OPTIONS)
    assert str(Visit.objects.get().day) == "2025-03-04"
