"""The report as a file: the page's figures, and nothing a spreadsheet would run."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from core.reporting.answers import answer
from core.reporting.question import Question
from core.stores.models import Store, StoreLocation
from tests.plugins.chains import ChainClient

YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
pytestmark = pytest.mark.usefixtures("english")


def csv_rows(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("by", ["city_tier", "store", "staff", "category"])
def test_both_files_hold_the_functions_figures(hq_client: ChainClient, salon: dict[str, Store], by: Any) -> None:
    report = answer(Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by=by))
    rows = csv_rows(hq_client.get("/repurchase/export.csv", {**YEAR, "by": by}))
    content = hq_client.get("/repurchase/export.xlsx", {**YEAR, "by": by}).content
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cells = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    texts = {row[0]: row for row in rows if row}
    for group in report.groups:
        assert texts[group.key][2:5] == [
            str(group.clients),
            str(group.counts["repeat_clients"]),
            str(round(group.value or 0, 6)),
        ]
        assert cells[group.key][2:5] == pytest.approx((group.clients, group.counts["repeat_clients"], group.value))
        assert cells[group.key][5:7] == pytest.approx(group.ci95)
        assert cells[group.key][10:13] == tuple(
            group.counts[f"repeat_{where}"] for where in ("same_store", "same_tier", "elsewhere")
        )


def test_the_name_says_chain_metric_and_period(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    disposition = hq_client.get("/repurchase/export.csv", YEAR).headers["Content-Disposition"]
    assert disposition == 'attachment; filename="acme_repurchase_rate_city_tier_2025-01-01_2026-01-01.csv"'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_formula_in_a_name_stays_a_text(hq_client: ChainClient, salon: dict[str, Store], start: str) -> None:
    evil = f'{start}HYPERLINK("http://evil.test","x")'
    StoreLocation.objects.filter(store=salon["S001"]).update(region=evil)
    rows = csv_rows(hq_client.get("/repurchase/export.csv", {**YEAR, "by": "region"}))
    assert f"'{evil}".replace("\r", "") in {cell.replace("\r", "").replace("\n", "") for row in rows for cell in row}
    assert not any(cell.startswith(("=", "@", "\t", "\r")) for row in rows for cell in row)
    content = hq_client.get("/repurchase/export.xlsx", {**YEAR, "by": "region"}).content
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert any(str(cell.value).startswith("'" + start.strip()) for row in sheet.iter_rows() for cell in row)


def test_bad_input_is_refused_in_words(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.get("/repurchase/export.csv", {**YEAR, "by": "moon"})
    assert response.status_code == 400
    assert "is not known here" in response.content.decode()
