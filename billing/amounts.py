"""What a subscription at Stripe brings a month: integers of the currency's smallest unit."""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import stripe
from django.conf import settings

from billing import gateway

MONTHS = {"month": 1, "year": 12}


def monthly_amount(subscription: stripe.Subscription) -> int:
    """After the discounts that last; one of a single invoice takes nothing off what comes again and again."""
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
    """Of one period: each unit at the price of the tier its number falls in."""
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
    if coupon.duration == "once":
        return amount
    if coupon.percent_off is not None:
        left = amount * (100 - Decimal(str(coupon.percent_off))) / 100
        return int(left.to_integral_value(ROUND_HALF_UP))
    if coupon.amount_off is not None and coupon.currency == currency:
        return max(0, amount - coupon.amount_off)
    return amount


def divided(amount: int, months: int) -> int:
    """Rounded half up."""
    return (2 * amount + months) // (2 * months)


@lru_cache(maxsize=1000)
def _with_tiers(price_id: str, _account: tuple[str, str]) -> stripe.Price:
    """They come only where a price is asked for by itself. A price once made never changes, so it is kept."""
    return gateway.client().v1.prices.retrieve(price_id, {"expand": ["tiers"]})
