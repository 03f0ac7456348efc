"""A change within a period is settled by the second, in integers; the worked examples are computed by hand."""

from collections.abc import Callable

import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.development.standin.amounts import amount, share
from tests.plugins.stripe import StripeServer

Make = Callable[..., stripe.Subscription]
# 2026-04-01T00:00:00Z: April has 30 days, so 10 of them are a third of the period.
APRIL = 1_775_001_600
DAY = 86_400


def lines(invoice: stripe.Invoice) -> list[tuple[str, int]]:
    return [(str(line.description), line.amount) for line in invoice.lines.data]


@pytest.mark.parametrize(
    ("before", "after", "days", "expected"),
    [
        # Per unit price of 3,000: 2 → 5 after 10 of 30 days. Credit 6,000 × 20/30; charge 15,000 × 20/30.
        (2, 5, 10, [-4_000, 10_000]),
        # 5 → 2 after 15 of 30 days. Credit 15,000 / 2; charge 6,000 / 2: the rest is credit.
        (5, 2, 15, [-7_500, 3_000]),
        # 1 → 2 after 29 days. Credit 3,000 / 30; charge 6,000 / 30.
        (1, 2, 29, [-100, 200]),
    ],
)
def test_a_price_per_unit(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
    change: Make,
    before: int,
    after: int,
    days: int,
    expected: list[int],
) -> None:
    customer = make_customer(at=APRIL)
    subscription = subscribe(customer, make_price(3_000), before)
    advance(customer, APRIL + days * DAY)
    changed = change(subscription, quantity=after, proration_behavior="always_invoice")
    invoice = client.v1.invoices.retrieve(str(changed.latest_invoice))
    assert [line.amount for line in invoice.lines.data] == expected
    assert invoice.total == sum(expected)
    assert invoice.billing_reason == "subscription_update"
    assert (invoice.status, invoice.amount_paid) == ("paid", max(0, sum(expected)))
    balance = client.v1.customers.retrieve(customer.id).balance
    assert balance == min(0, sum(expected))


def test_graduated_tiers(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
    change: Make,
) -> None:
    """8 → 12 after 12 of 30 days. 8 × 199.00 = 1,592.00, of which 18/30 = 955.20 come back;
    10 × 199.00 + 2 × 149.00 = 2,288.00, of which 18/30 = 1,372.80 are charged."""
    customer = make_customer(at=APRIL)
    subscription = subscribe(customer, make_price(), 8)
    advance(customer, APRIL + 12 * DAY)
    changed = change(subscription, quantity=12, proration_behavior="always_invoice")
    invoice = client.v1.invoices.retrieve(str(changed.latest_invoice))
    assert lines(invoice) == [
        ("Unused time on 8 × Chain after 13 Apr 2026", -95_520),
        ("Remaining time on 12 × Chain after 13 Apr 2026", 137_280),
    ]
    assert invoice.total == 41_760
    first, second = invoice.lines.data
    assert first.parent is not None
    assert first.parent.invoice_item_details is not None
    assert first.parent.invoice_item_details.proration
    assert second.period.to_dict() == {"start": APRIL + 12 * DAY, "end": APRIL + 30 * DAY}


def test_odd_seconds_are_rounded_once_a_line(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
    change: Make,
) -> None:
    """1 → 2 of 19.00 after 1,000,001 of 2,592,000 seconds: 1,591,999 are left.
    1,900 × 1,591,999 / 2,592,000 = 1,166.97… → 1,167; 3,800 × … = 2,333.94… → 2,334."""
    customer = make_customer(at=APRIL)
    subscription = subscribe(customer, make_price(1_900))
    advance(customer, APRIL + 1_000_001)
    changed = change(subscription, quantity=2, proration_behavior="always_invoice")
    invoice = client.v1.invoices.retrieve(str(changed.latest_invoice))
    assert [line.amount for line in invoice.lines.data] == [-1_167, 2_334]


def test_from_month_to_year_the_period_begins_anew(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
    change: Make,
) -> None:
    """After 10 of 30 days: 3,000 × 20/30 = 2,000 come back, and 30,000 are charged at once for the whole year."""
    customer = make_customer(at=APRIL)
    subscription = subscribe(customer, make_price(3_000))
    moment = APRIL + 10 * DAY
    advance(customer, moment)
    changed = change(subscription, price=make_price(30_000, interval="year").id)
    invoice = client.v1.invoices.retrieve(str(changed.latest_invoice))
    assert [line.amount for line in invoice.lines.data] == [-2_000, 30_000]
    item = changed["items"].data[0]
    assert (item.current_period_start, item.current_period_end) == (moment, moment + 365 * DAY)
    assert changed.billing_cycle_anchor == moment


