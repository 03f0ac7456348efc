"""Events worked off: in any order, however often, each customer's together, and what fails is tried again."""

import json
import random
from datetime import timedelta
from typing import Any

import pytest
import requests
import stripe
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from billing.models import Account, Invoice, RevenueChange, StripeEvent
from billing.plans import CHAIN, SOLO
from billing.webhooks.events import store_events
from billing.webhooks.processing import RETENTION, delete_old_events, process_due_events
from billing.webhooks.reprocessing import reprocess_events
from tests.billing.customers import FAILS_LATER, VISA, TestCustomer
from tests.plugins.chains import ChainClient
from tests.plugins.stripe import KEY, SECRET, StripeServer

Status = Account.Status


@pytest.fixture
def customer(account: Account, plans: StripeServer) -> TestCustomer:
    return TestCustomer(account)


def told(server: StripeServer) -> list[Any]:
    """All that Stripe would tell us, oldest first."""
    found: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = requests.get(f"{server.url}/v1/events", {"limit": 100, **after}, auth=(KEY, ""), timeout=30).json()
        found += page["data"]
        if not page["has_more"]:
            return found[::-1]
        after = {"starting_after": found[-1]["id"]}


def state(account: Account) -> dict[str, Any]:
    """All that is kept, but for when it was read."""
    kept = Account.objects.values().get(pk=account.pk)
    del kept["read_at"]
    invoices = list(account.invoices.order_by("id").values("id", "status", "amount_paid", "amount_refunded"))
    return {**kept, "invoices": invoices}


def changes() -> list[Any]:
    return list(RevenueChange.objects.values_list("kind", "before", "after"))


def whole_life(customer: TestCustomer) -> None:
    found = customer.subscribe(CHAIN, 2)
    customer.api.subscriptions.update(
        found.id, {"items": [{"id": found["items"].data[0].id, "quantity": 4}], "proration_behavior": "always_invoice"}
    )
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    customer.use_card(VISA)
    customer.api.invoices.pay(customer.open_invoice())
    customer.api.subscriptions.update(found.id, {"cancel_at_period_end": True})


def test_in_whatever_order_and_number_they_come(customer: TestCustomer, plans: StripeServer) -> None:
    """What is kept comes of the events alone: only afterwards is it compared with what Stripe says."""
    before = Account.objects.filter(pk=customer.account.pk).values().get()
    whole_life(customer)
    events = told(plans)
    for seed in range(3):
        for model in (StripeEvent, RevenueChange, Invoice):
            model.objects.all().delete()
        Account.objects.filter(pk=before["id"]).update(**before)
        shuffled = events * 2
        random.Random(seed).shuffle(shuffled)
        while shuffled:
            some, shuffled = shuffled[:9], shuffled[9:]
            store_events(some)
            process_due_events()
        assert not StripeEvent.objects.filter(handled_at=None).exists()
        heard, changed = state(customer.account), changes()
        assert (heard["status"], changed) == (Status.ACTIVE, [("new", 0, 796_00)])
        customer.read()
        assert (state(customer.account), changes()) == (heard, changed)
    reprocess_events(event_ids=StripeEvent.objects.values_list("pk", flat=True))
    assert process_due_events() == {customer.account.pk}
    assert changes() == changed


def test_those_of_one_customer_are_one_reading(customer: TestCustomer, plans: StripeServer) -> None:
    customer.subscribe(SOLO, 1)
    events = told(plans)
    assert len(events) > 12
    store_events(events)
    plans.ask("DELETE", "calls")
    assert process_due_events() == {customer.account.pk}
    assert len(plans.calls()) == 3
    assert process_due_events() == set()


