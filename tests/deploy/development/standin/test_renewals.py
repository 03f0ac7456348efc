"""What time brings: periods from the anchor, trials, failed payments tried again, the end."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import pytest
import stripe

from deploy.development.standin.periods import next_end, step
from tests.plugins.stripe import DAY, StripeServer

Make = Callable[..., stripe.Subscription]
HOUR = 3_600


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def kinds(client: stripe.StripeClient) -> list[str]:
    return [event.type for event in client.v1.events.list({"limit": 100}).data][::-1]


@pytest.mark.parametrize(
    ("anchor", "interval", "ends"),
    [
        ("2026-01-31", "month", ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        ("2028-01-31", "month", ["2028-02-29", "2028-03-31"]),
        ("2028-02-29", "year", ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        ("2026-12-15", "month", ["2027-01-15"]),
    ],
)
def test_periods_are_counted_from_the_anchor(anchor: str, interval: str, ends: list[str]) -> None:
    recurring = {"interval": interval, "interval_count": 1}
    start, found = at(anchor), []
    moment = start
    for _ in ends:
        moment = next_end(start, recurring, moment)
        found.append(moment)
    assert found == [at(end) for end in ends]
    assert [step(start, recurring, count) for count in range(1, len(ends) + 1)] == found


def test_the_31st_comes_back_after_february(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
) -> None:
    customer = make_customer(at=at("2026-01-31T10:00"))
    subscription = subscribe(customer, make_price(1_000))
    advance(customer, at("2026-04-01"))
    periods = [
        (line.period.start, line.period.end)
        for invoice in client.v1.invoices.list({"subscription": subscription.id}).data[::-1]
        for line in invoice.lines.data
    ]
    days = [at(f"2026-{day}T10:00") for day in ("01-31", "02-28", "03-31", "04-30")]
    assert periods == list(pairwise(days))


def test_a_renewal_is_a_draft_for_an_hour_and_then_paid(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
) -> None:
    start = at("2026-04-01")
    customer = make_customer(at=start)
    subscription = subscribe(customer, make_price(1_000))
    advance(customer, start + 30 * DAY + 10)
    draft = client.v1.invoices.list({"customer": customer.id}).data[0]
    assert (draft.status, draft.number, draft.billing_reason) == ("draft", None, "subscription_cycle")
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"
    advance(customer, start + 30 * DAY + HOUR)
    paid = client.v1.invoices.retrieve(draft.id)
    assert (paid.status, paid.amount_paid) == ("paid", 1_000)
    assert str(paid.number).endswith("-0002")
    told = kinds(client)
    assert told.index("invoice.upcoming") < told.index("invoice.paid", told.index("invoice.upcoming"))


def test_a_trial_ends_in_a_payment(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
) -> None:
    start = at("2026-04-01")
    customer = make_customer(at=start)
    subscription = subscribe(customer, make_price(1_000), trial_end=start + 14 * DAY)
    assert subscription.status == "trialing"
    assert client.v1.invoices.retrieve(str(subscription.latest_invoice)).total == 0
    advance(customer, start + 11 * DAY - 1)
    assert "customer.subscription.trial_will_end" not in kinds(client)
    advance(customer, start + 11 * DAY)
    assert kinds(client).count("customer.subscription.trial_will_end") == 1
    advance(customer, start + 14 * DAY + HOUR)
    after = client.v1.subscriptions.retrieve(subscription.id)
    assert after.status == "active"
    assert client.v1.invoices.retrieve(str(after.latest_invoice)).amount_paid == 1_000
    assert after["items"].data[0].current_period_end == at("2026-05-15")
    assert kinds(client).count("customer.subscription.trial_will_end") == 1


@pytest.fixture
def failing(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
) -> tuple[stripe.Customer, stripe.Subscription, int]:
    """A subscription whose first renewal has just failed, and when that was."""
    start = at("2026-04-01")
    customer = make_customer(at=start)
    subscription = subscribe(customer, make_price(1_000))
    method = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    failed = start + 30 * DAY + HOUR
    advance(customer, failed)
    return customer, subscription, failed


def test_a_failed_payment_is_tried_on_days_3_5_and_7(
    client: stripe.StripeClient,
    advance: Callable[..., None],
    failing: tuple[stripe.Customer, stripe.Subscription, int],
) -> None:
    customer, subscription, failed = failing
    for tries, day in ((1, 3), (2, 5), (3, 7)):
        current = client.v1.subscriptions.retrieve(subscription.id)
        invoice = client.v1.invoices.retrieve(str(current.latest_invoice))
        assert (current.status, invoice.status) == ("past_due", "open")
        assert (invoice.attempt_count, invoice.next_payment_attempt) == (tries, failed + day * DAY)
        advance(customer, failed + day * DAY - 1)
        assert client.v1.invoices.retrieve(invoice.id).attempt_count == tries
        advance(customer, failed + day * DAY)
    ended = client.v1.subscriptions.retrieve(subscription.id)
    assert ended.status == "canceled"
    assert ended.cancellation_details is not None
    assert ended.cancellation_details.reason == "payment_failed"
    assert kinds(client).count("invoice.payment_failed") == 4
    assert "customer.subscription.deleted" in kinds(client)


@pytest.mark.parametrize("status", ["unpaid", "past_due"])
def test_what_follows_the_last_failure_can_be_set(
    stripe_server: StripeServer,
    client: stripe.StripeClient,
    advance: Callable[..., None],
    failing: tuple[stripe.Customer, stripe.Subscription, int],
    status: str,
) -> None:
    stripe_server.set(after_retries=status)
    customer, subscription, failed = failing
    advance(customer, failed + 8 * DAY)
    assert client.v1.subscriptions.retrieve(subscription.id).status == status


def test_a_payment_brings_it_back(
    client: stripe.StripeClient,
    advance: Callable[..., None],
    failing: tuple[stripe.Customer, stripe.Subscription, int],
) -> None:
    customer, subscription, failed = failing
    invoice = str(client.v1.subscriptions.retrieve(subscription.id).latest_invoice)
    with pytest.raises(stripe.CardError) as refused:
        client.v1.invoices.pay(invoice)
    assert refused.value.code == "card_declined"
    assert client.v1.invoices.retrieve(invoice).attempt_count == 2
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert client.v1.invoices.pay(invoice, {"payment_method": method.id}).status == "paid"
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"
    customer_now = client.v1.customers.retrieve(customer.id)
    assert customer_now.delinquent is False
    advance(customer, failed + 8 * DAY)
    assert client.v1.invoices.retrieve(invoice).attempt_count == 3


def test_at_the_end_of_the_period_and_back(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
) -> None:
    start = at("2026-04-01")
    customer = make_customer(at=start)
    subscription = subscribe(customer, make_price(1_000))
    ending = client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert (ending.cancel_at, ending.canceled_at, ending.status) == (start + 30 * DAY, start, "active")
    back = client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    assert (back.cancel_at, back.canceled_at) == (None, None)
    client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    advance(customer, start + 31 * DAY)
    ended = client.v1.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", start + 30 * DAY)
    assert len(client.v1.invoices.list({"customer": customer.id}).data) == 1


def test_cancelled_at_once_the_rest_is_given_back(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
) -> None:
    """3,000 × 20/30 days: 2,000 of credit."""
    start = at("2026-04-01")
    customer = make_customer(at=start)
    subscription = subscribe(customer, make_price(3_000))
    advance(customer, start + 10 * DAY)
    ended = client.v1.subscriptions.cancel(subscription.id, {"prorate": True, "invoice_now": True})
    assert ended.status == "canceled"
    assert client.v1.customers.retrieve(customer.id).balance == -2_000
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.subscriptions.cancel(subscription.id)


def test_a_first_payment_that_never_comes(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
) -> None:
    start = at("2026-04-01")
    customer = make_customer("pm_card_chargeCustomerFail", at=start)
    subscription = subscribe(customer, make_price(3_000))
    assert subscription.status == "incomplete"
    with pytest.raises(stripe.CardError):
        subscribe(customer, make_price(3_000), payment_behavior="error_if_incomplete")
    assert len(client.v1.subscriptions.list({"status": "all"}).data) == 1
    advance(customer, start + DAY)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "incomplete_expired"
    assert client.v1.invoices.retrieve(str(subscription.latest_invoice)).status == "void"


def test_an_update_waits_for_its_payment(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    failing: tuple[stripe.Customer, stripe.Subscription, int],
    subscribe: Make,
    change: Make,
) -> None:
    customer = make_customer()
    subscription = subscribe(customer, make_price(3_000))
    bad = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": bad.id}})
    asked = {"proration_behavior": "always_invoice", "quantity": 3}
    with pytest.raises(stripe.CardError):
        change(subscription, payment_behavior="error_if_incomplete", **asked)
    assert client.v1.subscriptions.retrieve(subscription.id)["items"].data[0].quantity == 1
    held = change(subscription, payment_behavior="pending_if_incomplete", **asked)
    assert held.pending_update is not None
    assert (held.status, held["items"].data[0].quantity) == ("active", 1)
    good = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    client.v1.invoices.pay(str(held.latest_invoice), {"payment_method": good.id})
    after = client.v1.subscriptions.retrieve(subscription.id)
    assert (after.pending_update, after["items"].data[0].quantity) == (None, 3)


def test_the_time_of_all_others_is_moved_at_once(
    stripe_server: StripeServer,
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    subscribe: Make,
) -> None:
    subscription = subscribe(make_customer(), make_price(1_000))
    stripe_server.advance(days=32)
    assert len(client.v1.invoices.list({"subscription": subscription.id}).data) == 2
