"""How calls are read, refused, repeated, paged and broken."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from tests.plugins.stripe import KEY, StripeServer


def test_a_repeated_call_is_answered_and_not_done_again(
    stripe_server: StripeServer, client: stripe.StripeClient
) -> None:
    first = client.v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"})
    again = client.v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"})
    assert again.id == first.id
    assert len(client.v1.customers.list().data) == 1
    assert [call["replayed"] for call in stripe_server.calls("POST", "/v1/customers")] == [False, True]
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"email": "b@acme.test"}, {"idempotency_key": "once"})


def test_a_key_is_forgotten_after_a_day(stripe_server: StripeServer, client: stripe.StripeClient) -> None:
    client.v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"})
    stripe_server.advance(days=1, seconds=60)
    client.v1.customers.create({"email": "b@acme.test"}, {"idempotency_key": "once"})
    assert len(client.v1.customers.list().data) == 2


def test_what_was_refused_can_be_sent_mended_with_the_same_key(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.coupons.create({"duration": "once"}, {"idempotency_key": "mended"})
    assert (
        client.v1.coupons.create({"duration": "once", "percent_off": 5}, {"idempotency_key": "mended"}).percent_off == 5
    )


@pytest.mark.parametrize(
    ("path", "given", "status", "code"),
    [
        ("GET customers/cus_none", {}, 404, "resource_missing"),
        ("GET subscriptions/sub_none", {}, 404, "resource_missing"),
        ("POST products", {}, 400, "parameter_missing"),
        ("POST products", {"name": "x", "colour": "red"}, 400, "parameter_unknown"),
        ("POST customers", {"balance": "much"}, 400, "parameter_invalid_integer"),
        ("POST products", {"name": "x", "active": "perhaps"}, 400, "parameter_invalid"),
        ("POST coupons", {"percent_off": "101"}, 400, None),
        ("GET customers", {"limit": "0"}, 400, "parameter_invalid_integer"),
        ("GET customers", {"expand[]": "data.nothing"}, 200, None),
        ("POST customers", {"expand[]": "nothing"}, 400, None),
        ("POST nothing", {}, 404, None),
        ("DELETE prices/price_1", {}, 405, None),
        ("POST payment_methods", {"type": "card", "card[number]": "4111111111111111"}, 402, "incorrect_number"),
    ],
)
def test_refusals_are_stripes(
    stripe_server: StripeServer, path: str, given: dict[str, str], status: int, code: str | None
) -> None:
    method, place = path.split(" ")
    told = {"params": given} if method == "GET" else {"data": given}
    answer = requests.request(method, f"{stripe_server.url}/v1/{place}", auth=(KEY, ""), timeout=30, **told)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.json()["error"].get("code") == code
        assert answer.json()["error"]["message"]
    assert answer.headers["Request-Id"].startswith("req_")
    assert not requests.get(f"{stripe_server.url}/v1/events", auth=(KEY, ""), timeout=30).json()["data"]


@pytest.mark.parametrize("key", ["sk_live_1", "pk_test_1", ""])
def test_only_test_keys_are_taken(stripe_server: StripeServer, key: str) -> None:
    answer = requests.get(f"{stripe_server.url}/v1/customers", headers={"Authorization": f"Bearer {key}"}, timeout=30)
    assert answer.status_code == 401


def test_another_hosts_name_is_refused(stripe_server: StripeServer) -> None:
    assert requests.get(stripe_server.url, headers={"Host": "evil.example"}, timeout=30).status_code == 421
    cross = requests.post(stripe_server.url, headers={"Sec-Fetch-Site": "cross-site"}, timeout=30)
    assert cross.status_code == 403


def test_lists_come_in_pages(client: stripe.StripeClient) -> None:
    made = [client.v1.customers.create({"email": f"{number}@acme.test"}).id for number in range(7)][::-1]
    first = client.v1.customers.list({"limit": 3})
    assert ([one.id for one in first.data], first.has_more) == (made[:3], True)
    last = client.v1.customers.list({"limit": 4, "starting_after": made[2]})
    assert ([one.id for one in last.data], last.has_more) == (made[3:], False)
    before = client.v1.customers.list({"limit": 2, "ending_before": made[4]})
    assert [one.id for one in before.data] == made[2:4]
    assert [one.id for one in client.v1.customers.list({"limit": 2}).auto_paging_iter()] == made
    created = client.v1.customers.retrieve(made[0]).created
    assert len(client.v1.customers.list({"created": {"gte": created - 60}}).data) == 7
    assert client.v1.customers.list({"created": {"gt": created + 60}}).data == []


def test_a_lookup_key_moves_only_where_asked(client: stripe.StripeClient) -> None:
    product = client.v1.products.create({"name": "Chain"}).id
    new: Any = {
        "product": product,
        "currency": "eur",
        "unit_amount": 100,
        "recurring": {"interval": "month"},
        "lookup_key": "k",
    }
    old = client.v1.prices.create(new)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.prices.create({**new, "unit_amount": 200})
    taken = client.v1.prices.create({**new, "unit_amount": 200, "transfer_lookup_key": True})
    assert [price.id for price in client.v1.prices.list({"lookup_keys": ["k"]}).data] == [taken.id]
    assert client.v1.prices.retrieve(old.id).lookup_key is None


def test_fields_are_filled_in_where_asked(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    subscribe: Callable[..., stripe.Subscription],
) -> None:
    customer = make_customer()
    subscription = subscribe(customer, make_price(), 11, expand=["latest_invoice.payments", "customer"])
    assert subscription["customer"]["email"] == "owner@acme.test"
    assert subscription["latest_invoice"]["payments"]["data"][0]["status"] == "paid"
    found = client.v1.subscriptions.list(
        {"expand": ["data.items.data.price.tiers", "data.default_payment_method"]}
    ).data[0]
    assert [tier.up_to for tier in found["items"].data[0].price.tiers or []] == [10, 50, None]
    assert [line.amount for line in client.v1.invoices.line_items.list(subscription["latest_invoice"]["id"]).data] == [
        199_000,
        14_900,
    ]


def test_one_currency_a_customer(
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    subscribe: Callable[..., stripe.Subscription],
) -> None:
    customer = make_customer()
    subscribe(customer, make_price(100, currency="eur"))
    with pytest.raises(stripe.InvalidRequestError, match="combine currencies"):
        subscribe(customer, make_price(100, currency="usd"))


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_is_answered_again_to_the_same_key(
    stripe_server: StripeServer, client: stripe.StripeClient, status: int
) -> None:
    stripe_server.fault("status", "/v1/customers", status=status)
    for _again in range(2):
        with pytest.raises(stripe.APIError) as failed:
            client.v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"})
        assert failed.value.http_status == status
    assert client.v1.customers.list().data == []
    assert client.v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "again"}).id


@pytest.mark.parametrize("status", [401, 409, 429])
def test_what_was_not_begun_is_not_answered_again(
    stripe_server: StripeServer, client: stripe.StripeClient, status: int
) -> None:
    stripe_server.fault("status", "/v1/customers", status=status)
    with pytest.raises(stripe.StripeError):
        client.v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"})
    assert client.v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"}).id


@pytest.mark.parametrize("kind", ["close_before", "close_after", "status"])
def test_a_broken_call_is_tried_again_and_done_once(stripe_server: StripeServer, kind: str) -> None:
    """By the library itself, with one idempotency key."""
    client = stripe_server.client(max_network_retries=2)
    stripe_server.fault(kind, "/v1/customers", status=409)
    made = client.v1.customers.create({"email": "a@acme.test"})
    assert [one.id for one in client.v1.customers.list().data] == [made.id]
    calls = stripe_server.calls("POST", "/v1/customers")
    assert len(calls) == 2
    assert calls[0]["key"] == calls[1]["key"] is not None
    assert calls[1]["replayed"] is (kind == "close_after")


def test_half_an_answer_is_not_tried_again_by_the_library(stripe_server: StripeServer) -> None:
    """The work was done: who calls again with the same key is told of it."""
    client = stripe_server.client(max_network_retries=2)
    stripe_server.fault("half", "/v1/customers")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"})
    made = client.v1.customers.create({"email": "a@acme.test"}, {"idempotency_key": "once"})
    assert [one.id for one in client.v1.customers.list().data] == [made.id]


def test_faults_fall_where_they_are_asked_for(stripe_server: StripeServer) -> None:
    client = stripe_server.client()
    stripe_server.fault("status", "/v1/products", method="POST", status=429, times=1, skip=1)
    client.v1.customers.create()
    client.v1.products.create({"name": "first"})
    with pytest.raises(stripe.RateLimitError):
        client.v1.products.create({"name": "second"})
    client.v1.products.create({"name": "third"})
    assert {product.name for product in client.v1.products.list().data} == {"first", "third"}
    stripe_server.fault("slow", "/v1/products", seconds=2)
    quick = stripe_server.client(http_client=stripe.RequestsClient(timeout=0.3))
    with pytest.raises(stripe.APIConnectionError):
        quick.v1.products.list()


def test_coupons_count_on_invoices(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    subscribe: Callable[..., stripe.Subscription],
    advance: Callable[..., None],
) -> None:
    """20 % for two months of 10.00, and 3.00 off once: 10.00 - 2.00 - 3.00, then 8.00, then 10.00."""
    fifth = client.v1.coupons.create({"percent_off": 20, "duration": "repeating", "duration_in_months": 2}).id
    once = client.v1.coupons.create({"amount_off": 300, "currency": "cny", "duration": "once"}).id
    customer = make_customer(at=1_775_001_600)
    subscribe(customer, make_price(1_000), discounts=[{"coupon": fifth}, {"coupon": once}])
    advance(customer, 1_775_001_600 + 65 * 86_400)
    totals = [invoice.total for invoice in client.v1.invoices.list({"customer": customer.id}).data]
    assert totals == [1_000, 800, 500]
    first = client.v1.invoices.list({"customer": customer.id}).data[-1]
    assert [part.amount for part in first.total_discount_amounts or []] == [200, 300]


def test_a_discount_that_is_over_by_then_is_not_promised(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    subscribe: Callable[..., stripe.Subscription],
    advance: Callable[..., None],
) -> None:
    half = client.v1.coupons.create({"percent_off": 50, "duration": "repeating", "duration_in_months": 1}).id
    customer = make_customer(at=1_775_001_600)
    subscription = subscribe(customer, make_price(1_000), discounts=[{"coupon": half}])
    upcoming = client.v1.invoices.create_preview({"subscription": subscription.id})
    advance(customer, 1_775_001_600 + 31 * 86_400)
    totals = [invoice.total for invoice in client.v1.invoices.list({"customer": customer.id}).data]
    assert totals == [upcoming.total, 500] == [1_000, 500]


def test_credit_is_used_before_the_card(
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    subscribe: Callable[..., stripe.Subscription],
) -> None:
    customer = make_customer(balance=-1_300)
    price = make_price(1_000)
    first = client.v1.invoices.retrieve(str(subscribe(customer, price).latest_invoice))
    second = client.v1.invoices.retrieve(str(subscribe(customer, price).latest_invoice))
    assert [
        (one.starting_balance, one.total, one.amount_due, one.ending_balance, one.status) for one in (first, second)
    ] == [
        (-1_300, 1_000, 0, -300, "paid"),
        (-300, 1_000, 700, 0, "paid"),
    ]


def test_refunds_in_parts_and_disputes(
    stripe_server: StripeServer,
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    subscribe: Callable[..., stripe.Subscription],
) -> None:
    subscribe(make_customer(), make_price(1_000))
    charge = client.v1.charges.list().data[0]
    client.v1.refunds.create({"payment_intent": str(charge.payment_intent), "amount": 400})
    assert client.v1.charges.retrieve(charge.id).amount_refunded == 400
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"charge": charge.id, "amount": 601})
    client.v1.refunds.create({"charge": charge.id})
    whole = client.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (whole.refunded, [refund.amount for refund in whole.refunds.data if whole.refunds]) == (True, [600, 400])
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_already_refunded"
    subscribe(make_customer(), make_price(2_000))
    dispute = stripe_server.dispute(client.v1.charges.list().data[0].id)
    stripe_server.close_dispute(dispute, "lost")
    assert client.v1.disputes.retrieve(dispute).status == "lost"
    told = [event.type for event in client.v1.events.list({"types": ["charge.*"]}).data]
    assert told.count("charge.dispute.closed") == told.count("charge.dispute.created") == 1
    assert told.count("charge.refunded") == 2


def test_nothing_asked_for_before_a_reset_is_done_after_it(stripe_server: StripeServer) -> None:
    stripe_server.fault("slow", seconds=1.0)
    impatient = stripe_server.client(max_network_retries=0, http_client=stripe.RequestsClient(timeout=0.2))
    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.customers.create({"name": "Acme"})
    stripe_server.ask("POST", "reset")
    time.sleep(1.2)
    assert not stripe_server.calls()
    assert not stripe_server.client().v1.customers.list().data
