"""A file that comes up in pieces, in a real browser: the connection is cut, the page loaded anew, the form refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, Request, Route, expect
from pytest_django import Settings

from core.imports.models import ImportRun, Upload
from core.imports.runs.resumable import PIECE
from core.imports.runs.uploads import upload_path
from core.stores.models import Store
from tests.e2e.conftest import Site, Visitor, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
ROW = "{number},04/17/2018,Cut,KERT{number},82\n"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Of three pieces."""
    path = tmp_path / "large.csv"
    rows = "".join(ROW.format(number=number) for number in range(20_000))
    path.write_text("Receipt,Date,Description,Client,Amount\n" + rows * (1 + (PIECE * 5 // 2) // len(rows)))
    assert 2 * PIECE < path.stat().st_size < 3 * PIECE + len(rows)
    return path


@pytest.fixture
def page(empty_site: Site, visit: Visit) -> Page:
    page = visit().page
    empty_site.sign_in(page, "hq@acme.test")
    page.goto(f"{empty_site.url}/imports/new/?kind=visits")
    return page


class Pieces:
    """What the browser sends, of which some are cut off or held."""

    def __init__(self, page: Page) -> None:
        self.offsets: list[int] = []
        self.cut: set[int] = set()
        page.route("**/imports/uploads/*/", self._on_request)

    def _on_request(self, route: Route, request: Request) -> None:
        if request.method != "PATCH":
            route.continue_()
            return
        self.offsets.append(int(request.headers["upload-offset"]))
        if len(self.offsets) - 1 in self.cut:
            route.abort("connectionreset")
        else:
            route.continue_()


def choose(page: Page, path: Path) -> None:
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload and look").click()


def only_run(site: Site) -> ImportRun:
    with tenant_context(site.chain):
        return ImportRun.objects.get()


def test_a_lost_connection_costs_a_piece(empty_site: Site, page: Page, large: Path) -> None:
    pieces = Pieces(page)
    # The second of them does not come while one looks at the page.
    pieces.cut = set(range(1, 100))
    choose(page, large)
    expect(page.get_by_role("status")).to_have_text(
        "The connection is lost. The upload goes on by itself once it is back."
    )
    expect(page.get_by_role("progressbar", name="Uploading")).to_be_visible()
    look(page)
    pieces.cut = set()
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible(timeout=60_000)
    assert pieces.offsets[:3] == [0, PIECE, PIECE]
    assert pieces.offsets[-2:] == [PIECE, 2 * PIECE]
    assert set(pieces.offsets) == {0, PIECE, 2 * PIECE}
    with tenant_context(empty_site.chain):
        assert upload_path(only_run(empty_site).path).read_bytes() == large.read_bytes()
        assert not Upload.objects.exists()


def test_after_a_reload_the_same_file_goes_on(empty_site: Site, page: Page, large: Path) -> None:
    pieces = Pieces(page)
    pieces.cut = set(range(1, 100))
    choose(page, large)
    expect(page.get_by_role("status")).to_contain_text("The connection is lost.")
    page.reload()
    expect(page.get_by_role("heading", name="Unfinished uploads")).to_be_visible()
    expect(page.get_by_text("large.csv")).to_be_visible()
    look(page)
    pieces.cut = set()
    pieces.offsets = []
    choose(page, large)
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible(timeout=60_000)
    assert pieces.offsets == [PIECE, 2 * PIECE]
    with tenant_context(empty_site.chain):
        assert upload_path(only_run(empty_site).path).read_bytes() == large.read_bytes()


def test_it_can_be_stopped_and_gone_on_with(empty_site: Site, page: Page, large: Path) -> None:
    pieces = Pieces(page)
    pieces.cut = set(range(1, 100))
    choose(page, large)
    expect(page.get_by_role("status")).to_contain_text("The connection is lost.")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status")).to_contain_text("Stopped. Upload the same file again")
    pieces.cut = set()
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible(timeout=60_000)
    assert pieces.offsets[-2:] == [PIECE, 2 * PIECE]


def test_a_file_that_is_too_large_is_refused_before_it_comes(
    empty_site: Site, page: Page, large: Path, settings: Settings
) -> None:
    settings.IMPORT_LARGEST_FILE = 1024 * 1024
    pieces = Pieces(page)
    choose(page, large)
    expect(page.get_by_role("status")).to_contain_text("The file is larger than 1.0 MB. Split it")
    assert pieces.offsets == []
    look(page)


def test_who_was_signed_out_is_told(empty_site: Site, page: Page, large: Path) -> None:
    page.context.clear_cookies(name=site_settings.SESSION_COOKIE_NAME)
    choose(page, large)
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")


def test_the_file_is_kept_through_a_refusal(empty_site: Site, page: Page, large: Path) -> None:
    """As of a browser that lets a form go without a kind."""
    page.evaluate("document.querySelector('input[name=kind][value=visits]').value = 'recipes'")
    choose(page, large)
    expect(page.get_by_text("large.csv")).to_be_visible()
    expect(page.get_by_label("Another file instead")).to_be_visible()
    look(page)
    page.get_by_label("Visits").check()
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible(timeout=60_000)
    assert only_run(empty_site).file_name == "large.csv"


def test_a_remembered_file_is_two_clicks(empty_site: Site, page: Page, tmp_path: Path) -> None:
    """From the list: the file is chosen, looked at, and imported."""
    january, february = tmp_path / "January.csv", tmp_path / "February.csv"
    january.write_text("code,name,city\nS1,One,上海\n")
    february.write_text("code,name,city\nS2,Two,北京\n")
    page.get_by_label("Stores").check()
    choose(page, january)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("link", name="See the stores")).to_be_visible()
    page.goto(f"{empty_site.url}/imports/")
    look(page)
    page.get_by_label("Next file", exact=True).set_input_files(february)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("link", name="See the stores")).to_be_visible()
    with tenant_context(empty_site.chain):
        assert set(Store.objects.values_list("code", flat=True)) == {"S1", "S2"}


def test_several_files_at_once(empty_site: Site, page: Page, large: Path) -> None:
    paths = [large.with_name(f"{month}.csv") for month in ("January", "February")]
    for path in paths:
        path.write_text("Receipt,Date,Description,Client,Amount\n" + ROW.format(number=1))
    page.get_by_label("File", exact=True).set_input_files(paths)
    page.get_by_role("button", name="Upload and look").click()
    page.wait_for_url("**/imports/")
    with tenant_context(empty_site.chain):
        assert set(ImportRun.objects.values_list("file_name", flat=True)) == {"January.csv", "February.csv"}


def test_pasted_cells_of_more_than_a_form_holds(empty_site: Site, page: Page) -> None:
    cells = "Date\tClient\tAmount\n" + "2025-03-05\tKERT\t82\n" * 200_000
    assert len(cells) > 3_000_000
    page.get_by_text("Or paste cells").click()
    page.evaluate("text => { document.querySelector(\"textarea[name='pasted']\").value = text; }", cells)
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible(timeout=60_000)
    run = only_run(empty_site)
    assert run.file_name == "Pasted cells"
    with tenant_context(empty_site.chain):
        assert upload_path(run.path).read_text() == cells