def test_the_way_from_stripe_to_the_chain(
    customer: TestCustomer,
    plans: StripeServer,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """Signed bodies as Stripe sends them; the task is done in place where it is sent."""
    Account.objects.filter(pk=customer.account.pk).update(trial_ends_at=timezone.now() - timedelta(days=1))
    assert customer.read().chain.is_read_only
    customer.subscribe(SOLO, 1)
    client = ChainClient(headers={"host": "localhost"})
    with django_capture_on_commit_callbacks(execute=True):
        for event in told(plans):
            body = json.dumps(event)
            headers = {"stripe-signature": stripe.WebhookSignature.generate_signature_header(body, SECRET)}
            response = client.post("/billing/webhook/", body, content_type="application/json", headers=headers)
            assert response.status_code == 204
    kept = Account.objects.select_related("chain").get(pk=customer.account.pk)
    assert kept.status == Status.ACTIVE
    assert not kept.chain.is_read_only


def test_unknown_customers_and_kinds(customer: TestCustomer, plans: StripeServer) -> None:
    plans.client().v1.customers.create({"name": "Somebody else", "email": "else@example.com"})
    store_events(told(plans))
    process_due_events()
    strange = StripeEvent.objects.filter(type="customer.created").exclude(customer_id=customer.id).get()
    assert strange.handled_at is not None
    # Nothing of who is not ours is kept but that it came.
    assert set(strange.payload) == {"id", "type", "created", "livemode"}
    assert "data" in StripeEvent.objects.filter(customer_id=customer.id).first().payload  # type: ignore[union-attr]


def test_an_event_touches_its_customer_alone(
    customer: TestCustomer, other_account: Account, plans: StripeServer
) -> None:
    other = TestCustomer(other_account)
    other.subscribe(CHAIN, 3)
    customer.subscribe(SOLO, 1)
    store_events(event for event in told(plans) if event["data"]["object"].get("customer") == customer.id)
    assert process_due_events() == {customer.account.pk}
    assert Account.objects.get(pk=other_account.pk).read_at is None


def test_a_dispute_names_only_its_charge(customer: TestCustomer, plans: StripeServer) -> None:
    customer.subscribe(SOLO, 1)
    charge = customer.api.charges.list({"customer": customer.id}).data[0]
    plans.dispute(charge.id)
    store_events(event for event in told(plans) if event["type"] == "charge.dispute.created")
    assert StripeEvent.objects.get().customer_id == ""
    assert process_due_events() == {customer.account.pk}
    assert customer.account.invoices.get().is_disputed
    assert StripeEvent.objects.get().customer_id == customer.id


@pytest.mark.parametrize("kind", ["status", "close_before", "close_after", "half"])
def test_stripe_fails_and_comes_back(
    customer: TestCustomer, plans: StripeServer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    customer.subscribe(SOLO, 1)
    store_events(told(plans))
    plans.fault(kind, "/v1/invoices", times=50)
    assert process_due_events() == set()
    waiting = StripeEvent.objects.filter(customer_id=customer.id)
    assert set(waiting.values_list("handled_at", "attempts")) == {(None, 1)}
    problem = waiting.values_list("problem", flat=True)[0]
    assert problem.startswith("Stripe: ")
    assert "sk_test" not in problem
    assert customer.id not in problem
    plans.ask("DELETE", "faults")
    # Not before its pause is over.
    assert process_due_events() == set()
    later = timezone.now() + timedelta(seconds=11)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert process_due_events() == {customer.account.pk}
    assert set(waiting.values_list("problem", flat=True)) == {""}
    assert RevenueChange.objects.count() == 1


def test_pauses_grow(customer: TestCustomer, plans: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    customer.subscribe(SOLO, 1)
    store_events(told(plans)[-1:])
    moment, pauses = timezone.now() + timedelta(minutes=1), []
    monkeypatch.setattr("billing.gateway.client", lambda: (_ for _ in ()).throw(stripe.APIConnectionError("down")))
    for _try in range(14):
        monkeypatch.setattr(timezone, "now", lambda: moment)  # noqa: B023
        process_due_events()
        event = StripeEvent.objects.get()
        pauses.append((event.next_attempt_at - moment).total_seconds())
        moment = event.next_attempt_at
    assert pauses[:4] == [10, 20, 40, 80]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 6 * 3600


def test_one_that_cannot_be_worked_off_does_not_stop_the_others(
    customer: TestCustomer, other_account: Account, plans: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing.webhooks import processing

    other = TestCustomer(other_account)
    for one in (customer, other):
        one.subscribe(SOLO, 1)
    store_events(told(plans))
    real = processing.refresh_account

    def broken_for_one(*, account_id: int) -> Account:
        if account_id == customer.account.pk:
            raise KeyError("secret detail")
        return real(account_id=account_id)

    monkeypatch.setattr(processing, "refresh_account", broken_for_one)
    assert process_due_events() == {other_account.pk}
    problems = set(StripeEvent.objects.filter(customer_id=customer.id).values_list("problem", flat=True))
    assert problems == {"KeyError: see the log of the worker."}


def test_without_a_key_they_wait(account: Account, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    store_events([{"id": "evt_1", "type": "x", "created": 1, "data": {"object": {}}}])
    assert process_due_events() == set()
    assert StripeEvent.objects.filter(handled_at=None).count() == 1


def test_old_ones_go_once_they_are_handled(account: Account) -> None:
    store_events({"id": f"evt_{n}", "type": "x", "created": 1, "data": {"object": {}}} for n in range(3))
    StripeEvent.objects.filter(pk="evt_0").update(handled_at=timezone.now() - RETENTION - timedelta(days=1))
    StripeEvent.objects.filter(pk="evt_1").update(handled_at=timezone.now())
    StripeEvent.objects.filter(pk="evt_2").update(received_at=timezone.now() - 2 * RETENTION)
    assert delete_old_events() == 1
    assert set(StripeEvent.objects.values_list("pk", flat=True)) == {"evt_1", "evt_2"}
