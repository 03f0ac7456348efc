"""A product, its prices and customers in the stand-in."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.plugins.stripe import StripeServer

GRADUATED = [
    {"up_to": 10, "unit_amount": 19_900},
    {"up_to": 50, "unit_amount": 14_900},
    {"up_to": "inf", "unit_amount": 9_900},
]


@pytest.fixture
def client(stripe_server: StripeServer) -> stripe.StripeClient:
    return stripe_server.client()


@pytest.fixture
def make_price(client: stripe.StripeClient) -> Callable[..., stripe.Price]:
    def make(unit_amount: int | None = None, *, interval: str = "month", currency: str = "cny") -> stripe.Price:
        """Graduated where no amount is given."""
        tiers: dict[str, Any] = {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": GRADUATED}
        return client.v1.prices.create(
            {
                "currency": currency,
                "product_data": {"name": "Chain"},
                "recurring": {"interval": interval},
                **(tiers if unit_amount is None else {"unit_amount": unit_amount}),
            }
        )

    return make


@pytest.fixture
def make_customer(client: stripe.StripeClient) -> Callable[..., stripe.Customer]:
    def make(card: str = "pm_card_visa", *, at: int | None = None, **more: Any) -> stripe.Customer:
        """With a card that is charged, on a clock of its own where a time is given."""
        clock = {"test_clock": client.v1.test_helpers.test_clocks.create({"frozen_time": at}).id} if at else {}
        method = {"payment_method": card, "invoice_settings": {"default_payment_method": card}} if card else {}
        return client.v1.customers.create({"email": "owner@acme.test", **method, **clock, **more})

    return make


@pytest.fixture
def advance(client: stripe.StripeClient) -> Callable[[stripe.Customer, int], None]:
    """A customer's own clock, to a moment."""

    def move(customer: stripe.Customer, until: int) -> None:
        clock = str(customer.test_clock)
        client.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": until})
        assert client.v1.test_helpers.test_clocks.retrieve(clock).status == "ready"

    return move


@pytest.fixture
def subscribe(client: stripe.StripeClient) -> Callable[..., stripe.Subscription]:
    def make(customer: stripe.Customer, price: stripe.Price, quantity: int = 1, **more: Any) -> stripe.Subscription:
        return client.v1.subscriptions.create(
            {
                "customer": customer.id,
                "items": [{"price": price.id, "quantity": quantity}],
                "billing_mode": {"type": "classic"},
                **more,
            }
        )

    return make


@pytest.fixture
def change(client: stripe.StripeClient) -> Callable[..., stripe.Subscription]:
    """One item's quantity or price."""

    def make(
        subscription: stripe.Subscription, *, quantity: int | None = None, price: str | None = None, **more: Any
    ) -> stripe.Subscription:
        item = {"id": subscription["items"].data[0].id}
        item |= {"quantity": quantity} if quantity is not None else {}
        item |= {"price": price} if price is not None else {}
        return client.v1.subscriptions.update(subscription.id, {"items": [item], **more})

    return make
