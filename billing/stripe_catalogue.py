"""Mirrors our plans to Stripe: one product per plan, one price per plan, interval and currency.

The current price is found by its lookup key. Prices are never edited: a new amount becomes a new price that takes over
the lookup key, and the old price is deactivated. Existing subscribers keep the old price.
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
from billing.services.access import refresh_access
from core.shared.errors import AppError

logger = logging.getLogger(__name__)


@dataclass
class SyncResult:
    """What a sync changed, named by Stripe's ids and lookup keys."""

    products: list[str] = field(default_factory=list)
    prices: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    unchanged: int = 0
    # Number of accounts whose entitlements changed.
    accounts: int = 0


@dataclass(frozen=True)
class PriceSpec:
    """A price as it should exist at Stripe."""

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
            {"up_to": "inf" if tier.up_to is None else tier.up_to, "unit_amount": self._amount(index)}
            for index, tier in enumerate(self.plan.tiers)
        ]

    def params(self) -> PriceCreateParams:
        params: PriceCreateParams = {
            "product": product_id(self.plan),
            "currency": self.currency.lower(),
            "recurring": {"interval": self.interval},
            "lookup_key": self.key,
            "transfer_lookup_key": True,
        }
        if len(self.plan.tiers) == 1:
            params["unit_amount"] = self._amount(0)
        else:
            params |= {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": self.tiers}
        return params

    def matches(self, price: stripe.Price) -> bool:
        if price.lookup_key != self.key:
            return False
        if len(self.plan.tiers) == 1:
            return price.billing_scheme == "per_unit" and price.unit_amount == self._amount(0)
        actual = [(tier.up_to, tier.unit_amount) for tier in price.tiers or []]
        expected = [(tier.up_to, self._amount(index)) for index, tier in enumerate(self.plan.tiers)]
        return price.tiers_mode == "graduated" and actual == expected

    def _amount(self, tier: int) -> int:
        return self.plan.tiers[tier].unit_amounts[self.currency] * self.months


def sync_plans() -> SyncResult:
    """Create or update products and prices at Stripe; idempotent. Call outside any chain.

    Raises AppError, stripe.StripeError.
    """
    result = SyncResult()
    for plan in PLANS.values():
        _sync_product(plan, result)
        _sync_prices(plan, result)
    result.accounts = refresh_entitlements()
    return result


def find_price_id(plan: Plan, currency: str, interval: Interval) -> str:
    """Return the id of the price on sale. Raises stripe.StripeError; AppError if `sync_plans` has not been run."""
    prices = gateway.client().v1.prices.list({"lookup_keys": [lookup_key(plan, currency, interval)], "active": True})
    if not prices.data:
        logger.error("Stripe has no price %s: run `revisit sync_plans`.", lookup_key(plan, currency, interval))
        raise AppError("not_on_sale", _("This plan cannot be bought just now. Write to us."), status=503)
    return prices.data[0].id


def refresh_entitlements() -> int:
    """Recompute every account's entitlements, since the plans may have changed; return how many changed."""
    return sum(refresh_access(account_id=pk) for pk in Account.objects.order_by("pk").values_list("pk", flat=True))


def _sync_product(plan: Plan, result: SyncResult) -> None:
    products = gateway.client().v1.products
    name = f"Revisit {plan.code.title()}"
    try:
        product = products.retrieve(product_id(plan))
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise
        products.create({"id": product_id(plan), "name": name, "unit_label": "store"})
        result.products.append(product_id(plan))
        return
    if not product.active or product.name != name:
        products.update(product.id, {"name": name, "active": True})
        result.products.append(product.id)


def _sync_prices(plan: Plan, result: SyncResult) -> None:
    """Create missing prices, then deactivate the others.

    In this order there is always a price on sale; an interrupted run is completed by the next one.
    """
    prices = gateway.client().v1.prices
    params: stripe.params.PriceListParams = {"product": product_id(plan), "active": True, "expand": ["data.tiers"]}
    on_sale = {price.id: price for price in prices.list({**params, "limit": 100}).auto_paging_iter()}
    for spec in (PriceSpec(plan, currency, interval) for currency in CURRENCIES for interval in INTERVALS):
        match = next((price for price in on_sale.values() if spec.matches(price)), None)
        if match is not None:
            del on_sale[match.id]
            result.unchanged += 1
        else:
            prices.create(spec.params())
            result.prices.append(spec.key)
    for price in on_sale:
        prices.update(price, {"active": False})
        result.retired.append(price)
