"""Files as tills and spreadsheet programs write them."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from core.clients.models import Client
from core.imports.services.file_source import FileSource
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportResult
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
Write = Callable[[str | bytes], Path]
TEXT = "client_ref,name,email\nC1,王芳,a@b.cn\nC2,李娜,\n"


def names() -> list[str]:
    return list(Client.objects.order_by("ref").values_list("name", flat=True))


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(bring: Bring, encoding: str, line_end: str) -> None:
    assert bring("clients", TEXT.replace("\n", line_end).encode(encoding)).created == 2
    assert names() == ["王芳", "李娜"]


@pytest.mark.usefixtures("chain")
def test_gb18030_beyond_gb2312(bring: Bring) -> None:
    text = (
        "client_ref,name\n"
        + "\n".join(f"C{index},王小芳和李娜和张伟和刘洋" for index in range(9))
        + "\nC9,朱镕基喆䶮\n"
    )
    bring("clients", text.encode("gb18030"))
    assert names()[-1] == "朱镕基喆䶮"


@pytest.mark.usefixtures("chain")
def test_gb18030_with_signs_of_four_bytes(bring: Bring) -> None:
    """¥ and € are no signs of GB 2312, and a till may write one in every row."""
    text = "client_ref,name\n" + "\n".join(f"C{index:02},¥{index}00 €{index}" for index in range(30)) + "\nC30,王芳\n"
    bring("clients", text.encode("gb18030"))
    assert names()[0] == "¥000 €0"
    assert names()[-1] == "王芳"


@pytest.mark.usefixtures("chain")
def test_gb18030_that_happens_to_be_utf_8(bring: Bring) -> None:
    """联通 in GB 2312 reads as UTF-8 as well."""
    bring("clients", "client_ref,name\nC1,联通\nC2,王芳\n".encode("gb18030"))
    assert names() == ["联通", "王芳"]


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_out(bring: Bring, delimiter: str) -> None:
    bring("clients", TEXT.replace(",", delimiter))
    assert names() == ["王芳", "李娜"]


@pytest.mark.usefixtures("stores")
def test_semicolons_beside_decimal_commas(bring: Bring) -> None:
    bring("visits", "client_ref;started_at;amount;store_code\n;2025-03-04;1.234,50;S1\n;2025-03-04;1,50;S1\n")
    assert sorted(VisitLine.objects.values_list("amount", flat=True)) == [Decimal("1.5"), Decimal("1234.5")]


@pytest.mark.usefixtures("stores")
def test_white_space_without_a_header(bring: Bring) -> None:
    options = {
        "header": False,
        "delimiter": "whitespace",
        "columns": ("client_ref", "-", "started_at", "quantity", "amount"),
    }
    text = " 00004 0001 19970101  2   29.33\n\n 00004 0001 19970118  2   29.73\n"
    result = bring("visits", text, store="S1", create_missing=True, date_format="%Y%m%d", **options)
    assert (result.rows, result.created) == (2, 2)
    assert list(Client.objects.values_list("ref", flat=True)) == ["00004"]


@pytest.mark.usefixtures("chain")
def test_quoted_line_breaks_and_marks(bring: Bring) -> None:
    bring("clients", 'client_ref,name\nC1,"Ann ""the""\nBest, \\N"\nC2,B\\t\n')
    assert names() == ['Ann "the"\nBest, \\N', "B\\t"]


@pytest.mark.usefixtures("chain")
def test_lines_are_numbered_as_an_editor_does(bring: Bring, refusal: Callable[..., list[str]]) -> None:
    text = 'client_ref,member_tier_from,name\nC1,,"two\nlines"\n\nC2,x,\nC3,,"a\r\nb\rc"\nC4,y,\n'
    found = ["line 5, member_tier_from: “x” is no date.", "line 9, member_tier_from: “y” is no date."]
    assert refusal("clients", text) == found


@pytest.mark.usefixtures("chain")
def test_blank_rows_are_no_rows_and_short_ones_are_filled_up(bring: Bring) -> None:
    result = bring("clients", "client_ref,name,email\n\n , ,\nC1\nC2,Ann\nC3,Ben,x@y.z,,\n")
    assert (result.rows, result.created) == (3, 3)
    assert names() == ["", "Ann", "Ben"]


@pytest.mark.usefixtures("stores")
def test_headings_are_recognised(bring: Bring) -> None:
    text = "门店编号;会员号;消费日期;实收金额;小票号;备注\nS1;C1;2025年3月4日 14:05;¥1,280.00;7;好\n"
    result = bring("visits", text, create_missing=True)
    visit = Visit.objects.get()
    assert (visit.day, visit.start_time.isoformat(), visit.ref) == (date(2025, 3, 4), "14:05:00", "7")
    assert VisitLine.objects.get().amount == 1280
    assert [str(finding) for finding in result.findings] == ["These columns mean nothing here and are ignored: 备注."]


@pytest.mark.usefixtures("stores")
def test_an_exact_name_goes_before_a_heading_that_resembles_it(bring: Bring) -> None:
    result = bring("visits", "client_ref,started_at,Date,amount,Total,store_code\n,2025-03-04,x,5,y,S1\n")
    assert [str(finding) for finding in result.findings] == [
        "These columns mean nothing here and are ignored: Date, Total."
    ]


@pytest.mark.usefixtures("stores")
def test_a_column_can_be_left_out(bring: Bring) -> None:
    bring("visits", "client_ref,Date,amount,Time,store_code\n,2025-03-04,5,x,S1\n", mapping={"Time": "-"})
    assert Visit.objects.get().day == date(2025, 3, 4)


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.usefixtures("stores")
def test_a_workbook(bring: Bring) -> None:
    content = workbook(
        [],
        ["client_ref", "started_at", "amount", "store_code", "visit_ref", "paid_by_card", None],
        [1001, datetime.fromisoformat("2025-03-04 10:30"), 80.5, "S1", 7.0, True, None],
        [],
        [1001, date(2025, 3, 5), 1234.567, "S1", "8", None, None],
        ["A", "2025-03-06 11:00", "1,280.00", "S1", 9, "no", None],
    )
    result = bring("visits", content, create_missing=True)
    assert (result.rows, result.created) == (3, 3)
    found = Visit.objects.order_by("day").values_list(
        "client__ref", "ref", "start_time", "lines__amount", "lines__paid_by_card"
    )
    assert [(ref, receipt, time.isoformat(), amount, card) for ref, receipt, time, amount, card in found] == [
        ("1001", "7", "10:30:00", Decimal("80.50"), True),
        ("1001", "8", "00:00:00", Decimal("1234.57"), False),
        ("A", "9", "11:00:00", Decimal("1280.00"), False),
    ]


@pytest.mark.usefixtures("stores")
def test_dates_of_a_workbook_need_no_format_beside_texts_that_do(bring: Bring) -> None:
    head = ["client_ref", "started_at", "amount", "store_code"]
    content = workbook(head, [None, date(2025, 3, 4), 1, "S1"], [None, "03/05/2025", 1, "S1"])
    bring("visits", content, date_format="%m/%d/%Y")
    assert sorted(Visit.objects.values_list("day", flat=True)) == [date(2025, 3, 4), date(2025, 3, 5)]


@pytest.mark.usefixtures("stores")
def test_a_workbook_row_is_named_by_its_number(refusal: Callable[..., list[str]]) -> None:
    content = workbook([], ["started_at", "amount", "store_code"], [], ["x", 1, "S1"])
    assert refusal("visits", content) == ["line 4, started_at: “x” is no date."]


def test_a_large_file_is_read_in_pieces(write: Write) -> None:
    rows = "\n".join(f"C{number},Ann" for number in range(10_000))
    source = FileSource(write(f"client_ref,name\n{rows}\n"), "clients", ImportOptions())
    chunks = list(source.chunks())
    assert [len(chunk.cells) for chunk in chunks] == [4000, 4000, 2000]
    assert [chunk.lines[0] for chunk in chunks] == [2, 4002, 8002]
    assert source.total_lines == 10_001
