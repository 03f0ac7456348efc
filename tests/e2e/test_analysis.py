"""Questions of headquarters and of a region, in a real browser: from the overview to the clients behind the answer."""

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django_tenants.utils import tenant_context
from playwright.sync_api import expect

from core.accounts.models import User
from core.stores.models import RegionAccess, Store
from tests.e2e.conftest import Site, Visitor, look
from tests.plugins.chains import PASSWORD
from tests.plugins.salons import bring_back_more, open_sisters

pytestmark = [pytest.mark.browser, pytest.mark.slow]
YEAR = "from=2025-01-01&to=2026-01-01"


@pytest.fixture
def sisters(site: Site) -> Site:
    """Nine stores whose tiers differ beyond chance, and a regional manager of 华北."""
    with tenant_context(site.chain):
        open_sisters()
        bring_back_more({store.code: store for store in Store.objects.all()}, User.objects.get(email="hq@acme.test"))
        north = User.objects.create(
            email="north@acme.test",
            name="Wei Sun",
            role=User.Role.REGIONAL_MANAGER,
            password=make_password(PASSWORD),
            email_confirmed_at=timezone.now(),
        )
        RegionAccess.objects.create(user=north, region="华北")
    return site


def test_why_the_third_tier_is_lower_and_whether_it_is_real(sisters: Site, visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.page
    sisters.sign_in(page, "hq@acme.test")
    page.goto(f"{sisters.url}/overview/?{YEAR}")
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
    expect(page.locator(".attn li").first).to_be_visible()
    page.wait_for_selector("#trend-repurchase_rate svg")
    look(page)
    page.get_by_role("link", name="Repurchase rate").click()

    # Real? The test allows for how much stores differ.
    expect(page.locator(".say").first).to_contain_text("differ")
    # Why? One sentence, and the parts of the gap.
    why = page.locator("section#why")
    why.scroll_into_view_if_needed()
    expect(why.locator(".say")).to_contain_text("Third tier")
    # A new page begins when the last one has all its charts.
    page.wait_for_load_state("networkidle")
    why.get_by_label("Split by").select_option(label="New or returning")
    why.get_by_role("button", name="Show").click()
    expect(why.locator(".say")).to_contain_text("Third tier")

    page.wait_for_load_state("networkidle")
    # Who? Down to the store and the clients behind it.
    page.get_by_role("table").get_by_role("link", name="Third tier", exact=True).first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("table").get_by_role("link", name="保定", exact=True).first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("table").get_by_role("link", name="保定时代店", exact=True).first.click()
    expect(page.get_by_role("heading", name="保定时代店")).to_be_visible()
    page.get_by_role("link", name="Not yet: 26").click()
    expect(page.get_by_text("S003-2025-14")).to_be_visible()
    assert visitor.complaints == []


def test_a_regional_manager_sees_the_own_region_and_no_other_place(
    sisters: Site, visit: Callable[..., Visitor]
) -> None:
    visitor = visit(width=390)
    page = visitor.page
    sisters.sign_in(page, "north@acme.test")
    assert page.url.startswith(f"{sisters.url}/overview/")
    for path in (f"/overview/?{YEAR}", f"/stores/regions/?{YEAR}", "/stores/", "/follow-up/"):
        page.goto(f"{sisters.url}{path}")
        page.wait_for_load_state("networkidle")
        expect(page.get_by_text("保定时代店").first).to_be_visible()
        for other in ("上海静安店", "合肥万象店", "华东"):
            expect(page.get_by_text(other)).to_have_count(0)
    page.goto(f"{sisters.url}/stores/regions/?{YEAR}")
    # Beside the chain's own rate, without its sums.
    expect(page.get_by_role("row", name="Chain")).to_contain_text("%")
    # All figures of a place are in sight.
    for cell in page.get_by_role("row", name="保定时代店").get_by_role("cell").all():
        box = cell.bounding_box()
        assert box
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    look(page)
    for path in ("/repurchase/", "/stores/S001/", "/follow-up/stores/S001/"):
        response = page.goto(f"{sisters.url}{path}")
        assert response is not None
        assert response.status in (403, 404), path
