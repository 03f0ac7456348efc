"""The pages of imports in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect

from core.jobs.models import Job
from core.stores.models import Store
from tests.e2e.conftest import Site, Visitor, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
PURCHASES = Path(__file__).resolve().parents[3] / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"
VISITS = "Receipt,Date,Client,Amount,Store\n1,03/04/2018,A,5,S1\n2,04/05/2018,B,lots,S1\n"


@pytest.fixture
def one_store(empty_site: Site) -> Site:
    with tenant_context(empty_site.chain):
        store = Store.objects.create(code="S1", name="The shop")
        store.locations.create(city="Philadelphia", city_tier="", region="")
    return empty_site


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    path = tmp_path / "visits.csv"
    path.write_text(VISITS)
    return path


def upload(site: Site, page: Page, path: Path) -> None:
    page.goto(f"{site.url}/imports/new/?kind=visits")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible()


@pytest.mark.skipif(not PURCHASES.exists(), reason=f"the real data is not here: {PURCHASES}")
def test_a_file_without_headings_parted_by_spaces(one_store: Site, visit: Visit) -> None:
    page = visit().page
    one_store.sign_in(page, "hq@acme.test")
    upload(one_store, page, PURCHASES)
    expect(page.get_by_label("No row holds headings: the columns are named by their place")).to_be_checked()
    for number, field in {1: "client_ref", 2: "-", 3: "started_at", 4: "quantity", 5: "amount"}.items():
        page.get_by_label(f"Column {number}", exact=True).select_option(field)
    page.get_by_label("Store of rows that name none").select_option("S1")
    page.get_by_label("Add what is not known yet").check()
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="The file is sound")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("h1 .chip.good")).to_be_visible(timeout=60_000)
    for end, repeated in (("1998-07-01", "1,139"), ("1997-10-01", "946")):
        page.goto(f"{one_store.url}/repurchase/?from=1997-01-01&to={end}")
        expect(page.locator(".say")).to_contain_text("2,357 clients")
        expect(page.get_by_role("cell", name=repeated, exact=True).first).to_be_visible()


def test_axe_finds_nothing_and_nothing_overflows(one_store: Site, visit: Visit, visits: Path) -> None:
    page = visit().page
    one_store.sign_in(page, "hq@acme.test")
    page.goto(f"{one_store.url}/imports/")
    look(page)
    page.get_by_role("link", name="Import visits").click()
    look(page)
    upload(one_store, page, visits)
    look(page)
    page.get_by_label("Add what is not known yet").uncheck()
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("alert").first).to_contain_text("2 of 2 rows cannot be read")
    look(page)
    page.get_by_label("“03/04/2018” is 4 Mar 2018").check()
    # The answer goes along with the button of another form.
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("“lots” is not a number.")).to_be_visible()
    page.get_by_label("Add what is not known yet").check()
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("“lots” is not a number.")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Import the good rows only").click()
    expect(page.get_by_text("1 row was left out.")).to_be_visible()
    look(page)
    with tenant_context(one_store.chain):
        job = Job.objects.latest("asked_at")
        Job.objects.filter(pk=job.pk).update(state="waiting")
    page.reload()
    look(page)
    with tenant_context(one_store.chain):
        Job.objects.filter(pk=job.pk).update(state="done")
    # The bar asks every second and has the page loaded anew.
    expect(page.get_by_text("1 row was left out.")).to_be_visible()
    page.get_by_role("link", name="Imports").first.click()
    look(page)


def test_it_works_without_a_script(one_store: Site, visit: Visit, visits: Path) -> None:
    page = visit(scripts=False).page
    one_store.sign_in(page, "hq@acme.test")
    upload(one_store, page, visits)
    page.get_by_label("“03/04/2018” is 4 Mar 2018").check()
    page.get_by_label("Add what is not known yet").check()
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import the good rows only").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the rows left out").click()
    assert "lots" in waiting.value.path().read_text(encoding="utf-8-sig")
    with tenant_context(one_store.chain):
        job = Job.objects.latest("asked_at")
        Job.objects.filter(pk=job.pk).update(state="waiting")
    page.reload()
    with tenant_context(one_store.chain):
        Job.objects.filter(pk=job.pk).update(state="done")
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_text("1 row was left out.")).to_be_visible()
