"""What is kept of a customer is what Stripe says now, over real HTTP against the stand-in."""

from datetime import UTC, datetime, timedelta

import pytest
import stripe

from billing.models import Account, RevenueChange
from billing.plans import CHAIN, GRACE_DAYS, SOLO
from billing.reconcile import reconcile
from billing.services.quantity_sync import schemas_to_sync
from billing.services.stripe_sync import refresh_account
from tests.billing.customers import DAY, FAILS_LATER, VISA, TestCustomer
from tests.plugins.stripe import StripeServer

Status = Account.Status


@pytest.fixture
def customer(account: Account, plans: StripeServer) -> TestCustomer:
    return TestCustomer(account)


def changes() -> list[tuple[str, int, int]]:
    return list(RevenueChange.objects.order_by("pk").values_list("kind", "before", "after"))


def unpaid_until_given_up(customer: TestCustomer) -> datetime | None:
    """Paid once and then no more, past Stripe's last try. Until when the chain could write before that try."""
    customer.subscribe(SOLO, 1)
    customer.read()
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    until = customer.read().chain.writable_until
    customer.advance(days=8)
    return until


def test_without_a_customer_nothing_is_asked(account: Account, plans: StripeServer) -> None:
    plans.ask("DELETE", "calls")
    assert refresh_account(account_id=account.pk).status == Status.NONE
    assert plans.calls() == []


def test_a_subscription(customer: TestCustomer) -> None:
    found = customer.subscribe(CHAIN, 12)
    account = customer.read()
    assert (account.subscription_id, account.status) == (found.id, Status.ACTIVE)
    assert (account.plan, account.interval, account.quantity, account.currency) == ("chain", "month", 12, "CNY")
    # 10 at 199 and 2 at 149.
    assert account.monthly_amount == 2288_00
    assert account.period_ends_at == datetime.fromtimestamp(found["items"].data[0].current_period_end, UTC)
    assert (account.cancels_at, account.ended_at, account.past_due_since) == (None, None, None)
    assert account.chain.allowance["stores"] == 12
    assert account.chain.writable_until is None
    invoice = account.invoices.get()
    assert (invoice.status, invoice.total, invoice.amount_paid, invoice.currency) == ("paid", 228800, 228800, "CNY")
    assert (invoice.attempts, invoice.amount_refunded, invoice.is_disputed) == (1, 0, False)
    assert invoice.paid_at is not None
    assert abs(invoice.paid_at - invoice.created_at) < timedelta(minutes=1)
    assert changes() == [("new", 0, 2288_00)]


def test_read_again_nothing_changes(customer: TestCustomer) -> None:
    customer.subscribe(SOLO, 1)
    for _again in range(3):
        customer.read()
    assert changes() == [("new", 0, 99_00)]
    assert Account.objects.get(pk=customer.account.pk).invoices.count() == 1


def test_no_more_calls_than_needed(customer: TestCustomer, plans: StripeServer) -> None:
    customer.subscribe(CHAIN, 2)
    customer.read()
    plans.ask("DELETE", "calls")
    customer.read()
    assert [call["path"].split("?")[0] for call in plans.calls()] == [
        "/v1/subscriptions",
        "/v1/invoices",
        "/v1/charges",
    ]


def test_a_year_and_another_currency(customer: TestCustomer) -> None:
    customer.subscribe(SOLO, 1, "USD", "year")
    account = customer.read()
    assert (account.interval, account.currency) == ("year", "USD")
    # 190.00 a year.
    assert account.monthly_amount == 1583


@pytest.mark.parametrize(
    ("coupon", "amount"),
    [
        ({"percent_off": 25, "duration": "forever"}, 74_25),
        ({"amount_off": 20_00, "currency": "cny", "duration": "repeating", "duration_in_months": 3}, 79_00),
        ({"percent_off": 50, "duration": "once"}, 99_00),
    ],
)
def test_discounts(customer: TestCustomer, coupon: dict[str, object], amount: int) -> None:
    made = customer.api.coupons.create(coupon)  # type: ignore[arg-type]
    customer.subscribe(SOLO, 1, discounts=[{"coupon": made.id}])
    assert customer.read().monthly_amount == amount


def test_more_and_fewer_stores(customer: TestCustomer) -> None:
    found = customer.subscribe(CHAIN, 2)
    customer.read()
    item = found["items"].data[0].id
    for stores in (5, 3):
        customer.api.subscriptions.update(found.id, {"items": [{"id": item, "quantity": stores}]})
        assert customer.read().quantity == stores
    assert changes() == [("new", 0, 398_00), ("expansion", 398_00, 995_00), ("contraction", 995_00, 597_00)]


