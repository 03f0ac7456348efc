"""Paying on the pages, as a customer does: without a script, once."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from deploy.development.standin.customers import TAX_ID_TYPES
from tests.plugins.stripe import DAY, StripeServer

Sessions = Callable[..., stripe.checkout.Session]


@pytest.fixture
def open_session(client: stripe.StripeClient, make_price: Callable[..., stripe.Price]) -> Sessions:
    def make(subscription_data: Any = None, **more: Any) -> stripe.checkout.Session:
        return client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "line_items": [{"price": make_price(1_000).id, "quantity": 2}],
                "success_url": "http://acme.localhost/paid?session={CHECKOUT_SESSION_ID}",
                "cancel_url": "http://acme.localhost/back",
                "subscription_data": {"billing_mode": {"type": "classic"}, **(subscription_data or {})},
                **more,
            }
        )

    return make


def test_a_card_that_pays(
    stripe_server: StripeServer,
    client: stripe.StripeClient,
    open_session: Sessions,
    make_customer: Callable[..., stripe.Customer],
) -> None:
    customer = make_customer("")
    session = open_session(
        customer=customer.id,
        client_reference_id="acme",
        subscription_data={"metadata": {"chain": "acme"}},
        tax_id_collection={"enabled": True},
        customer_update={"name": "auto", "address": "auto"},
    )
    place = stripe_server.pay(str(session.url), tax_type="cn_tin", tax_id="91310000MA1FL0XX00", name="悦颜")
    assert place == f"http://acme.localhost/paid?session={session.id}"
    done = client.v1.checkout.sessions.retrieve(session.id)
    assert (done.status, done.payment_status, done.client_reference_id, done.amount_total) == (
        "complete",
        "paid",
        "acme",
        2_000,
    )
    subscription = client.v1.subscriptions.retrieve(str(done.subscription))
    assert (subscription.status, subscription.metadata["chain"]) == ("active", "acme")
    assert subscription.default_payment_method
    after = client.v1.customers.retrieve(customer.id)
    assert (after.name, after.address.city if after.address else None, after.currency) == ("悦颜", "上海", "cny")
    invoice = client.v1.invoices.retrieve(str(done.invoice))
    assert [(tax_id.type, tax_id.value) for tax_id in invoice.customer_tax_ids or []] == [
        ("cn_tin", "91310000MA1FL0XX00")
    ]
    assert "悦颜" in stripe_server.page(str(invoice.hosted_invoice_url))
    document = requests.get(str(invoice.invoice_pdf), timeout=30)
    assert document.headers["Content-Type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    assert "checkout.session.completed" in [event.type for event in client.v1.events.list().data]


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("4000000000000002", "declined"),
        ("4000000000009995", "insufficient funds"),
        ("4000000000000341", "declined"),
        ("4111111111111111", "incorrect"),
        ("", "incomplete"),
    ],
)
def test_a_card_that_does_not(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions, card: str, words: str
) -> None:
    """What was typed is still there, nothing was made, and the next card pays."""
    session = open_session()
    status, _place, text = stripe_server.post_form(
        str(session.url), action="pay", card_number=card, name="Typed & kept"
    )
    assert status == 200
    assert words in text
    assert "Typed &amp; kept" in text
    assert client.v1.subscriptions.list({"status": "all"}).data == []
    assert client.v1.customers.list().data == []
    stripe_server.pay(str(session.url))
    assert len(client.v1.subscriptions.list().data) == 1


def test_authentication_completed_or_failed(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions
) -> None:
    session = open_session()
    status, place, _text = stripe_server.post_form(str(session.url), action="pay", card_number="4000002500003155")
    assert (status, place) == (303, f"/c/pay/{session.id}/authentication")
    assert "Complete" in stripe_server.page(stripe_server.url + place)
    _status, _place, text = stripe_server.post_form(stripe_server.url + place, action="fail")
    assert "unable to authenticate" in text
    assert client.v1.subscriptions.list({"status": "all"}).data == []
    stripe_server.pay(str(session.url), "4000002500003155")
    subscription = client.v1.subscriptions.list().data[0]
    stripe_server.advance(days=32)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_card_that_asks_each_time_stops_a_renewal(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions
) -> None:
    stripe_server.pay(str(open_session().url), "4000002760003184")
    stripe_server.advance(days=32)
    subscription = client.v1.subscriptions.list().data[0]
    assert subscription.status == "past_due"
    assert "invoice.payment_action_required" in [event.type for event in client.v1.events.list({"limit": 100}).data]
    invoice = client.v1.invoices.retrieve(str(subscription.latest_invoice))
    status, _place, text = stripe_server.post_form(str(invoice.hosted_invoice_url), action="pay")
    assert status == 303, text
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_card_that_is_disputed(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions
) -> None:
    stripe_server.pay(str(open_session().url), "4000000000000259")
    assert client.v1.disputes.list().data[0].reason == "fraudulent"


def test_wallets_are_offered_in_yuan(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions
) -> None:
    session = open_session()
    assert session.payment_method_types == ["card", "alipay", "wechat_pay"]
    status, _place, text = stripe_server.post_form(str(session.url), action="alipay_fails")
    assert (status, "declined" in text) == (200, True)
    stripe_server.pay(str(session.url), action="alipay")
    assert client.v1.charges.list().data[0].payment_method_details.type == "alipay"  # type: ignore[union-attr]
    only = open_session(payment_method_types=["card"])
    assert "Alipay" not in stripe_server.page(str(only.url))


def test_two_people_pay_one_session(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions
) -> None:
    """At the same moment: both arrive where it is paid, one subscription, one charge."""
    session = open_session()
    start, places = threading.Barrier(8), []

    def pay() -> None:
        start.wait()
        places.append(stripe_server.pay(str(session.url)))

    people = [threading.Thread(target=pay) for _ in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert places == [f"http://acme.localhost/paid?session={session.id}"] * 8
    assert len(client.v1.subscriptions.list({"status": "all"}).data) == 1
    assert len(client.v1.charges.list().data) == 1
    assert len(client.v1.customers.list().data) == 1


def test_a_trial_takes_a_card_and_no_money(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions
) -> None:
    now = stripe_server.advance()
    session = open_session(subscription_data={"trial_end": now + 10 * DAY})
    text = stripe_server.page(str(session.url))
    assert '<dd id="due">¥0.00</dd>' in text
    assert "Then ¥20.00 each month" in text
    stripe_server.pay(str(session.url), "4000000000000341")
    subscription = client.v1.subscriptions.list().data[0]
    assert (subscription.status, subscription.trial_end) == ("trialing", now + 10 * DAY)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "no_payment_required"
    stripe_server.advance(days=11)
    assert client.v1.subscriptions.retrieve(subscription.id).status == "past_due"


def test_promotion_codes(stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions) -> None:
    coupon = client.v1.coupons.create({"percent_off": 25, "duration": "once"}).id
    client.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon}, "code": "SPRING", "max_redemptions": 1}
    )
    session = open_session(allow_promotion_codes=True)
    url = str(session.url)
    assert "invalid" in stripe_server.post_form(url, action="apply_code", promotion_code="AUTUMN")[2]
    assert '<dd id="due">¥15.00</dd>' in stripe_server.post_form(url, action="apply_code", promotion_code="spring")[2]
    stripe_server.pay(url)
    done = client.v1.checkout.sessions.retrieve(session.id)
    assert (done.amount_subtotal, done.amount_total) == (2_000, 1_500)
    assert client.v1.charges.list().data[0].amount == 1_500
    other = open_session(allow_promotion_codes=True)
    assert (
        "cannot be redeemed" in stripe_server.post_form(str(other.url), action="apply_code", promotion_code="SPRING")[2]
    )


def test_a_session_expires_by_itself_or_when_told(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions
) -> None:
    told, left = open_session(), open_session()
    assert client.v1.checkout.sessions.expire(told.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(told.id)
    stripe_server.advance(days=1, seconds=1)
    assert client.v1.checkout.sessions.retrieve(left.id).status == "expired"
    status, _place, text = stripe_server.post_form(str(left.url), action="pay", card_number="4242424242424242")
    assert (status, "has expired" in text) == (410, True)
    assert [event.type for event in client.v1.events.list().data].count("checkout.session.expired") == 2


@pytest.mark.parametrize("kind", sorted(TAX_ID_TYPES))
def test_a_tax_id_is_checked(
    client: stripe.StripeClient, make_customer: Callable[..., stripe.Customer], kind: Any
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.tax_ids.create(make_customer("").id, {"type": kind, "value": "?"})
    assert refused.value.code == "tax_id_invalid"


def test_the_portal(stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions) -> None:
    """From a failed renewal back to a paid one, and the end of it."""
    stripe_server.pay(str(open_session().url))
    subscription = client.v1.subscriptions.list().data[0]
    portal = client.v1.billing_portal.sessions.create(
        {"customer": str(subscription.customer), "return_url": "http://acme.localhost/billing/"}
    )
    stripe_server.change_card(portal.url, "4000000000000341")
    stripe_server.advance(days=32)
    overdue = client.v1.subscriptions.retrieve(subscription.id)
    assert overdue.status == "past_due"
    refused = stripe_server.post_form(portal.url, action="update_card", card_number="4000000000000002")
    assert (refused[0], "declined" in refused[2]) == (200, True)
    stripe_server.change_card(portal.url, "5555555555554444")
    invoice = client.v1.invoices.retrieve(str(overdue.latest_invoice))
    assert str(invoice.hosted_invoice_url) in stripe_server.page(portal.url)
    assert stripe_server.post_form(str(invoice.hosted_invoice_url), action="pay")[0] == 303
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"
    for action, ends in (("cancel", True), ("resume", False)):
        assert stripe_server.post_form(portal.url, action=action, subscription=subscription.id)[0] == 303
        assert client.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end is ends
    stripe_server.post_form(
        portal.url,
        action="update_details",
        name="New Name",
        email="n@acme.test",
        country="DE",
        tax_type="eu_vat",
        tax_id="DE123456789",
    )
    after = client.v1.customers.retrieve(str(subscription.customer), {"expand": ["tax_ids"]})
    assert (after.name, [tax_id.value for tax_id in after.tax_ids.data if after.tax_ids]) == (
        "New Name",
        ["DE123456789"],
    )
    page = stripe_server.page(portal.url)
    assert "mastercard •••• 4444" in page
    assert 'href="http://acme.localhost/billing/"' in page


def test_the_portal_offers_what_its_configuration_allows(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions
) -> None:
    stripe_server.pay(str(open_session().url))
    subscription = client.v1.subscriptions.list().data[0]
    bare = client.v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    portal = client.v1.billing_portal.sessions.create(
        {"customer": str(subscription.customer), "configuration": bare.id}
    )
    assert "Cancel the subscription" not in stripe_server.page(portal.url)
    status, _place, text = stripe_server.post_form(portal.url, action="cancel", subscription=subscription.id)
    assert (status, "not offered" in text) == (200, True)
    assert client.v1.subscriptions.retrieve(subscription.id).cancel_at is None


def test_a_trial_that_lies_behind_the_moved_clock_is_over(
    stripe_server: StripeServer, client: stripe.StripeClient, open_session: Sessions
) -> None:
    """The application, whose clock stays, takes it for what is to come."""
    ahead = int(time.time()) + 10 * DAY
    stripe_server.advance(days=20)
    session = open_session(subscription_data={"trial_end": ahead})
    stripe_server.pay(session.url or "")
    assert client.v1.subscriptions.list().data[0].status == "active"
    with pytest.raises(stripe.InvalidRequestError, match="in the future"):
        open_session(subscription_data={"trial_end": int(time.time()) - DAY})


def test_a_browser_that_asks_for_an_icon_finds_no_error(stripe_server: StripeServer) -> None:
    assert requests.get(f"{stripe_server.url}/favicon.ico", timeout=10).status_code == 204


@pytest.mark.parametrize("mode", [None, {"type": "flexible"}])
def test_a_subscription_that_stripe_would_prorate_otherwise_is_refused(
    client: stripe.StripeClient,
    open_session: Sessions,
    make_customer: Callable[..., stripe.Customer],
    make_price: Callable[..., stripe.Price],
    mode: Any,
) -> None:
    said = {"billing_mode": mode} if mode else {}
    with pytest.raises(stripe.InvalidRequestError, match="classic prorations alone"):
        client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "line_items": [{"price": make_price(1_000).id, "quantity": 2}],
                "success_url": "http://acme.localhost/",
                "subscription_data": said,  # type: ignore[typeddict-item]
            }
        )
    items = [{"price": make_price(1_000).id}]
    with pytest.raises(stripe.InvalidRequestError, match="classic prorations alone"):
        client.v1.subscriptions.create({"customer": make_customer().id, "items": items, **said})  # type: ignore[typeddict-item]
