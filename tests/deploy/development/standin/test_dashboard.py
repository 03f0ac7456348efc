"""The stand-in's own page: people move the time there and send events again."""

from collections.abc import Callable

import stripe

from tests.plugins.stripe import DAY, StripeServer


def test_time_is_moved_by_buttons(
    stripe_server: StripeServer,
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    subscribe: Callable[..., stripe.Subscription],
) -> None:
    subscription = subscribe(make_customer(), make_price(1_000))
    on_clock = subscribe(make_customer(at=1_800_000_000), make_price(1_000))
    before = stripe_server.advance()
    text = stripe_server.page(stripe_server.url)
    assert subscription.id in text
    assert "owner@acme.test" in text
    stripe_server.post_form(stripe_server.url, action="15", subscription=subscription.id)
    assert 15 * DAY <= stripe_server.advance() - before < 15 * DAY + 60
    stripe_server.post_form(stripe_server.url, action="renewal", subscription=subscription.id)
    invoices = client.v1.invoices.list({"subscription": subscription.id}).data
    assert [invoice.status for invoice in invoices] == ["paid", "paid"]
    stripe_server.post_form(stripe_server.url, action="1", subscription=on_clock.id)
    clock = client.v1.test_helpers.test_clocks.retrieve(str(on_clock.test_clock))
    assert clock.frozen_time == 1_800_000_000 + DAY
    assert len(client.v1.invoices.list({"subscription": on_clock.id}).data) == 1


def test_events_show_what_became_of_them(stripe_server: StripeServer, client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"name": "<b>Acme</b>"})
    event = client.v1.events.list().data[0].id
    text = stripe_server.page(stripe_server.url)
    assert "customer.created" in text
    assert "waiting" in text
    assert "<b>" not in text
    assert stripe_server.post_form(stripe_server.url, action="again", event=event)[0] == 303
    assert stripe_server.post_form(stripe_server.url, action="again", event=customer.id)[0] == 200
    assert "No such" in stripe_server.post_form(stripe_server.url, action="again", event=customer.id)[2]


def test_a_charge_is_disputed_by_a_button(
    stripe_server: StripeServer,
    client: stripe.StripeClient,
    make_price: Callable[..., stripe.Price],
    make_customer: Callable[..., stripe.Customer],
    subscribe: Callable[..., stripe.Subscription],
) -> None:
    subscribe(make_customer(), make_price(1_000))
    charge = client.v1.charges.list().data[0].id
    assert stripe_server.post_form(stripe_server.url, action="dispute", charge=charge)[0] == 303
    assert client.v1.disputes.list().data[0].charge == charge
