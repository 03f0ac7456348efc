"""Where the table is in a file: titles above, totals below, headings in two rows, merged cells, several sheets."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from core.clients.models import Client
from core.imports.services.files.sieve import Sieve
from core.imports.services.results import ImportRefused, ImportResult
from core.shared.errors import AppError
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
HEADINGS = ["单号", "消费时间", "会员号", "项目", "实收金额"]
ROWS = [["R1", "2025-03-05", "M1", "剪发", 88], ["R2", "2025-04-06", "M1", "烫发", 288]]
TOTALS = ["合计", None, None, None, 376]
OPTIONS = {"store": "S1", "create_missing": True}
pytestmark = pytest.mark.usefixtures("stores")


def text(*rows: Sequence[object]) -> str:
    return "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """A workbook with a sheet for each name."""

    def book(*, change: Callable[[Workbook], None] | None = None, **sheets: Sequence[Sequence[object]]) -> Path:
        made = Workbook()
        made.remove(made.worksheets[0])
        for name, rows in sheets.items():
            sheet = made.create_sheet(name)
            for row in rows:
                sheet.append(row)
        if change:
            change(made)
        made.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    return book


def found(result: ImportResult, code: str) -> tuple[int | None, int, tuple[str, ...]]:
    (finding,) = (one for one in result.findings if one.code == code)
    return finding.line, finding.rows, finding.examples


def amounts() -> list[int]:
    return sorted(map(int, VisitLine.objects.values_list("amount", flat=True)))


@pytest.mark.parametrize("above", [1, 3, 49])
def test_titles_above_the_headings(bring: Bring, above: int) -> None:
    titles = [["某某美容 消费明细表"], ["统计日期：2025-03-01 至 2025-04-30"], ["打印人", "王芳"]] + [["x"]] * 50
    result = bring("visits", text(*titles[:above], HEADINGS, *ROWS), **OPTIONS)
    assert (result.rows, result.created) == (2, 2)
    assert found(result, "rows_above")[:2] == (1, above)


def test_titles_with_blank_rows_in_a_workbook(bring: Bring, book: Callable[..., Path]) -> None:
    path = book(明细=[["消费明细表"], [], ["2025-03-01 至 2025-04-30"], [], HEADINGS, *ROWS])
    assert bring("visits", path, **OPTIONS).created == 2


def test_titles_above_headings_that_are_not_known(bring: Bring) -> None:
    """The first row as wide as the table has them."""
    rows = text(["Report"], ["Who", "When", "How much"], ["C1", "2025-03-05", 5], ["C2", "2025-03-06", 6])
    mapping = {"Who": "client_ref", "When": "started_at", "How much": "amount"}
    assert bring("visits", rows, mapping=mapping, **OPTIONS).created == 2


def test_a_semicolon_below_a_title_with_commas(bring: Bring) -> None:
    rows = "Sales, by day, all stores\n" + text(HEADINGS, *ROWS).replace(",", ";").replace("88", "88,50")
    bring("visits", rows, **OPTIONS)
    assert amounts() == [88, 288]


@pytest.mark.parametrize(
    "label",
    [
        *(
            "合计",
            "总计：",
            "小 计",
            "Total",
            "GRAND TOTAL",
            "Sub-total",
            "Anna Total",
            "合计(2笔)",
            "Total (2 rows)",
            "平均",
        ),
        *("Gesamtsumme", "Zwischensumme", "Total general", "Total général", "Sous-total", "Summe für Anna", "Average"),
    ],
)
def test_totals(bring: Bring, label: str) -> None:
    total = [label, None, None, None, 88]
    result = bring("visits", text(HEADINGS, ROWS[0], total, ROWS[1], total), **OPTIONS)
    assert (result.rows, amounts()) == (2, [88, 288])
    assert found(result, "totals") == (3, 2, (f"{label} · 88", f"{label} · 88"))


def test_a_total_of_a_day(bring: Bring) -> None:
    headings = ["消费时间", "会员号", "项目", "实收金额"]
    days = [["2025-03-05", "M1", "剪发", 88], ["2025-03-05", "合计", None, 88], ["2025-03-06", "Total", None, 90]]
    result = bring("visits", text(headings, *days), **OPTIONS)
    assert found(result, "totals") == (3, 2, ("2025-03-05 · 合计 · 88", "2025-03-06 · Total · 90"))


def test_a_total_behind_a_blank_cell(bring: Bring) -> None:
    bring("visits", text(HEADINGS, *ROWS, [None, None, None, "合计", 376]), **OPTIONS)
    assert amounts() == [88, 288]


@pytest.mark.parametrize(
    "row",
    [
        ["Total", "2025-03-05", "", "剪发", 5],
        ["合计", "2025-03-05", "", "", 5],
        ["Total care", "2025-03-05", "M1", "", 5],
        ["R9", "2025-03-05", "合计", "", 5],
        ["R9", "2025-03-05", "Grand total", "", 5],
    ],
)
def test_a_record_is_no_total(bring: Bring, row: list[object]) -> None:
    bring("visits", text(HEADINGS, row), **OPTIONS)
    assert amounts() == [5]


def test_narrow_tables_keep_rows_of_one_cell() -> None:
    rows = [["Total", ""], ["Printed", ""]]
    assert Sieve([["client_ref", "name"]]).strain([2, 3], rows) == ([2, 3], rows)


def test_remarks_below(bring: Bring) -> None:
    rows = text(HEADINGS, *ROWS, ["制表人：王芳"], ["共2条记录"], ["Printed on 2025-05-01"], ["总人数：2"])
    rows += text(["总计2笔 共376元"], ["店长签字：____"])
    assert found(bring("visits", rows, **OPTIONS), "footer")[:2] == (4, 6)


def test_headings_that_come_again(bring: Bring) -> None:
    result = bring("visits", text(HEADINGS, ROWS[0], HEADINGS, ROWS[1], HEADINGS), **OPTIONS)
    assert (result.rows, found(result, "repeated_headings")[:2]) == (2, (3, 2))


def test_a_file_behind_another(bring: Bring) -> None:
    """Put together by a program that kept the mark of the encoding."""
    content = "\ufeff" + text(HEADINGS, ROWS[0]) + "\ufeff" + text(HEADINGS, ROWS[1])
    result = bring("visits", content, **OPTIONS)
    assert (amounts(), found(result, "repeated_headings")[:2]) == ([88, 288], (3, 1))


def test_a_total_with_hard_spaces(bring: Bring) -> None:
    rows = text(HEADINGS, *ROWS) + "Total général,,,,1\u00a0279\u202f € \n"
    bring("visits", rows, **OPTIONS)
    assert amounts() == [88, 288]


def test_group_names_above_the_headings(bring: Bring, book: Callable[..., Path]) -> None:
    def merge(made: Workbook) -> None:
        sheet = made.worksheets[0]
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:C1")

    rows = [["会员编号", "基础信息", None, "手机号"], [None, "姓名", "性别", None], ["M1", "王一", "女", "13800000001"]]
    bring("clients", book(change=merge, 客户=rows))
    assert Client.objects.values_list("ref", "name", "phone").get() == ("M1", "王一", "13800000001")


def test_headings_merged_over_both_rows(bring: Bring, book: Callable[..., Path]) -> None:
    head = [["消费时间", "会员号", "项目", "金额", None], [None, None, None, "原价", "实收"]]

    def merge(made: Workbook) -> None:
        for cells in ("A1:A2", "B1:B2", "C1:C2", "D1:E1"):
            made.worksheets[0].merge_cells(cells)

    bring("visits", book(change=merge, 明细=[*head, ["2025-03-05", "M1", "剪发", 100, 88]]), **OPTIONS)
    assert amounts() == [88]


def test_headings_that_only_their_group_explains(bring: Bring) -> None:
    head = [["Visit", "", "Customer", "", "Sale", ""], ["No.", "Date", "ID", "Name", "Service", "Net"]]
    bring("visits", text(*head, ["A1", "2025-03-05", "M1", "Anna", "Cut", 88]), **OPTIONS)
    assert Client.objects.get().ref == "M1"
    assert Visit.objects.get().ref == "A1"


def test_headings_alike_are_told_apart_by_their_group(refusal: Callable[..., list[str]]) -> None:
    rows = text([None, None, "实收", "应收"], ["消费时间", "会员号", "现金", "现金"], ["2025-03-05", "M1", 1, 2])
    (said,) = refusal("visits", rows, mapping={"没有": "amount"}, **OPTIONS)
    assert "消费时间, 会员号, 实收 现金, 应收 现金" in said


def test_a_merged_cell_speaks_for_its_rows(bring: Bring, book: Callable[..., Path]) -> None:
    def merge(made: Workbook) -> None:
        sheet: Worksheet = made.worksheets[0]
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("B2:B4")
        sheet.merge_cells("C2:C4")

    rows = [
        HEADINGS,
        ["R1", "2025-03-05", "M1", "剪发", 1],
        [None, None, None, "烫发", 2],
        [None, None, None, "护理", 3],
    ]
    bring("visits", book(change=merge, 明细=[*rows, ["R2", "2025-03-06", None, "剪发", 4]]), **OPTIONS)
    assert list(Visit.objects.order_by("ref").values_list("ref", "client__ref")) == [("R1", "M1"), ("R2", None)]
    assert amounts() == [1, 2, 3, 4]


def test_an_amount_over_several_rows_is_asked_about(bring: Bring, book: Callable[..., Path]) -> None:
    def merge(made: Workbook) -> None:
        made.worksheets[0].merge_cells("E2:E3")

    rows = [HEADINGS, ["R1", "2025-03-05", "M1", "剪发", 100], ["R1", "2025-03-05", "M1", "烫发"], ROWS[1]]
    path = book(change=merge, 明细=rows)
    with pytest.raises(ImportRefused) as refused:
        bring("visits", path, **OPTIONS)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.rows) == ("merged:amount", 1)
    bring("visits", path, answers={"merged:amount": "each"}, **OPTIONS)
    assert amounts() == [100, 100, 288]
    bring("visits", path, answers={"merged:amount": "together"}, **OPTIONS)
    assert amounts() == [0, 100, 288]


def test_the_sheet_whose_headings_are_known_is_read(bring: Bring, book: Callable[..., Path]) -> None:
    result = bring(
        "visits",
        book(说明=[["本表由系统导出"]], 汇总=[["项目", "数量"], ["剪发", 3]], 明细=[HEADINGS, *ROWS]),
        **OPTIONS,
    )
    assert result.created == 2
    assert str(result.findings[0]) == "The sheet “明细” was read. Others were not: 说明, 汇总."


def test_a_sheet_with_other_headings_that_could_be_meant_is_warned_of(bring: Bring, book: Callable[..., Path]) -> None:
    others = [["日期", "会员", "实收"], ["2025-05-05", "M1", 5]]
    result = bring("visits", book(三月=[HEADINGS, *ROWS], 四月=others, 汇总=[["项目", "数量"], ["剪发", 3]]), **OPTIONS)
    assert amounts() == [88, 288]
    (finding,) = (one for one in result.findings if one.code == "sheet_chosen")
    assert finding.level == "warning"
    assert finding.message.endswith("Others were not: 四月, 汇总. Look whether they are meant, too: 四月.")


def test_a_sheet_with_amounts_is_taken_before_one_with_more_headings(bring: Bring, book: Callable[..., Path]) -> None:
    register = [
        ["会员号", "姓名", "手机号", "性别", "生日", "日期"],
        ["M1", "王一", "13800000001", "女", "", "2024-01-01"],
    ]
    bring("visits", book(会员=register, 消费=[HEADINGS, *ROWS]), **OPTIONS)
    assert amounts() == [88, 288]


def test_hidden_sheets_are_not_read(bring: Bring, book: Callable[..., Path]) -> None:
    def hide(made: Workbook) -> None:
        made.worksheets[0].sheet_state = "veryHidden"

    path = book(change=hide, 模板=[HEADINGS, ["R0", "2024-01-01", "M0", "剪发", 1]], 明细=[HEADINGS, *ROWS])
    result = bring("visits", path, **OPTIONS)
    assert amounts() == [88, 288]
    assert "Hidden ones are not read: 模板." in str(result.findings[0])


def test_rows_that_a_filter_hides_are_read_and_told_of(bring: Bring, book: Callable[..., Path]) -> None:
    def hide(made: Workbook) -> None:
        made.worksheets[0].row_dimensions[3].hidden = True

    result = bring("visits", book(change=hide, 明细=[HEADINGS, *ROWS]), **OPTIONS)
    assert amounts() == [88, 288]
    [told] = [finding for finding in result.findings if finding.code == "hidden_rows"]
    assert (told.level, told.rows, told.line, len(told.examples)) == ("warning", 1, 3, 1)


def test_a_hidden_row_above_the_headings_is_nothing(bring: Bring, book: Callable[..., Path]) -> None:
    def hide(made: Workbook) -> None:
        made.worksheets[0].row_dimensions[1].hidden = True

    result = bring("visits", book(change=hide, 明细=[HEADINGS, *ROWS]), **OPTIONS)
    assert "hidden_rows" not in {finding.code for finding in result.findings}


def test_a_sheet_and_rows_that_were_said(bring: Bring, book: Callable[..., Path]) -> None:
    path = book(一=[HEADINGS, *ROWS], 二=[HEADINGS, ["x"], HEADINGS, *ROWS])
    result = bring("visits", path, sheet="二", heading_row=3, last_row=4, **OPTIONS)
    assert (result.rows, amounts()) == (1, [88])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sheet": "三"}, "The workbook has no sheet “三”. Its sheets are: 一, 二."),
        ({"heading_row": 99}, "Row 99 is blank, or not among the first rows of the file."),
    ],
)
def test_a_layout_that_is_not_there(
    refusal: Callable[..., list[str]], book: Callable[..., Path], options: dict[str, object], message: str
) -> None:
    (said,) = refusal("visits", book(一=[HEADINGS, *ROWS], 二=[HEADINGS]), **options, **OPTIONS)
    assert said.startswith(message)


def test_formulas_without_results(bring: Bring, book: Callable[..., Path]) -> None:
    rows = [HEADINGS, ["R1", "2025-03-05", '="M"&"1"', "剪发", 1], ["合计", None, None, None, "=SUM(E2:E2)"]]
    with pytest.raises(AppError) as refused:
        bring("visits", book(明细=rows), **OPTIONS)
    message = "The column “会员号” holds formulas without results, first in row 2. Open the file in Excel or WPS"
    assert str(refused.value.message).startswith(message)
    assert not Visit.objects.exists()


def test_formulas_beside_the_point(bring: Bring, book: Callable[..., Path]) -> None:
    """In a column that is not read, in a row of totals, in rows that hold nothing else."""
    rows = [[*HEADINGS, "税"], [*ROWS[0], "=E2*0.1"], ["合计", None, None, None, "=SUM(E2:E2)"], [None, None, "=A9"]]
    assert bring("visits", book(明细=rows), **OPTIONS).rows == 1
