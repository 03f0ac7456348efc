"""The monthly value of a Stripe subscription (MRR), as an integer of the currency's smallest unit."""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import stripe
from django.conf import settings

from billing import gateway

MONTHS = {"month": 1, "year": 12}


def monthly_amount(subscription: stripe.Subscription) -> int:
    """Return the recurring amount per month, after all discounts except those that apply to one invoice only."""
    total, months = 0, 1
    for item in subscription["items"].data:
        price: stripe.Price = item.price
        if price.billing_scheme == "tiered":
            price = _with_tiers(price.id, (settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY))
        total += period_amount(price, item.quantity or 0)
        if price.recurring:
            months = MONTHS.get(price.recurring.interval, 1) * price.recurring.interval_count
    for discount in subscription.discounts:
        coupon = discount.source.coupon if isinstance(discount, stripe.Discount) else None
        if isinstance(coupon, stripe.Coupon):
            total = discounted(total, coupon, subscription.currency)
    return divided(total, months)


def period_amount(price: stripe.Price, quantity: int) -> int:
    """Return the price of one billing period; tiers are graduated: each unit costs what its own tier says."""
    if price.billing_scheme != "tiered":
        return (price.unit_amount or 0) * quantity
    total, before = 0, 0
    for tier in price.tiers or []:
        through = quantity if tier.up_to is None else min(quantity, tier.up_to)
        if through > before:
            total += (through - before) * (tier.unit_amount or 0) + (tier.flat_amount or 0)
            before = through
    return total


def discounted(amount: int, coupon: stripe.Coupon, currency: str) -> int:
    """Return the amount less the coupon; a coupon for one invoice only does not lower recurring revenue."""
    if coupon.duration == "once":
        return amount
    if coupon.percent_off is not None:
        left = amount * (100 - Decimal(str(coupon.percent_off))) / 100
        return int(left.to_integral_value(ROUND_HALF_UP))
    if coupon.amount_off is not None and coupon.currency == currency:
        return max(0, amount - coupon.amount_off)
    return amount


def divided(amount: int, months: int) -> int:
    """Divide an amount by a number of months, rounding half up."""
    return (2 * amount + months) // (2 * months)


@lru_cache(maxsize=1000)
def _with_tiers(price_id: str, _account: tuple[str, str]) -> stripe.Price:
    """Fetch a price with its tiers, which lists leave out; cached, because a price at Stripe never changes."""
    return gateway.client().v1.prices.retrieve(price_id, {"expand": ["tiers"]})
