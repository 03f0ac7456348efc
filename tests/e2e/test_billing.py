"""An owner in a real browser: from trial to paid, to a renewal that fails, to recovery, to the end."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect
from pytest_django import Settings

from billing.services.access import open_account
from billing.stripe_catalogue import sync_plans
from core.accounts.models import User
from core.stores.services.stores import open_store
from tests.e2e.conftest import Site, Visitor
from tests.plugins.chains import PASSWORD
from tests.plugins.stripe import StripeServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
GOOD, FAILS_LATER = "4242424242424242", "4000000000000341"


@pytest.fixture
def site(empty_site: Site, stripe_server: StripeServer, settings: Settings, port: int) -> Iterator[Site]:
    """With an owner, a store, a trial, and Stripe's events delivered."""
    settings.STRIPE_PAGES = [stripe_server.url]
    stripe_server.send_events_to(f"http://localhost:{port}/billing/webhook/")
    sync_plans()
    open_account(chain=empty_site.chain)
    with tenant_context(empty_site.chain):
        known = {"password": make_password(PASSWORD), "email_confirmed_at": timezone.now(), "language": "en"}
        User.objects.create(email="owner@acme.test", name="Li", role=User.Role.OWNER, **known)
        open_store(code="S1", name="One", city="上海", city_tier="一线", region="华东")
    yield empty_site
    # No event is to come in where no database may be used.
    stripe_server.send_events_to("")


def use_card(page: Page, number: str) -> None:
    page.locator("[name=card_number]").fill(number)


def change_card(page: Page, stripe_server: StripeServer, number: str) -> None:
    page.wait_for_url(re.compile(re.escape(stripe_server.url)))
    use_card(page, number)
    page.locator("button[value=update_card]").click()
    page.wait_for_load_state("networkidle")


def until_shown(page: Page, url: str, text: str) -> None:
    """Loads the page again until Stripe's events have brought it about: nothing else asks Stripe."""
    deadline = time.monotonic() + 60
    while True:
        page.goto(url)
        if page.get_by_text(text).count():
            return
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        time.sleep(0.2)


def end(page: Page) -> None:
    page.get_by_role("link", name="End the subscription").click()
    page.get_by_role("button", name="End it on").click()
    expect(page.get_by_text("The subscription ends on").first).to_be_visible()


def test_from_trial_to_paid_to_failed_to_recovered_to_ended(
    site: Site, visit: Callable[..., Visitor], stripe_server: StripeServer
) -> None:
    page = visit().page
    site.sign_in(page, "owner@acme.test")
    billing = f"{site.url}/billing/"
    page.goto(billing)
    expect(page.get_by_text("In trial until")).to_be_visible()
    page.get_by_role("link", name="Subscribe").click()
    page.get_by_label("Chain, 1 store: ¥199 a month").check()
    page.get_by_role("button", name="Go on to payment").click()
    page.wait_for_url(re.compile(re.escape(stripe_server.url)))
    for name, text in {"name": "Acme", "line1": "1 Nanjing Road", "city": "Shanghai", "email": "a@acme.test"}.items():
        page.locator(f"[name={name}]").fill(text)
    use_card(page, GOOD)
    page.locator("button[value=pay]:visible").click()
    page.wait_for_url(billing)
    expect(page.get_by_text("Subscribed. The first payment is made on").first).to_be_visible()
    stripe_server.advance(days=16)
    until_shown(page, billing, "Active. The next invoice is made on")
    expect(page.locator("#invoices")).to_contain_text("¥199 paid")
    # The next renewal, for which the card no longer pays.
    page.get_by_role("button", name="Card, billing address, tax numbers").click()
    change_card(page, stripe_server, FAILS_LATER)
    stripe_server.advance(days=31)
    until_shown(page, billing, "A payment is overdue since")
    page.get_by_role("button", name="Pay or change the card").click()
    change_card(page, stripe_server, GOOD)
    page.goto(billing)
    page.get_by_role("link", name="Pay", exact=True).click()
    page.locator("form button").first.click()
    page.wait_for_load_state("networkidle")
    until_shown(page, billing, "Active. The next invoice is made on")
    end(page)
    page.get_by_role("button", name="Go on with the subscription").click()
    expect(page.get_by_text("Active. The next invoice is made on").first).to_be_visible()
    end(page)
    stripe_server.advance(days=31)
    until_shown(page, billing, "The subscription has ended")
    expect(page.get_by_role("link", name="Subscribe")).to_be_visible()
