"""The whole job in a real browser: sign in, upload with mapping, look, drill down, export."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RECEIPTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "salon_receipts" / "receipts.csv"
STORES = "store_code,name,city,city_tier,region\nS1,The salon,Vancouver,Metropolis,West\n"
MAPPING = {
    "Receipt": "visit_ref",
    "Date": "started_at",
    "Description": "item",
    "Client": "client_ref",
    "Staff": "staff_code",
    "Quantity": "quantity",
    "Amount": "amount",
    "GST": "-",
    "PST": "-",
}


@pytest.mark.skipif(not RECEIPTS.exists(), reason=f"the real data is not here: {RECEIPTS}")
def test_a_chains_visits_in_repurchase_rates_out(
    empty_site: Site, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    visitor = visit()
    page = visitor.page
    empty_site.sign_in(page, "hq@acme.test")
    expect(page.get_by_role("heading", name="No visits yet")).to_be_visible()
    page.get_by_role("link", name="Import stores").click()

    stores = tmp_path / "stores.csv"
    stores.write_text(STORES)
    upload(page, "Stores", stores)
    check_and_import(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Imports").click()
    page.get_by_role("link", name="Import a file").click()
    upload(page, "Visits", RECEIPTS)
    for column, field in MAPPING.items():
        page.get_by_label(column, exact=True).select_option(field)
    page.get_by_label("“03/15/2018” is 15 Mar 2018").check()
    page.get_by_label("Store of rows that name none").select_option("S1")
    page.get_by_label("Add what is not known yet").check()
    check_and_import(page)

    page.get_by_role("link", name="See repurchase").click()
    page.locator("summary.pick").click()
    page.get_by_role("link", name="2018", exact=True).click()
    expect(page.locator(".say")).to_contain_text("of 767 clients came back in 2018")
    expect(page.get_by_role("cell", name="314").first).to_be_visible()
    page.wait_for_selector(".chart svg")

    drill_down(page)
    export(page)
    assert visitor.complaints == []


def upload(page: Page, kind: str, path: Path) -> None:
    page.get_by_label(kind, exact=True).check()
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible()


def check_and_import(page: Page) -> None:
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="The file is sound")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("h1 .chip.good")).to_be_visible(timeout=60_000)


def drill_down(page: Page) -> None:
    report = page.url
    table = page.get_by_role("region", name="By city tier")
    table.get_by_role("link", name="Metropolis").click()
    page.get_by_role("region", name="By city").get_by_role("link", name="Vancouver").click()
    page.get_by_role("region", name="By store").get_by_role("link", name="The salon").click()
    expect(page.locator(".say")).to_contain_text("of 767 clients came back in 2018")
    page.get_by_role("link", name="Came back: 314").click()
    page.get_by_role("region", name="Clients").get_by_role("row").nth(1).get_by_role("link").first.click()
    expect(page.get_by_role("region", name="Visits")).to_be_visible()
    page.goto(report)


def export(page: Page) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    assert waiting.value.suggested_filename.endswith("_repurchase_rate_city_tier_2018-01-01_2019-01-01.csv")
    rows = list(csv.reader(io.StringIO(waiting.value.path().read_text(encoding="utf-8-sig"))))
    assert rows[1][:4] == ["Metropolis", "Metropolis", "767", "314"]
    with page.expect_download() as waiting:
        page.get_by_role("link", name="XLSX").click()
    sheet = load_workbook(io.BytesIO(waiting.value.path().read_bytes())).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][:4] == ["Metropolis", "Metropolis", 767, 314]