def test_a_trial_at_stripe_brings_nothing_yet(customer: TestCustomer) -> None:
    customer.subscribe(SOLO, 1, trial_end=customer.now + 5 * DAY)
    account = customer.read()
    assert (account.status, account.monthly_amount) == (Status.TRIALING, 0)
    assert account.chain.writable_until is None
    customer.advance(days=6)
    account = customer.read()
    assert (account.status, account.monthly_amount) == (Status.ACTIVE, 99_00)
    change = RevenueChange.objects.get()
    # When the trial ended, not when we heard of it.
    assert abs(change.at.timestamp() - customer.now + 1 * DAY) < 60


def test_the_end_is_told_of_and_taken_back(customer: TestCustomer) -> None:
    found = customer.subscribe(SOLO, 1)
    customer.api.subscriptions.update(found.id, {"cancel_at_period_end": True})
    account = customer.read()
    assert account.cancels_at == account.period_ends_at
    assert account.status == Status.ACTIVE
    customer.api.subscriptions.update(found.id, {"cancel_at_period_end": False})
    assert customer.read().cancels_at is None


def test_the_end(customer: TestCustomer) -> None:
    found = customer.subscribe(SOLO, 1)
    customer.read()
    ended = customer.api.subscriptions.cancel(found.id)
    account = customer.read()
    assert ended.ended_at is not None
    assert account.status == Status.CANCELED
    assert account.ended_at == datetime.fromtimestamp(ended.ended_at, UTC)
    assert account.chain.writable_until == account.ended_at
    assert account.monthly_amount == 0
    assert changes() == [("new", 0, 99_00), ("churn", 99_00, 0)]
    assert RevenueChange.objects.get(kind="churn").at == account.ended_at


def test_coming_back(customer: TestCustomer) -> None:
    customer.api.subscriptions.cancel(customer.subscribe(SOLO, 1).id)
    customer.read()
    found = customer.subscribe(CHAIN, 1)
    account = customer.read()
    assert (account.subscription_id, account.status, account.ended_at) == (found.id, Status.ACTIVE, None)
    assert account.chain.writable_until is None


def test_a_payment_that_fails(customer: TestCustomer) -> None:
    customer.subscribe(SOLO, 1)
    customer.read()
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    account = customer.read()
    assert account.status == Status.PAST_DUE
    invoice = customer.api.invoices.retrieve(customer.open_invoice())
    assert invoice.status_transitions.finalized_at is not None
    since = datetime.fromtimestamp(invoice.status_transitions.finalized_at, UTC)
    assert account.past_due_since == since
    assert account.chain.writable_until == since + timedelta(days=GRACE_DAYS)
    # What is owed is still revenue.
    assert changes() == [("new", 0, 99_00)]
    customer.use_card(VISA)
    customer.api.invoices.pay(invoice.id)
    account = customer.read()
    assert (account.status, account.past_due_since) == (Status.ACTIVE, None)
    assert account.chain.writable_until is None
    assert changes() == [("new", 0, 99_00)]


@pytest.mark.parametrize("after", ["cancel", "unpaid", "past_due"])
def test_the_grace_is_ours_whatever_stripe_does_after_its_last_try(
    customer: TestCustomer, plans: StripeServer, after: str
) -> None:
    plans.set(after_retries=after)
    until = unpaid_until_given_up(customer)
    account = customer.read()
    assert account.status == {"cancel": "canceled"}.get(after, after)
    assert account.chain.writable_until == until
    assert account.monthly_amount == (99_00 if after == "past_due" else 0)


@pytest.mark.parametrize("after", ["cancel", "unpaid"])
def test_an_invoice_that_stripe_writes_off_is_owed_as_before(
    customer: TestCustomer, plans: StripeServer, after: str
) -> None:
    plans.set(after_retries=after)
    until = unpaid_until_given_up(customer)
    invoice = customer.open_invoice()
    customer.api.invoices.mark_uncollectible(invoice)
    assert customer.read().chain.writable_until == until
    # Nor does the next period begin another grace.
    customer.advance(days=31)
    assert customer.read().chain.writable_until == until
    customer.use_card(VISA)
    customer.api.invoices.pay(invoice)
    assert customer.read().past_due_since is None


