"""The life of a subscription from trial to coming back, over real HTTP, heard of by Stripe's events alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from billing.models import Account, RevenueChange
from billing.plans import CHAIN, GRACE_DAYS
from billing.reconcile import fetch_missed_events
from billing.services.notices import send_due_notices
from billing.stripe_catalogue import sync_plans
from billing.webhooks.processing import process_due_events
from tests.billing.customers import DAY, DISPUTED, FAILS_LATER, VISA, TestCustomer

Status = Account.Status


@pytest.fixture
def customer(account: Account, at_stripe: str) -> TestCustomer:
    sync_plans()
    return TestCustomer(account)


def hear(customer: TestCustomer) -> Account:
    """Stripe's events, as a webhook would have brought them."""
    fetch_missed_events()
    send_due_notices(process_due_events())
    return Account.objects.select_related("chain").get(pk=customer.account.pk)


def can_write(customer: TestCustomer, account: Account) -> bool:
    """At the customer's time."""
    until = account.chain.writable_until
    return until is None or until > datetime.fromtimestamp(customer.now, UTC)


def sold() -> list[tuple[str, int]]:
    return list(RevenueChange.objects.order_by("pk").values_list("kind", "after"))


def test_from_trial_to_coming_back(customer: TestCustomer) -> None:
    # What is left of the trial stays free.
    found = customer.subscribe(CHAIN, 3, trial_end=customer.now + 5 * DAY)
    account = hear(customer)
    assert (account.status, sold(), can_write(customer, account)) == (Status.TRIALING, [], True)
    # Paid.
    customer.advance(days=6)
    account = hear(customer)
    assert (account.status, account.quantity, sold()) == (Status.ACTIVE, 3, [("new", 597_00)])
    # Renewed.
    customer.advance(days=31)
    account = hear(customer)
    paid = account.invoices.filter(status="paid", total__gt=0)
    assert [(invoice.total, invoice.amount_paid) for invoice in paid] == [(597_00, 597_00)] * 2
    # The next renewal fails: nothing changes for the chain.
    customer.use_card(FAILS_LATER)
    customer.advance(days=31)
    account = hear(customer)
    assert account.past_due_since is not None
    assert (account.status, can_write(customer, account)) == (Status.PAST_DUE, True)
    # After the grace it is read-only, without anything that has to run.
    assert account.chain.writable_until == account.past_due_since + timedelta(days=GRACE_DAYS)
    # It is paid: all is as before.
    customer.use_card(VISA)
    customer.api.invoices.pay(customer.open_invoice())
    account = hear(customer)
    assert (account.status, account.chain.writable_until, account.past_due_since) == (Status.ACTIVE, None, None)
    assert sold() == [("new", 597_00)]
    # Cancelled at the end of the period.
    customer.api.subscriptions.update(found.id, {"cancel_at_period_end": True})
    account = hear(customer)
    assert account.cancels_at == account.period_ends_at
    customer.advance(days=31)
    account = hear(customer)
    assert (account.status, can_write(customer, account)) == (Status.CANCELED, False)
    # And back.
    customer.subscribe(CHAIN, 2)
    account = hear(customer)
    assert (account.status, account.quantity, can_write(customer, account)) == (Status.ACTIVE, 2, True)
    assert sold() == [("new", 597_00), ("churn", 0), ("return", 398_00)]
    assert Account.objects.get(currency="CNY", monthly_amount__gt=0).monthly_amount == 398_00


def test_a_failed_renewal_runs_into_the_end_of_the_grace(customer: TestCustomer) -> None:
    customer.subscribe(CHAIN, 1)
    hear(customer)
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    account = hear(customer)
    assert can_write(customer, account)
    customer.advance(days=GRACE_DAYS)
    account = hear(customer)
    assert account.status in {Status.PAST_DUE, Status.UNPAID, Status.CANCELED}
    assert not can_write(customer, account)
    # Within a minute: as soon as the event is worked off.
    customer.use_card(VISA)
    customer.api.invoices.pay(customer.open_invoice())
    if account.status == Status.CANCELED:
        customer.subscribe(CHAIN, 1)
    account = hear(customer)
    assert (account.status, account.chain.writable_until) == (Status.ACTIVE, None)


def test_a_refund(customer: TestCustomer) -> None:
    customer.subscribe(CHAIN, 1)
    charge = customer.api.charges.list({"customer": customer.id}).data[0]
    customer.api.refunds.create({"charge": charge.id, "amount": 50_00})
    account = hear(customer)
    invoice = account.invoices.get()
    assert (invoice.amount_paid, invoice.amount_refunded) == (199_00, 50_00)
    assert account.status == Status.ACTIVE


def test_a_dispute(customer: TestCustomer, settings: Any) -> None:
    customer.use_card(DISPUTED)
    customer.subscribe(CHAIN, 1)
    account = hear(customer)
    assert account.invoices.get().is_disputed
    assert [sent.to for sent in mail.outbox if "your bank asks about a payment" in sent.subject] == [
        ["owner@acme.test"],
        ["second@acme.test"],
    ]
    assert account.chain.writable_until is None
