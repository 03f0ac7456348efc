"""Every page in a real browser: accessible in both themes, at home on a phone, useful without a script."""

from collections.abc import Callable

import pytest
from django_tenants.utils import tenant_context
from playwright.sync_api import Route, expect

from core.clients.models import Client
from core.stores.models import Store, StoreGroup
from tests.e2e.conftest import Site, Visitor, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
YEAR = "from=2025-01-01&to=2026-01-01"


def paths(site: Site) -> list[str]:
    with tenant_context(site.chain):
        client = Client.objects.filter(ref="S001-2025-00").get()
        group = StoreGroup.objects.get_or_create(name="试点门店")[0]
        group.members.get_or_create(store=Store.objects.get(code="S001"))
    return [
        f"/repurchase/?{YEAR}",
        f"/repurchase/?{YEAR}&by=store",
        f"/repurchase/?{YEAR}&by=staff&scope=store",
        "/repurchase/?from=2025-06-01&to=2025-01-01",
        f"/repurchase/clients/?{YEAR}&city=上海",
        "/stores/",
        f"/stores/S001/?{YEAR}",
        f"/repurchase/?{YEAR}&print=1",
        f"/stores/S001/?{YEAR}&print=1",
        "/metrics/",
        "/value-segments/thresholds/",
        "/exports/",
        "/cities/",
        "/store-groups/",
        f"/store-groups/{group.pk}/",
        f"/store-groups/{group.pk}/stores/",
        f"/repurchase/?{YEAR}&by=region",
        f"/repurchase/?{YEAR}&by=store_group",
        "/follow-up/",
        "/clients/?q=客",
        f"/clients/{client.pk}/",
        "/imports/",
        "/imports/new/",
        "/team/roles/",
        "/no/such/page/",
    ]


def test_axe_finds_nothing_and_nothing_overflows(site: Site, visit: Visit) -> None:
    visitor = visit()
    site.sign_in(visitor.page, "hq@acme.test")
    for path in paths(site):
        visitor.page.goto(site.url + path)
        visitor.page.wait_for_load_state("networkidle")
        look(visitor.page)
    expected = [text for text in visitor.complaints if "400 (Bad Request)" in text or "404 (Not Found)" in text]
    assert visitor.complaints == expected


def test_sign_in_is_accessible(empty_site: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.page.goto(empty_site.url)
    look(visitor.page)


def test_a_slash_moves_to_the_search_and_the_first_tab_skips_to_the_content(site: Site, visit: Visit) -> None:
    page = visit().page
    site.sign_in(page, "hq@acme.test")
    page.goto(f"{site.url}/clients/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("/")
    page.keyboard.type("S002-2025-03")
    page.keyboard.press("Enter")
    page.wait_for_url("**/clients/?q=S002-2025-03")
    assert page.get_by_role("row").count() == 2


def test_menus_and_the_definition_open_by_keyboard(site: Site, visit: Visit) -> None:
    page = visit().page
    site.sign_in(page, "hq@acme.test")
    page.goto(f"{site.url}/repurchase/?{YEAR}")
    page.get_by_role("button", name="Definition, version 2").press("Enter")
    assert page.get_by_role("heading", name="Repurchase rate, version 2").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("heading", name="Repurchase rate, version 2").is_visible()
    page.locator("summary.pick").press("Enter")
    page.get_by_role("link", name="2024", exact=True).click()
    page.wait_for_url("**from=2024-01-01&to=2025-01-01")
    assert "came back in 2024" in page.locator(".say").inner_text()


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_an_open_menu_stays_within_the_window(site: Site, visit: Visit, width: int) -> None:
    page = visit(width=width).page
    site.sign_in(page, "hq@acme.test")
    page.goto(f"{site.url}/repurchase/?{YEAR}")
    menus = page.locator("details.menu")
    for number in range(menus.count()):
        menus.nth(number).locator("summary").click()
        page.wait_for_timeout(50)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), number
        left = menus.nth(number).locator(":scope > div").evaluate("panel => panel.getBoundingClientRect().left")
        assert left >= 0
        page.keyboard.press("Escape")


# Of A4 between its margins.
PAPER_WIDTH = 703


@pytest.mark.parametrize(
    "path", [f"/repurchase/?{YEAR}&by=store", f"/volumes/?{YEAR}&by=store", f"/stores/S001/?{YEAR}"]
)
def test_a_printed_page_is_whole_and_fits_on_paper(site: Site, visit: Visit, path: str) -> None:
    page = visit(width=PAPER_WIDTH).page
    site.sign_in(page, "hq@acme.test")
    page.goto(f"{site.url}{path}&print=1")
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER_WIDTH
    cut = "node => node.getBoundingClientRect().right > innerWidth + 1 || node.scrollWidth > node.clientWidth + 1"
    assert page.locator("td, th, .say, .notes li").evaluate_all(f"nodes => nodes.filter({cut}).length") == 0
    hidden = "nodes => nodes.filter(node => !node.checkVisibility()).length"
    assert page.locator("table td, h2, .notes li, .foot").evaluate_all(hidden) == 0
    assert page.locator("nav, .tools").evaluate_all("nodes => nodes.filter(node => node.checkVisibility()).length") == 0
    assert "definition version 2 · data complete to" in page.locator("main > .foot").inner_text()


def test_it_works_without_a_script(site: Site, visit: Visit) -> None:
    page = visit(scripts=False).page
    site.sign_in(page, "hq@acme.test")
    page.goto(f"{site.url}/repurchase/?{YEAR}")
    page.get_by_role("link", name="Region", exact=True).click()
    assert "by=region" in page.url
    page.get_by_role("link", name="Show the chart").first.click()
    assert page.locator(".chart.wide svg").count() == 1
    page.go_back()
    page.locator("summary.pick").click()
    page.get_by_label("First day").fill("2025-03-01")
    page.get_by_label("Last day").fill("2025-03-31")
    page.get_by_role("button", name="Show this period").click()
    assert page.url.endswith("?from=2025-03-01&to=2025-04-01&by=region")


def test_a_manager_lands_on_the_own_store(site: Site, visit: Visit) -> None:
    visitor = visit()
    site.sign_in(visitor.page, "manager@acme.test")
    assert "/stores/S001/" in visitor.page.url
    visitor.page.wait_for_selector(".chart svg")
    assert "60.0 %" in visitor.page.locator(".lead").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert visitor.page.get_by_role("link", name="Repurchase", exact=True).count() == 0
    visitor.page.get_by_role("button", name="简体中文").click()
    visitor.page.wait_for_selector("html[lang=zh-hans]")
    assert "本店顾客" in visitor.page.content()
    assert visitor.complaints == []


def test_a_chart_that_is_to_come_later_is_asked_for_again(site: Site, visit: Visit) -> None:
    """As when the chain has its share of the server at work."""
    page, refused = visit().page, []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=429, headers={"Retry-After": "1"}, body="")

    site.sign_in(page, "hq@acme.test")
    page.route("**/charts/groups/**", refuse_once)
    # Another year than the first page's, whose chart has been drawn.
    page.goto(f"{site.url}/repurchase/?from=2024-01-01&to=2025-01-01")
    expect(page.locator('.chart-place[hx-get*="/charts/groups/"] svg:visible')).to_be_visible()
    assert len(refused) == 1
