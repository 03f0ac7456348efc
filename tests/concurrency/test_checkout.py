"""Two browser tabs at once, over real connections and against the stand-in for Stripe."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from billing.models import Account
from billing.orders import Order
from billing.services.access import open_account
from billing.services.checkout import ReturnUrls, start_checkout
from billing.services.plan_changes import apply_change, preview_change
from billing.services.stripe_sync import refresh_account
from billing.stripe_catalogue import sync_plans
from core.accounts.models import User
from tenants.models import Chain
from tests.plugins.at_once import at_once
from tests.plugins.chains import make_user, outside_chains
from tests.plugins.stripe import StripeServer

RETURN_URLS = ReturnUrls("http://x.localhost/paid/", "http://x.localhost/")
TABS = 4


@pytest.fixture
def owner(make_committed_chain: Callable[..., Chain], stripe_server: StripeServer) -> Iterator[User]:
    """Of a chain with an account, whose trial is left."""
    chain = make_committed_chain()
    sync_plans()
    open_account(chain=chain)
    with tenant_context(chain):
        yield make_user("owner@acme.test", role=User.Role.OWNER)


def in_tabs(deed: Callable[[Chain, int], Any]) -> list[Any]:
    """What each tab is answered: its result, or the code of its refusal."""
    schema = connection.schema_name  # type: ignore[attr-defined]

    def tab(number: int) -> Callable[[], Any]:
        def run() -> Any:
            chain = Chain.objects.get(schema_name=schema)
            with tenant_context(chain):
                return deed(chain, number)

        return run

    return at_once(*map(tab, range(TABS)))


def account_now() -> Account:
    schema = connection.schema_name  # type: ignore[attr-defined]
    with outside_chains():
        return refresh_account(account_id=Account.objects.get(chain__schema_name=schema).pk)


@pytest.mark.parametrize("intervals", [("month",), ("month", "year")])
def test_all_tabs_are_led_to_one_page(owner: User, stripe_server: StripeServer, intervals: tuple[str, ...]) -> None:
    def subscribe(chain: Chain, number: int) -> str:
        order = Order.parse("chain", intervals[number % len(intervals)], 1)
        return start_checkout(chain, order, currency="CNY", return_urls=RETURN_URLS, acting_user=owner)

    pages = in_tabs(subscribe)
    api = stripe_server.client().v1
    assert len(api.customers.list().data) == 1
    still_open = [found.url for found in api.checkout.sessions.list({"status": "open"}).data]
    assert len(still_open) == 1
    assert set(pages) >= set(still_open)
    assert len({page for page in pages if page in still_open}) == 1
    stripe_server.pay(str(still_open[0]))
    assert account_now().status == "trialing"
    assert len(api.subscriptions.list({"status": "all"}).data) == 1


def test_an_offer_confirmed_in_all_tabs_is_charged_once(owner: User, stripe_server: StripeServer) -> None:
    schema = connection.schema_name  # type: ignore[attr-defined]
    with outside_chains():
        chain = Chain.objects.get(schema_name=schema)
        Account.objects.filter(chain=chain).update(trial_ends_at="2026-01-01T00:00:00Z")
    order = Order.parse("chain", "month", 1)
    stripe_server.pay(start_checkout(chain, order, currency="CNY", return_urls=RETURN_URLS, acting_user=owner))
    account_now()
    token = preview_change(chain, Order.parse("chain", "month", 4), acting_user=owner).token
    ends = in_tabs(lambda chain, _number: apply_change(chain, token, acting_user=owner).quantity)
    assert set(ends) <= {4, "price_moved", "billing_unavailable"}
    assert 4 in ends
    assert account_now().quantity == 4
    customer = account_now().customer_id or ""
    assert len(stripe_server.client().v1.invoices.list({"customer": customer}).data) == 2
