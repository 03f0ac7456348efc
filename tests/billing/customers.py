"""A customer at Stripe as tests make one: with a clock of its own, and everything by the API alone, so that the same
flows run against the stand-in and against Stripe's test mode."""

import time
from typing import Any

import stripe

from billing import gateway
from billing.models import Account
from billing.plans import Interval, Plan
from billing.services.stripe_sync import refresh_account

DAY = 86_400
VISA, FAILS_LATER, DISPUTED = "pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_createDispute"


class TestCustomer:
    """Of an account of ours."""

    __test__ = False

    def __init__(self, account: Account, *, card: str = VISA) -> None:
        self.account = account
        self.api = gateway.client().v1
        self.clock = self.api.test_helpers.test_clocks.create({"frozen_time": int(time.time()), "name": "flow"})
        self.id = self.api.customers.create({"test_clock": self.clock.id, "name": "Acme"}).id
        self.use_card(card)
        Account.objects.filter(pk=account.pk).update(customer_id=self.id)

    def use_card(self, card: str) -> None:
        method = self.api.payment_methods.attach(card, {"customer": self.id})
        self.api.customers.update(self.id, {"invoice_settings": {"default_payment_method": method.id}})

    def subscribe(
        self, plan: Plan, stores: int, currency: str = "CNY", interval: Interval = "month", **given: Any
    ) -> stripe.Subscription:
        from billing.stripe_catalogue import find_price_id

        items = [{"price": find_price_id(plan, currency, interval), "quantity": stores}]
        return self.api.subscriptions.create(
            {"customer": self.id, "items": items, "billing_mode": {"type": "classic"}, **given}  # type: ignore[typeddict-item]
        )

    def advance(self, *, days: float) -> None:
        """The clock of this customer alone; Stripe takes its time over it."""
        until = self.api.test_helpers.test_clocks.retrieve(self.clock.id).frozen_time + int(days * DAY)
        self.api.test_helpers.test_clocks.advance(self.clock.id, {"frozen_time": until})
        deadline = time.monotonic() + 120
        while self.api.test_helpers.test_clocks.retrieve(self.clock.id).status != "ready":
            assert time.monotonic() < deadline
            time.sleep(1)

    @property
    def now(self) -> int:
        return self.api.test_helpers.test_clocks.retrieve(self.clock.id).frozen_time

    def open_invoice(self) -> str:
        return self.api.invoices.list({"customer": self.id, "status": "open"}).data[0].id

    def read(self) -> Account:
        return refresh_account(account_id=self.account.pk)