def test_what_was_forgiven_does_not_count_for_the_next_that_fails(customer: TestCustomer) -> None:
    customer.subscribe(SOLO, 1)
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    customer.api.invoices.mark_uncollectible(customer.open_invoice())
    account = customer.read()
    assert (account.status, account.past_due_since, account.chain.writable_until) == (Status.ACTIVE, None, None)
    customer.advance(days=32)
    account = customer.read()
    finalized = customer.api.invoices.retrieve(customer.open_invoice()).status_transitions.finalized_at
    assert finalized is not None
    assert account.past_due_since == datetime.fromtimestamp(finalized, UTC)


def test_two_tabs_that_both_paid(customer: TestCustomer, plans: StripeServer) -> None:
    first = customer.subscribe(SOLO, 1)
    customer.advance(days=0.01)
    second = customer.subscribe(SOLO, 1)
    for _again in range(2):
        account = customer.read()
        assert (account.subscription_id, account.status) == (first.id, Status.ACTIVE)
    assert customer.api.subscriptions.retrieve(second.id).status == "canceled"
    refunds = customer.api.refunds.list().data
    assert [refund.amount for refund in refunds] == [99_00]
    by_total = sorted(account.invoices.values_list("amount_paid", "amount_refunded"))
    assert by_total == [(99_00, 0), (99_00, 99_00)]
    assert changes() == [("new", 0, 99_00)]


def test_a_new_one_beside_one_that_is_not_paid(customer: TestCustomer) -> None:
    first = customer.subscribe(SOLO, 1)
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    assert customer.read().status == Status.PAST_DUE
    customer.use_card(VISA)
    second = customer.subscribe(SOLO, 1)
    account = customer.read()
    assert (account.subscription_id, account.status) == (second.id, Status.ACTIVE)
    assert customer.api.subscriptions.retrieve(first.id).status == "canceled"
    # What was paid for the first was used up, and what was not is no longer asked for.
    assert customer.api.refunds.list().data == []
    assert sorted(account.invoices.values_list("status", flat=True)) == ["paid", "paid", "void"]


def test_a_refund_and_a_dispute(customer: TestCustomer, plans: StripeServer) -> None:
    customer.subscribe(SOLO, 1)
    charge = customer.api.charges.list({"customer": customer.id}).data[0]
    customer.api.refunds.create({"charge": charge.id, "amount": 30_00})
    assert customer.read().invoices.get().amount_refunded == 30_00
    plans.dispute(charge.id)
    disputed = customer.read().invoices.get()
    assert (disputed.is_disputed, disputed.dispute, disputed.dispute_label) == (True, "needs_response", "disputed")


@pytest.mark.parametrize(("end", "said"), [("won", ""), ("lost", "dispute lost")])
def test_a_dispute_ends(customer: TestCustomer, plans: StripeServer, end: str, said: str) -> None:
    customer.subscribe(SOLO, 1)
    customer.read()
    dispute = plans.dispute(customer.api.charges.list({"customer": customer.id}).data[0].id)
    customer.read()
    plans.close_dispute(dispute, end)
    # The night's comparison finds it where its event never came.
    reconcile()
    invoice = customer.account.invoices.get()
    assert (invoice.is_disputed, invoice.dispute_label) == (bool(said), said)


def test_a_customer_deleted_at_stripe(customer: TestCustomer) -> None:
    customer.subscribe(SOLO, 1)
    customer.read()
    customer.api.customers.delete(customer.id)
    account = customer.read()
    assert (account.status, account.customer_id) == (Status.CANCELED, None)
    assert account.invoices.count() == 1
    assert customer.read().status == Status.CANCELED


def other_price(customer: TestCustomer) -> str:
    """Of no plan of ours."""
    product = customer.api.products.create({"name": "Training"})
    price = customer.api.prices.create(
        {"product": product.id, "currency": "cny", "unit_amount": 500_00, "recurring": {"interval": "month"}}
    )
    return price.id


def test_what_is_no_plan_of_ours_is_left_alone(customer: TestCustomer) -> None:
    customer.api.subscriptions.create(
        {"customer": customer.id, "items": [{"price": other_price(customer)}], "billing_mode": {"type": "classic"}}
    )
    account = customer.read()
    assert (account.status, account.monthly_amount) == (Status.NONE, 0)


