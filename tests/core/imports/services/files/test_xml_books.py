"""XML spreadsheets of Excel 2003, which tills write as .xls."""

from collections.abc import Callable

import pytest

from core.clients.models import Client
from core.imports.services.results import ImportRefused, ImportResult
from core.shared.errors import AppError
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
OPTIONS = {"store": "S1", "create_missing": True}
SPACE = "urn:schemas-microsoft-com:office:spreadsheet"
HEADINGS = ["单号", "消费时间", "会员号", "实收金额"]
pytestmark = pytest.mark.usefixtures("stores", "english")


def cell(content: object, look: str = "", data: str = "") -> str:
    kind = "Number" if isinstance(content, int | float) else "String"
    return f'<Cell {look}><Data ss:Type="{data or kind}">{content}</Data></Cell>'


def row(*cells: object, look: str = "") -> str:
    return f"<Row {look}>{''.join(one if str(one).startswith('<') else cell(one) for one in cells)}</Row>"


def sheet(*rows: str, name: str = "明细", behind: str = "") -> str:
    return f'<Worksheet ss:Name="{name}"><Table>{"".join(rows)}</Table>{behind}</Worksheet>'


def book(*sheets: str, before: str = "", encoding: str = "utf-8") -> bytes:
    text = f"""<?xml version="1.0" encoding="{encoding}"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="{SPACE}" xmlns:ss="{SPACE}" xmlns:x="urn:schemas-microsoft-com:office:excel">{before}"""
    return (text + "".join(sheets) + "</Workbook>").encode(encoding)


def lines() -> list[tuple[str, str, str, int]]:
    rows = VisitLine.objects.values_list("visit__ref", "visit__day", "visit__client__ref", "amount")
    return sorted((ref, f"{day:%m-%d}", client, int(amount)) for ref, day, client, amount in rows)


ROWS = [row("R1", "2025-03-05", "王芳", 88), row("R2", "2025-04-06", "M2", 288)]
READ = [("R1", "03-05", "王芳", 88), ("R2", "04-06", "M2", 288)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb2312"])
@pytest.mark.parametrize("before", [b"", b"\r\n "])
def test_encodings(bring: Bring, encoding: str, before: bytes) -> None:
    content = book(sheet(row("消费明细"), row(*HEADINGS), *ROWS), encoding=encoding)
    bring("visits", content if encoding == "utf-16" else before + content, **OPTIONS)
    assert lines() == READ


def test_places_dates_comments_and_texts_with_a_look(bring: Bring) -> None:
    comment = "<Comment><ss:Data><B>Till:</B> late</ss:Data></Comment>"
    look = '<ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>M</B>2</ss:Data>'
    styles = (
        '<Styles><Style ss:ID="s1"><NumberFormat ss:Format="Short Date"/></Style>'
        '<Style ss:ID="s2"><NumberFormat ss:Format="yyyy\\-mm\\-dd"/></Style></Styles>'
    )
    rows = [
        row("", *HEADINGS, look='ss:Index="3"'),
        row(cell("R1", 'ss:Index="2"'), cell("2025-03-05T10:30:00.000", data="DateTime"),
            f'<Cell><Data ss:Type="String">王芳</Data>{comment}</Cell>', cell(88)),
        row(cell("R2", 'ss:Index="2"'), cell(45753, 'ss:StyleID="s1"'), f"<Cell>{look}</Cell>", cell(288)),
        row(cell("R3", 'ss:Index="2"'), cell(45754.5, 'ss:StyleID="s2"'), "M3", cell("1,088")),
    ]  # fmt: skip
    bring("visits", book(sheet(*rows), before=styles), **OPTIONS)
    assert lines() == [*READ, ("R3", "04-07", "M3", 1088)]
    assert str(Visit.objects.get(ref="R1").start_time) == "10:30:00"


def test_merged_cells_and_hidden_rows(bring: Bring) -> None:
    rows = [
        row("消费明细", look='ss:Hidden="1"'),
        row(*HEADINGS),
        row(cell("R1", 'ss:MergeDown="1"'), cell("2025-03-05", 'ss:MergeDown="1"'), cell("M1", 'ss:MergeDown="1"'), 88),
        row(cell(12, 'ss:Index="4"'), look='ss:Hidden="1"'),
        row("R2", "2025-04-06", "M2", 288),
    ]
    result = bring("visits", book(sheet(*rows)), **OPTIONS)
    assert lines() == [("R1", "03-05", "M1", 12), ("R1", "03-05", "M1", 88), ("R2", "04-06", "M2", 288)]
    (hidden,) = (one for one in result.findings if one.code == "hidden_rows")
    assert (hidden.rows, hidden.line) == (1, 4)


def test_an_amount_over_several_rows_is_asked_about(bring: Bring) -> None:
    rows = [row(*HEADINGS), row("R1", "2025-03-05", "M1", cell(10, 'ss:MergeDown="1"')), row("R2", "2025-03-06", "M2")]
    with pytest.raises(ImportRefused) as refused:
        bring("visits", book(sheet(*rows)), **OPTIONS)
    assert [question.key for question in refused.value.result.open_questions] == ["merged:amount"]
    bring("visits", book(sheet(*rows)), answers={"merged:amount": "together"}, **OPTIONS)
    assert [amount for *_rest, amount in lines()] == [10, 0]


def test_hidden_sheets_are_not_read(bring: Bring) -> None:
    options = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
    old = sheet(row(*HEADINGS), row("R0", "2024-01-01", "M0", 1), name="旧", behind=options)
    result = bring("visits", book(old, sheet(row(*HEADINGS), *ROWS)), **OPTIONS)
    assert lines() == READ
    assert "Hidden ones are not read: 旧." in str(result.findings[0])


def test_numbers_are_counted_from_1904_where_it_says_so(bring: Bring) -> None:
    before = "<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook>"
    bring("visits", book(sheet(row(*HEADINGS), row("R1", 44258, "M1", 1)), before=before), **OPTIONS)
    assert lines() == [("R1", "03-04", "M1", 1)]


def test_formulas_without_results(bring: Bring) -> None:
    rows = [row(*HEADINGS), row("R1", "2025-03-05", "M1", '<Cell ss:Formula="=1+1"/>')]
    with pytest.raises(AppError) as refused:
        bring("visits", book(sheet(*rows)), **OPTIONS)
    assert refused.value.code == "formula_without_result"
    rows[1] = row("R1", "2025-03-05", "M1", '<Cell ss:Formula="=1+1"><Data ss:Type="Number">2</Data></Cell>')
    bring("visits", book(sheet(*rows)), **OPTIONS)
    assert lines() == [("R1", "03-05", "M1", 2)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><Workbook xmlns="%b"/>' % SPACE.encode(),
            "unreadable_workbook",
        ),
        (book(sheet(row("A & B"))), "unreadable_workbook"),
        (book(sheet(row("A", look='ss:Index="9999999"'))), "beyond_sheet"),
        (book(sheet(row(cell("A", 'ss:Index="600"')))), "too_wide"),
        (
            book(sheet(row(*HEADINGS)), encoding="gb2312").replace("单".encode("gb2312"), b"\xff\xff"),
            "unreadable_workbook",
        ),
    ],
)
def test_what_cannot_be_read(bring: Bring, content: bytes, code: str) -> None:
    with pytest.raises(AppError) as refused:
        bring("visits", content, **OPTIONS)
    assert refused.value.code == code
    assert not Client.objects.exists()
