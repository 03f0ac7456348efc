"""The page shows the first rows with what each was taken for, and lets the user correct it."""

import io

import pytest
from openpyxl import Workbook

from core.imports.models import ImportRun
from core.stores.models import Store
from tests.plugins.imports import Importer
from tests.plugins.salons import text_of

ROWS = "日期,会员号,实收金额\n2025-03-05,M1,88\n2025-04-06,M1,99\n合计,,187\n"


def roles(importer: Importer, run: ImportRun) -> list[tuple[int, str]]:
    form = importer.client.get(f"/imports/{run.pk}/").context["form"]
    return [(one.row.line, str(one.role)) for one in form.first_rows]


def headings(importer: Importer, run: ImportRun) -> list[str]:
    return [column.heading for column, _field in importer.client.get(f"/imports/{run.pk}/").context["form"].columns]


def test_what_each_row_was_taken_for(importer: Importer, store: Store) -> None:
    run = importer.uploaded("消费明细\n" + ROWS)
    assert roles(importer, run) == [
        (1, "left out"), (2, "headings"), (3, ""), (4, ""), (5, "left out: totals"),
    ]  # fmt: skip
    importer.check(run, store="S001", create_missing="on")
    assert (run.status, run.summary["rows"]) == ("done", 2)
    assert run.options["heading_row"] is None
    assert "1 row holds totals and was left out." in text_of(importer.client.get(f"/imports/{run.pk}/"))


def test_another_row_of_headings_and_the_last_row(importer: Importer, store: Store) -> None:
    run = importer.uploaded("Kunde,Tag,Preis\n会员号,日期,实收金额\nM1,2025-03-05,88\nM1,2025-04-06,99\n")
    assert headings(importer, run) == ["会员号", "日期", "实收金额"]
    importer.check(run, heading_row="1")
    assert headings(importer, run) == ["Kunde", "Tag", "Preis"]
    importer.check(run, heading_row="2")
    importer.check(run, last_row="3")
    assert roles(importer, run)[-1] == (4, "left out")
    importer.check(run, store="S001", create_missing="on")
    assert (run.status, run.summary["rows"]) == ("done", 1)


def test_a_row_that_is_none(importer: Importer, store: Store) -> None:
    run = importer.uploaded(ROWS)
    response = importer.check(run, heading_row="x")
    assert response.status_code == 400
    assert "Choose the row of the headings." in text_of(response)


def test_another_sheet(importer: Importer, store: Store) -> None:
    book = Workbook()
    for name in ("一月", "二月"):
        sheet = book.create_sheet(name)
        sheet.append(["日期", "会员号", "实收金额", name])
        sheet.append(["2025-03-05", "M1", 88, ""])
    out = io.BytesIO()
    book.save(out)
    run = importer.uploaded(out.getvalue(), name="book.xlsx")
    assert headings(importer, run)[-1] == "一月"
    importer.check(run, sheet="二月")
    assert headings(importer, run)[-1] == "二月"
    importer.check(run, store="S001", create_missing="on")
    assert (run.status, run.options["sheet"]) == ("done", "二月")


def test_another_encoding(importer: Importer, store: Store) -> None:
    run = importer.uploaded("date,client,amount,메모\n2025-03-05,김민지,88,\n".encode("cp949"))
    importer.check(run, encoding="gb18030")
    assert headings(importer, run)[-1] != "메모"
    importer.check(run, encoding="cp949", store="S001", create_missing="on")
    assert headings(importer, run)[-1] == "메모"


@pytest.mark.usefixtures("store")
def test_likely_readings_have_to_be_chosen_from(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.imports.services.encoding_question._OF_CURRENCY", {})
    run = importer.uploaded("date,client,amount\n2025-03-05,미나,88\n".encode("cp949"))
    response = importer.check(run)
    assert response.status_code == 400
    assert "The text can be read in several ways. Choose the one that reads well." in text_of(response)
    assert "Korean (CP949, EUC-KR): 2025-03-05,미나,88" in text_of(response)
    importer.check(run, encoding="cp949")
    assert importer.check(run, store="S001", create_missing="on").status_code == 302
    assert run.status == "done"