def test_without_asking_it_waits_for_the_next_invoice(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
    change: Make,
) -> None:
    customer = make_customer(at=APRIL)
    subscription = subscribe(customer, make_price(3_000), 2)
    advance(customer, APRIL + 10 * DAY)
    changed = change(subscription, quantity=5)
    assert changed.latest_invoice == subscription.latest_invoice
    assert [item.amount for item in client.v1.invoice_items.list({"pending": True}).data] == [10_000, -4_000]
    upcoming = client.v1.invoices.create_preview({"subscription": subscription.id})
    assert [line.amount for line in upcoming.lines.data] == [-4_000, 10_000, 15_000]
    advance(customer, APRIL + 30 * DAY + 3_700)
    renewal = client.v1.invoices.list({"customer": customer.id}).data[0]
    assert lines(renewal) == lines(upcoming)
    assert (renewal.total, renewal.status, renewal.billing_reason) == (21_000, "paid", "subscription_cycle")


def test_none_settles_nothing(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
    change: Make,
) -> None:
    customer = make_customer(at=APRIL)
    subscription = subscribe(customer, make_price(3_000), 2)
    advance(customer, APRIL + 10 * DAY)
    change(subscription, quantity=5, proration_behavior="none")
    assert not client.v1.invoice_items.list({"pending": True}).data
    assert len(client.v1.invoices.list().data) == 1


@pytest.mark.parametrize("settle", ["always_invoice", "create_prorations"])
@pytest.mark.parametrize("discounted", [False, True])
def test_the_preview_is_what_is_then_invoiced(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
    settle: str,
    discounted: bool,
) -> None:
    customer = make_customer(at=APRIL)
    coupon = client.v1.coupons.create({"percent_off": 33, "duration": "forever"}).id
    subscription = subscribe(customer, make_price(), 8, **({"discounts": [{"coupon": coupon}]} if discounted else {}))
    moment = APRIL + 777_777
    advance(customer, moment)
    items = [{"id": subscription["items"].data[0].id, "quantity": 60}]
    asked = {"items": items, "proration_behavior": settle, "proration_date": moment}
    events = len(client.v1.events.list({"limit": 100}).data)
    preview = client.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": asked})
    assert preview.id.startswith("upcoming_")
    assert len(client.v1.events.list({"limit": 100}).data) == events
    assert client.v1.subscriptions.retrieve(subscription.id)["items"].data[0].quantity == 8
    advance(customer, moment + 3_600)
    client.v1.subscriptions.update(subscription.id, asked)
    advance(customer, APRIL + 30 * DAY - 10 if settle == "always_invoice" else APRIL + 30 * DAY + 3_700)
    invoice = client.v1.invoices.list({"customer": customer.id}).data[0]
    assert lines(invoice) == lines(preview)
    assert (invoice.subtotal, invoice.total, invoice.amount_due) == (
        preview.subtotal,
        preview.total,
        preview.amount_due,
    )


@given(
    changes=st.lists(st.tuples(st.integers(0, 30 * DAY - 1), st.integers(0, 70)), max_size=4),
    first=st.integers(1, 70),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_invoices_add_up_to_the_price_over_time(
    stripe_server: StripeServer,
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Make,
    change: Make,
    changes: list[tuple[int, int]],
    first: int,
) -> None:
    """Within half a unit a line: the sum over time of what each quantity costs."""
    customer = make_customer(at=APRIL)
    price = make_price()
    subscription = subscribe(customer, price, first)
    cost = {"billing_scheme": "tiered", "tiers_mode": "graduated", "_tiers": _tiers(client, price)}
    moment, quantity, due, rounded = 0, first, 0, 0
    for when, wanted in sorted(changes):
        if when > moment:
            advance(customer, APRIL + when)
        due += amount(cost, quantity) * (when - moment)
        rounded += 2 if wanted != quantity else 0
        change(subscription, quantity=wanted, proration_behavior="always_invoice")
        moment, quantity = max(when, moment), wanted
    due += amount(cost, quantity) * (30 * DAY - moment)
    total = sum(invoice.total for invoice in client.v1.invoices.list({"customer": customer.id}).data)
    assert abs(2 * (total * 30 * DAY - due)) <= rounded * 30 * DAY


def _tiers(client: stripe.StripeClient, price: stripe.Price) -> list[dict[str, int | None]]:
    found = client.v1.prices.retrieve(price.id, {"expand": ["tiers"]}).tiers or []
    return [{"up_to": tier.up_to, "unit_amount": tier.unit_amount, "flat_amount": None} for tier in found]


@given(whole=st.integers(-(10**12), 10**12), parts=st.integers(0, 10**7), of=st.integers(1, 10**7))
def test_a_share_is_the_nearest_integer(whole: int, parts: int, of: int) -> None:
    found = share(whole, parts, of)
    assert abs(2 * (found * of - whole * parts)) <= of
    assert share(-whole, parts, of) == -found
