"""Erasing a chain ends what it pays, and leaves nothing of it but what the law needs at Stripe."""

from collections.abc import Callable, Iterator

import pytest
from django_tenants.utils import tenant_context
from pytest_django import Settings

from billing.models import Account, Closing, Invoice, Notice, RevenueChange, StripeEvent
from billing.plans import CHAIN
from billing.reconcile import fetch_missed_events
from billing.services.access import open_account
from billing.services.customer_deletion import delete_pending_customers
from billing.webhooks.processing import process_due_events
from tenants.life.erasure import erase_chain
from tenants.models import Chain
from tests.billing.customers import TestCustomer
from tests.plugins.chains import public
from tests.plugins.stripe import StripeServer


@pytest.fixture
def customer(
    make_committed_chain: Callable[..., Chain], plans: StripeServer, settings: Settings
) -> Iterator[TestCustomer]:
    """Of a chain that can be erased; what is made commits."""
    chain = make_committed_chain(name="Short lived")
    with tenant_context(public()):
        made = TestCustomer(open_account(chain=chain))
        made.subscribe(CHAIN, 2)
        fetch_missed_events()
        process_due_events()
        yield made


def test_erasing_a_chain(customer: TestCustomer, plans: StripeServer) -> None:
    found = Account.objects.get().subscription_id
    erase_chain(customer.account.chain, asked_by="owner")
    # Tasks are done in place here.
    assert not Closing.objects.exists()
    assert customer.api.subscriptions.retrieve(found).status == "canceled"
    assert customer.api.customers.retrieve(customer.id).deleted
    # The running period is not paid back, and nothing more is charged.
    assert customer.api.refunds.list().data == []
    assert len(customer.api.charges.list({"customer": customer.id}).data) == 1
    for model in (Account, Invoice, Notice):
        assert not model.objects.exists()
    assert not StripeEvent.objects.filter(customer_id=customer.id).exists()
    # The figures of the operator go on adding up, and name nobody.
    assert list(RevenueChange.objects.order_by("pk").values_list("account", "kind", "before", "after")) == [
        (None, "new", 0, 398_00),
        (None, "churn", 398_00, 0),
    ]


def test_what_stripe_tells_of_it_afterwards_is_kept_without_content(customer: TestCustomer) -> None:
    erase_chain(customer.account.chain, asked_by="owner")
    fetch_missed_events()
    process_due_events()
    assert StripeEvent.objects.filter(type="customer.subscription.deleted").exists()
    assert not [event.payload for event in StripeEvent.objects.all() if "data" in event.payload]


def test_stripe_is_down_at_that_moment(customer: TestCustomer, settings: Settings) -> None:
    base, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
    erase_chain(customer.account.chain, asked_by="owner")
    assert Closing.objects.get().attempts == 1
    settings.STRIPE_API_BASE = base
    assert delete_pending_customers() == 1
    assert customer.api.customers.retrieve(customer.id).deleted
    assert delete_pending_customers() == 0


def test_done_twice_it_is_as_done_once(customer: TestCustomer) -> None:
    for _again in range(2):
        Closing.objects.create(customer_id=customer.id)
        assert delete_pending_customers() == 1


def test_with_another_accounts_key_it_waits(customer: TestCustomer) -> None:
    Closing.objects.create(customer_id="cus_nobody")
    assert delete_pending_customers() == 0
    assert Closing.objects.get().attempts == 1


def test_a_chain_without_a_subscription(customer: TestCustomer, make_committed_chain: Callable[..., Chain]) -> None:
    chain = make_committed_chain(name="Never paid")
    with tenant_context(public()):
        open_account(chain=chain)
        erase_chain(chain, asked_by="owner")
    assert not Closing.objects.exists()
