"""Every object has the fields of Stripe's own published examples, no more and no fewer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from tests.plugins.server import CHECKOUT
from tests.plugins.stripe import KEY, StripeServer

FIXTURES = CHECKOUT.parent / "shared" / "data" / "stripe" / "fixtures3.json"
# They carry nothing of their own: keys are the caller's, or languages'.
FREE = frozenset({"metadata", "previous_attributes", "payment_method_options"})

pytestmark = pytest.mark.skipif(not FIXTURES.exists(), reason="Stripe's published examples are not on this machine")


def examples() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FIXTURES.read_text())["resources"]
    return found


def differences(example: Any, ours: Any, where: str) -> list[str]:
    """Where the keys differ. Of a choice, `type` names the member that is there, which examples may leave out."""
    if isinstance(example, list) and isinstance(ours, list):
        return differences(example[0], ours[0], f"{where}[0]") if example and ours else []
    if not (isinstance(example, dict) and isinstance(ours, dict)):
        return []
    members = {str(ours.get("type")), *([str(example.get("type"))] if ours.get("object") is None else [])}
    found = [f"{where}.{key}" for key in sorted(set(example) ^ set(ours)) if key not in members]
    for key in set(example) & set(ours) - FREE:
        found += differences(example[key], ours[key], f"{where}.{key}")
    return found


LISTS = [
    "products",
    "prices",
    "customers",
    "coupons",
    "promotion_codes",
    "subscriptions",
    "invoices",
    "invoiceitems",
    "invoice_payments",
    "payment_intents",
    "charges",
    "refunds",
    "disputes",
    "events?limit=100",
    "test_helpers/test_clocks",
    "checkout/sessions",
    "billing_portal/configurations",
]


@pytest.fixture
def answers(
    stripe_server: StripeServer,
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    advance: Callable[..., None],
    subscribe: Callable[..., stripe.Subscription],
    change: Callable[..., stripe.Subscription],
) -> list[dict[str, Any]]:
    """One of everything, as it goes over the wire."""
    price = make_price()
    customer = make_customer(
        "pm_card_createDispute", at=1_800_000_000, tax_id_data=[{"type": "cn_tin", "value": "91310000MA1FL0XX00"}]
    )
    client.v1.customers.update(customer.id, {"address": {"country": "CN"}, "balance": -100})
    coupon = client.v1.coupons.create({"percent_off": 10, "duration": "forever"})
    code = client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING"})
    subscription = subscribe(customer, price, 3, discounts=[{"promotion_code": code.id}])
    change(subscription, quantity=4)
    advance(customer, 1_800_000_000 + 40 * 86_400)
    dispute = client.v1.disputes.list().data[0]
    stripe_server.close_dispute(dispute.id, "won")
    client.v1.refunds.create({"charge": str(dispute.charge), "amount": 100})
    portal = client.v1.billing_portal.sessions.create({"customer": customer.id})
    session = client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "success_url": "http://acme.localhost/",
            "line_items": [{"price": price.id, "quantity": 1}],
            "subscription_data": {"billing_mode": {"type": "classic"}},
        }
    )
    stripe_server.pay(str(session.url))
    customers_own = [
        f"customers/{customer.id}/{name}" for name in ("tax_ids", "balance_transactions", "payment_methods")
    ]
    found = [portal.to_dict(), client.v1.invoices.create_preview({"subscription": subscription.id}).to_dict()]
    for path in [*LISTS, *customers_own]:
        listed = requests.get(f"{stripe_server.url}/v1/{path}", auth=(KEY, ""), timeout=30).json()
        assert listed["data"], path
        found += listed["data"]
    discounts = client.v1.subscriptions.retrieve(subscription.id, {"expand": ["discounts"]}).discounts
    return [*found, *(json.loads(str(discount)) for discount in discounts)]


def test_every_object_has_the_fields_of_stripes_examples(answers: list[dict[str, Any]]) -> None:
    known = examples()
    seen, wrong = set(), []
    for answer in answers:
        seen.add(answer["object"])
        if answer["object"] == "event":
            answer = {**answer, "data": None}  # noqa: PLW2901 - what it carries is the next test's
        wrong += differences(known[answer["object"]], answer, answer["object"])
    assert wrong == []
    assert seen >= {"subscription", "invoice", "invoice_payment", "discount", "checkout.session", "dispute", "refund"}


def test_what_events_carry_has_these_fields_too(answers: list[dict[str, Any]]) -> None:
    known = examples()
    for event in (answer for answer in answers if answer["object"] == "event"):
        inner = event["data"]["object"]
        # The invoice to come has no id yet.
        shape = {key: value for key, value in known[inner["object"]].items() if key in inner or key != "id"}
        assert differences(shape, inner, event["type"]) == []


def test_the_library_reads_them_typed(client: stripe.StripeClient, answers: list[dict[str, Any]]) -> None:
    subscription = client.v1.subscriptions.list({"status": "all"}).data[0]
    assert isinstance(subscription, stripe.Subscription)
    item = subscription["items"].data[0]
    assert isinstance(item, stripe.SubscriptionItem)
    assert isinstance(item.price, stripe.Price)
    assert item.current_period_end > item.current_period_start
    invoice = client.v1.invoices.retrieve(str(subscription.latest_invoice), {"expand": ["payments"]})
    assert isinstance(invoice, stripe.Invoice)
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.payments is not None
    assert isinstance(invoice.payments.data[0], stripe.InvoicePayment)
