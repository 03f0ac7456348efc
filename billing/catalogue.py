"""The plans at Stripe: a product a plan, and a price for each plan, interval and currency.

What is sold now is found there by its lookup key. A price is never changed: a new figure is a new price that takes the
lookup key over, and the old one is no longer sold; who pays by it goes on doing so.
"""

import logging
from dataclasses import dataclass, field

import stripe
from django.utils.translation import gettext as _
from stripe.params import PriceCreateParams
from stripe.params._price_create_params import PriceCreateParamsTier

from billing import gateway
from billing.models import Account
from billing.plans import CURRENCIES, INTERVALS, MONTHS_PAID_A_YEAR, PLANS, Interval, Plan, lookup_key, product_id
from billing.services.access import renew_access
from core.shared.errors import AppError

logger = logging.getLogger(__name__)


@dataclass
class Synced:
    """What had to be done, by Stripe's ids and lookup keys."""

    products: list[str] = field(default_factory=list)
    prices: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    unchanged: int = 0
    # Whose allowance is another now.
    accounts: int = 0


@dataclass(frozen=True)
class Wanted:
    plan: Plan
    currency: str
    interval: Interval

    @property
    def key(self) -> str:
        return lookup_key(self.plan, self.currency, self.interval)

    @property
    def months(self) -> int:
        return MONTHS_PAID_A_YEAR if self.interval == "year" else 1

    @property
    def tiers(self) -> list[PriceCreateParamsTier]:
        return [
            {"up_to": "inf" if step.through is None else step.through, "unit_amount": self._amount(index)}
            for index, step in enumerate(self.plan.steps)
        ]

    def params(self) -> PriceCreateParams:
        params: PriceCreateParams = {
            "product": product_id(self.plan),
            "currency": self.currency.lower(),
            "recurring": {"interval": self.interval},
            "lookup_key": self.key,
            "transfer_lookup_key": True,
        }
        if len(self.plan.steps) == 1:
            params["unit_amount"] = self._amount(0)
        else:
            params |= {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": self.tiers}
        return params

    def is_met_by(self, price: stripe.Price) -> bool:
        if price.lookup_key != self.key:
            return False
        if len(self.plan.steps) == 1:
            return price.billing_scheme == "per_unit" and price.unit_amount == self._amount(0)
        found = [(tier.up_to, tier.unit_amount) for tier in price.tiers or []]
        wanted = [(step.through, self._amount(index)) for index, step in enumerate(self.plan.steps)]
        return price.tiers_mode == "graduated" and found == wanted

    def _amount(self, step: int) -> int:
        return self.plan.steps[step].a_store[self.currency] * self.months


def sync_plans() -> Synced:
    """Run again, it changes nothing. Called outside any chain. Raises AppError, stripe.StripeError."""
    done = Synced()
    for plan in PLANS.values():
        _sync_product(plan, done)
        _sync_prices(plan, done)
    done.accounts = renew_allowances()
    return done


def price_id(plan: Plan, currency: str, interval: Interval) -> str:
    """Of what is sold now. Raises stripe.StripeError; AppError where `sync_plans` has not been run."""
    found = gateway.client().v1.prices.list({"lookup_keys": [lookup_key(plan, currency, interval)], "active": True})
    if not found.data:
        logger.error("Stripe has no price %s: run `revisit sync_plans`.", lookup_key(plan, currency, interval))
        raise AppError("not_on_sale", _("This plan cannot be bought just now. Write to us."), status=503)
    return found.data[0].id


def renew_allowances() -> int:
    """Works out anew what each chain may do, since the table of plans may have changed."""
    return sum(renew_access(account_id=pk) for pk in Account.objects.order_by("pk").values_list("pk", flat=True))


def _sync_product(plan: Plan, done: Synced) -> None:
    products = gateway.client().v1.products
    name = f"Revisit {plan.code.title()}"
    try:
        found = products.retrieve(product_id(plan))
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise
        products.create({"id": product_id(plan), "name": name, "unit_label": "store"})
        done.products.append(product_id(plan))
        return
    if not found.active or found.name != name:
        products.update(found.id, {"name": name, "active": True})
        done.products.append(found.id)


def _sync_prices(plan: Plan, done: Synced) -> None:
    """New ones first, so that there is something to be sold at every moment; a run broken off is made good by the
    next."""
    prices = gateway.client().v1.prices
    params: stripe.params.PriceListParams = {"product": product_id(plan), "active": True, "expand": ["data.tiers"]}
    on_sale = {price.id: price for price in prices.list({**params, "limit": 100}).auto_paging_iter()}
    for want in (Wanted(plan, currency, interval) for currency in CURRENCIES for interval in INTERVALS):
        met = next((price for price in on_sale.values() if want.is_met_by(price)), None)
        if met is not None:
            del on_sale[met.id]
            done.unchanged += 1
        else:
            prices.create(want.params())
            done.prices.append(want.key)
    for price in on_sale:
        prices.update(price, {"active": False})
        done.retired.append(price)