def test_a_subscription_given_another_price_by_hand_goes_on(customer: TestCustomer) -> None:
    found = customer.subscribe(CHAIN, 7)
    allowance = customer.read().chain.allowance
    item = {"id": found["items"].data[0].id, "price": other_price(customer), "quantity": 1}
    customer.api.subscriptions.update(found.id, {"items": [item], "proration_behavior": "none"})
    account = customer.read()
    assert (account.subscription_id, account.status, account.plan) == (found.id, Status.ACTIVE, "")
    assert (account.chain.allowance, account.chain.writable_until) == (allowance, None)
    assert account.monthly_amount == 500_00
    assert schemas_to_sync() == []


def test_paid_after_stripe_gave_up(customer: TestCustomer, plans: StripeServer) -> None:
    """What was paid for is had, and not paid for again."""
    found = customer.subscribe(SOLO, 1)
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    customer.advance(days=8)
    account = customer.read()
    assert (account.status, account.past_due_since is None) == (Status.CANCELED, False)
    customer.use_card(VISA)
    customer.api.invoices.pay(customer.open_invoice())
    account = customer.read()
    ends = datetime.fromtimestamp(
        customer.api.subscriptions.retrieve(found.id)["items"].data[0].current_period_end, UTC
    )
    assert (account.status, account.past_due_since) == (Status.CANCELED, None)
    assert account.chain.writable_until == account.ended_at == ends
    assert reconcile().fixed == {}


@pytest.fixture
def given_up(customer: TestCustomer) -> TestCustomer:
    """Stripe has ended the subscription; its last invoice is open, and the card pays again."""
    customer.subscribe(SOLO, 1)
    customer.use_card(FAILS_LATER)
    customer.advance(days=32)
    customer.advance(days=8)
    assert customer.read().status == Status.CANCELED
    customer.use_card(VISA)
    return customer


def test_who_subscribes_anew_is_no_longer_asked_for_what_the_ended_one_left_open(given_up: TestCustomer) -> None:
    left = given_up.open_invoice()
    found = given_up.subscribe(SOLO, 1)
    for _again in range(2):
        account = given_up.read()
        assert (account.subscription_id, account.status, account.past_due_since) == (found.id, Status.ACTIVE, None)
        assert account.invoices.get(pk=left).status == "void"
    with pytest.raises(stripe.InvalidRequestError):
        given_up.api.invoices.pay(left)
    assert reconcile().fixed == {}


def test_while_nothing_else_is_paid_what_is_open_stays_open(given_up: TestCustomer) -> None:
    left = given_up.open_invoice()
    given_up.use_card(FAILS_LATER)
    given_up.subscribe(SOLO, 1, payment_behavior="default_incomplete")
    assert given_up.read().invoices.get(pk=left).status == "open"


def test_what_is_owed_for_something_else_is_left_alone(given_up: TestCustomer) -> None:
    given_up.use_card(FAILS_LATER)
    other = given_up.api.subscriptions.create(
        {
            "customer": given_up.id,
            "items": [{"price": other_price(given_up)}],
            "billing_mode": {"type": "classic"},
            "payment_behavior": "allow_incomplete",
        }
    )
    given_up.use_card(VISA)
    given_up.subscribe(SOLO, 1)
    given_up.read()
    assert isinstance(other.latest_invoice, str)
    assert given_up.api.invoices.retrieve(other.latest_invoice).status == "open"


def test_an_invoice_that_cannot_be_taken_back_just_now_holds_nothing_up(
    given_up: TestCustomer, plans: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = given_up.open_invoice()
    given_up.subscribe(SOLO, 1)
    plans.fault("status", f"/v1/invoices/{left}/void", status=400)
    account = given_up.read()
    assert (account.status, account.invoices.get(pk=left).status) == (Status.ACTIVE, "open")
    # The night's comparison does it.
    monkeypatch.setattr("billing.reconcile.fetch_missed_events", lambda: 0)
    assert set(reconcile().fixed["acme"]) == {left}
    assert account.invoices.get(pk=left).status == "void"


def test_pages_of_invoices(customer: TestCustomer) -> None:
    customer.subscribe(SOLO, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("billing.stripe_customer.PAGE_SIZE", 2)
        customer.advance(days=160)
        assert customer.read().invoices.count() == 6


def test_another_chains_account_is_untouched(customer: TestCustomer, other_account: Account) -> None:
    other = TestCustomer(other_account)
    other.subscribe(CHAIN, 3)
    customer.subscribe(SOLO, 1)
    customer.read()
    untouched = Account.objects.get(pk=other_account.pk)
    assert (untouched.status, untouched.read_at, untouched.invoices.count()) == (Status.NONE, None, 0)
