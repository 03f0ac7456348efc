"""The number of stores paid for follows those that close."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from billing import gateway
from billing.models import Account
from billing.reconcile import reconcile
from billing.services import quantity_sync
from billing.services.quantity_sync import schemas_to_sync, sync_quantity
from billing.tasks import sync_all_quantities
from core.accounts.models import User
from core.audit.models import AuditEntry
from core.stores.models import Store
from core.stores.services.stores import close_store, open_store
from tests.billing.conftest import Payer
from tests.plugins.chains import outside_chains


@pytest.fixture
def subscribed(late_payer: Payer) -> Payer:
    late_payer.subscribe("chain.month", 3)
    return late_payer


def close(payer: Payer, *codes: str) -> None:
    for code in codes:
        with tenant_context(payer.account.chain):
            close_store(code=code, closed_on=timezone.localdate(), acting_user=_owner())


def _owner() -> User:
    return User.objects.get(role="owner")


def night(payer: Payer) -> None:
    with outside_chains():
        sync_all_quantities()


def test_a_closed_store_is_given_back_at_night_with_a_credit(subscribed: Payer) -> None:
    close(subscribed, "S3")
    many = len(subscribed.invoices())
    night(subscribed)
    account = subscribed.account
    assert (account.quantity, account.chain.entitlements.stores) == (2, 2)
    assert account.monthly_amount == 2 * 199_00
    assert len(subscribed.invoices()) == many
    preview = subscribed.stripe.client().v1.invoices.create_preview({"subscription": account.subscription_id})
    assert preview.total < 2 * 199_00
    entry = AuditEntry.objects.filter(action="plan.asked").latest("pk")
    assert (entry.actor, entry.before, entry.after) == ("command line", {"stores": 3}, {"stores": 2})


def test_it_never_rises_and_never_falls_below_one(subscribed: Payer) -> None:
    night(subscribed)
    assert subscribed.account.quantity == 3
    close(subscribed, "S1", "S2", "S3")
    night(subscribed)
    assert subscribed.account.quantity == 1
    night(subscribed)
    assert subscribed.account.quantity == 1


def test_a_store_that_closes_later_is_paid_for_until_then(subscribed: Payer) -> None:
    with tenant_context(subscribed.account.chain):
        day = timezone.localdate() + timedelta(days=1)
        close_store(code="S3", closed_on=day, acting_user=_owner())
    night(subscribed)
    assert subscribed.account.quantity == 3


@pytest.mark.parametrize(
    "state", [{"status": "past_due"}, {"status": "unpaid"}, {"status": "canceled"}, {"plan": "solo"}]
)
def test_only_where_everything_is_in_order(subscribed: Payer, state: dict[str, str]) -> None:
    close(subscribed, "S3")
    with outside_chains():
        Account.objects.update(**state)
        assert schemas_to_sync() == []
    subscribed.stripe.ask("DELETE", "calls")
    assert not sync_quantity(subscribed.account.chain)
    assert subscribed.stripe.calls("POST") == []


def test_what_we_have_not_heard_of_yet_counts(subscribed: Payer) -> None:
    """Stripe is asked again before anything is changed."""
    close(subscribed, "S3")
    item = subscribed.subscription()["items"].data[0]
    subscribed.stripe.client().v1.subscriptions.update(
        subscribed.account.subscription_id, {"items": [{"id": item.id, "quantity": 2}]}
    )
    subscribed.stripe.ask("DELETE", "calls")
    night(subscribed)
    assert subscribed.stripe.calls("POST") == []
    assert subscribed.account.quantity == 2


def test_a_fault_leaves_it_to_the_next_night(subscribed: Payer) -> None:
    close(subscribed, "S3")
    subscribed.stripe.fault("status", "/v1/subscriptions/", method="POST", times=9)
    night(subscribed)
    assert subscribed.account.quantity == 3
    subscribed.stripe.ask("DELETE", "faults")
    night(subscribed)
    assert subscribed.account.quantity == 2


@pytest.mark.parametrize("opens", ["before Stripe is told", "after it"])
def test_a_store_that_opens_at_that_moment_is_paid_for(
    subscribed: Payer, monkeypatch: pytest.MonkeyPatch, opens: str
) -> None:
    """What would have been given back for the closed one pays for it: nothing is charged."""
    close(subscribed, "S3")
    lower, many = quantity_sync._set_quantity, len(subscribed.invoices())

    def meanwhile(account: Account, quantity: int) -> None:
        monkeypatch.setattr(quantity_sync, "_set_quantity", lower)
        if opens == "after it":
            lower(account, quantity)
        open_store(code="S4", name="S4", city="上海", city_tier="一线", region="华东")
        if opens != "after it":
            lower(account, quantity)

    monkeypatch.setattr(quantity_sync, "_set_quantity", meanwhile)
    night(subscribed)
    account = subscribed.account
    assert (account.quantity, account.chain.entitlements.stores) == (3, 3)
    assert len(subscribed.invoices()) == many
    preview = subscribed.stripe.client().v1.invoices.create_preview({"subscription": account.subscription_id})
    # But for the seconds between.
    assert abs(preview.total - 3 * 199_00) < 10


def test_a_store_that_opens_while_stripe_fails_is_reported(subscribed: Payer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number has fallen and could not be raised again: the next comparison names the chain."""
    close(subscribed, "S3")
    lower = quantity_sync._set_quantity

    def meanwhile(account: Account, quantity: int) -> None:
        lower(account, quantity)
        open_store(code="S4", name="S4", city="上海", city_tier="一线", region="华东")
        subscribed.stripe.fault("status", "/v1/subscriptions/", method="POST")

    with outside_chains():
        assert reconcile().unpaid_stores == []
    with monkeypatch.context() as patch:
        patch.setattr(quantity_sync, "_set_quantity", meanwhile)
        patch.setattr(gateway, "MAX_RETRIES", 0)
        gateway._client.cache_clear()
        night(subscribed)
    gateway._client.cache_clear()
    assert subscribed.account.quantity == 2
    with outside_chains():
        assert reconcile().unpaid_stores == [subscribed.account.chain.schema_name]


def test_in_a_trial_too(payer: Payer) -> None:
    payer.subscribe("chain.month", 3)
    Store.objects.filter(code="S3").update(closed_on=timezone.localdate())
    night(payer)
    assert (payer.account.status, payer.account.quantity) == ("trialing", 2)
    assert all(invoice.amount_due == 0 for invoice in payer.invoices())
