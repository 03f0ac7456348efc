"""Stripe fails at each call of each flow, one by one and in every way: once it answers again, and accounts have been
compared, all is as if nothing had been, and nothing was charged or given back twice."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.db import transaction
from django.utils import timezone

from billing import gateway
from billing.models import Account, Closing, Invoice, Notice, RevenueChange, StripeEvent
from billing.plans import CHAIN, SOLO
from billing.reconcile import fetch_missed_events, reconcile
from billing.services.customer_deletion import delete_pending_customers
from billing.webhooks.processing import process_due_events
from tests.billing.customers import FAILS_LATER, TestCustomer
from tests.plugins.stripe import StripeServer

KINDS = ("status", "close_before", "close_after", "half", "slow")
Work = Callable[[], object]


class TakenBackError(Exception):
    pass


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One try: a fault that outlasts the library's own tries."""
    monkeypatch.setattr(gateway, "MAX_RETRIES", 0)
    gateway._client.cache_clear()
    yield
    gateway._client.cache_clear()


@contextlib.contextmanager
def broken(server: StripeServer, kind: str, call: int = 0) -> Iterator[None]:
    """A fault at that call; what is slow is waited for in vain, and done by the end."""
    with pytest.MonkeyPatch.context() as patch:
        if kind == "slow":
            patch.setattr(gateway, "TIMEOUT_SECONDS", 0.4)
        gateway._client.cache_clear()
        server.fault(kind, skip=call, seconds=0.8 if kind == "slow" else 0.0)
        yield
        server.ask("DELETE", "faults")
    gateway._client.cache_clear()


@pytest.fixture
def customer(account: Account, plans: StripeServer) -> TestCustomer:
    return TestCustomer(account)


def kept() -> list[Any]:
    """Everything of ours, but for when it was read or tried."""
    accounts = [
        {name: value for name, value in row.items() if name != "read_at"}
        for row in Account.objects.order_by("pk").values()
    ]
    return [
        accounts,
        list(Invoice.objects.order_by("pk").values()),
        list(RevenueChange.objects.order_by("pk").values("subscription_id", "kind", "before", "after")),
        list(StripeEvent.objects.order_by("pk").values_list("pk", "customer_id")),
        list(Closing.objects.values_list("pk")),
        list(Notice.objects.values_list("about")),
    ]


def mend(patch: pytest.MonkeyPatch) -> None:
    """Stripe answers again; the pauses are over."""
    later = timezone.now() + timedelta(days=1)
    patch.setattr(timezone, "now", lambda: later)
    reconcile()
    patch.undo()


def with_each_fault(server: StripeServer, work: Work, calls: int) -> Iterator[tuple[str, int]]:
    """After each fault and the mending, what is kept has to be as without one; then ours is taken back."""
    for kind, call in itertools.product(KINDS, range(calls)):
        with pytest.MonkeyPatch.context() as patch, taken_back():
            with broken(server, kind, call), contextlib.suppress(stripe.StripeError):
                work()
            mend(patch)
            yield kind, call


class taken_back:  # noqa: N801
    """What is written in the block is not kept."""

    def __enter__(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, *_error: object) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


def without_fault(server: StripeServer, work: Work) -> tuple[list[Any], int]:
    """What is kept, and how many calls it took."""
    with pytest.MonkeyPatch.context() as patch, taken_back():
        server.ask("DELETE", "calls")
        work()
        calls = len(server.calls())
        mend(patch)
        return kept(), calls


def hear() -> None:
    fetch_missed_events()
    process_due_events()


@pytest.mark.usefixtures("impatient")
def test_hearing_of_a_failed_renewal(customer: TestCustomer, plans: StripeServer) -> None:
    customer.subscribe(CHAIN, 12)
    hear()
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    wanted, calls = without_fault(plans, hear)
    assert calls == 4
    for kind, call in with_each_fault(plans, hear, calls):
        assert kept() == wanted, f"{kind} at call {call}"


@pytest.mark.usefixtures("impatient")
def test_comparing(customer: TestCustomer, plans: StripeServer) -> None:
    customer.subscribe(SOLO, 1)
    hear()
    Account.objects.filter(pk=customer.account.pk).update(status="past_due", quantity=7, monthly_amount=0)
    wanted, calls = without_fault(plans, reconcile)
    assert calls == 8
    for kind, call in with_each_fault(plans, reconcile, calls):
        assert kept() == wanted, f"{kind} at call {call}"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", range(8))
def test_two_tabs_that_both_paid(customer: TestCustomer, plans: StripeServer, kind: str, call: int) -> None:
    first = customer.subscribe(SOLO, 1)
    customer.advance(days=0.01)
    second = customer.subscribe(SOLO, 1)
    with broken(plans, kind, call), pytest.raises(stripe.StripeError):
        customer.read()
    with pytest.MonkeyPatch.context() as patch:
        mend(patch)
    account = Account.objects.get(pk=customer.account.pk)
    assert (account.subscription_id, account.status) == (first.id, "active")
    assert [refund.amount for refund in customer.api.refunds.list().data] == [99_00]
    assert customer.api.subscriptions.retrieve(second.id).status == "canceled"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", range(2))
def test_closing(customer: TestCustomer, plans: StripeServer, kind: str, call: int) -> None:
    """The second call is made where somebody deleted the customer before us."""
    found = customer.subscribe(SOLO, 1)
    Account.objects.filter(pk=customer.account.pk).update(customer_id=None)
    Closing.objects.create(customer_id=customer.id)
    if call:
        customer.api.customers.delete(customer.id)
    with broken(plans, kind, call):
        assert delete_pending_customers() == 0
    assert Closing.objects.get().attempts == 1
    assert reconcile().closed == 1
    assert not Closing.objects.exists()
    assert customer.api.subscriptions.retrieve(found.id).status == "canceled"
    assert customer.api.refunds.list().data == []
