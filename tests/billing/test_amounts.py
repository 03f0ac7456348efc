"""What a subscription brings a month, worked out by hand."""

from typing import Any

import pytest
import stripe

from billing.amounts import discounted, divided, monthly_amount, period_amount

GRADUATED = [
    {"up_to": 10, "unit_amount": 199_00, "flat_amount": None},
    {"up_to": 50, "unit_amount": 149_00, "flat_amount": None},
    {"up_to": None, "unit_amount": 99_00, "flat_amount": None},
]


def coupon(**fields: Any) -> stripe.Coupon:
    bare = {"object": "coupon", "percent_off": None, "amount_off": None, "currency": None, "duration": "forever"}
    return stripe.Coupon.construct_from({**bare, **fields}, None)


def subscription(*, interval: str = "month", amount: int = 99_00, coupons: tuple[stripe.Coupon, ...] = ()) -> Any:
    price = {
        "object": "price",
        "id": "price_1",
        "billing_scheme": "per_unit",
        "unit_amount": amount,
        "recurring": {"interval": interval, "interval_count": 1},
    }
    item = {"object": "subscription_item", "price": price, "quantity": 1}
    discounts = [{"object": "discount", "source": {"coupon": found.to_dict()}} for found in coupons]
    raw = {
        "object": "subscription",
        "currency": "cny",
        "items": {"object": "list", "data": [item]},
        "discounts": discounts,
    }
    return stripe.Subscription.construct_from(raw, None)


@pytest.mark.parametrize(
    ("stores", "amount"),
    [
        (0, 0),
        (1, 199_00),
        (10, 1990_00),
        # 10 at 199 and 2 at 149.
        (12, 2288_00),
        # 10 at 199, 40 at 149 and 3 at 99.
        (53, 8247_00),
    ],
)
def test_each_store_at_the_price_of_its_step(stores: int, amount: int) -> None:
    price = stripe.Price.construct_from({"object": "price", "billing_scheme": "tiered", "tiers": GRADUATED}, None)
    assert period_amount(price, stores) == amount


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"percent_off": 20.0}, 79_20),
        # 9900 × 0.875 = 8662.5
        ({"percent_off": 12.5}, 86_63),
        ({"amount_off": 30_00, "currency": "cny"}, 69_00),
        ({"amount_off": 300_00, "currency": "cny"}, 0),
        ({"amount_off": 30_00, "currency": "usd"}, 99_00),
        ({"percent_off": 20.0, "duration": "once"}, 99_00),
        ({"percent_off": 20.0, "duration": "repeating"}, 79_20),
    ],
)
def test_discounts(fields: dict[str, Any], left: int) -> None:
    assert discounted(99_00, coupon(**fields), "cny") == left
    assert monthly_amount(subscription(coupons=(coupon(**fields),))) == left


def test_discounts_follow_one_another() -> None:
    both = (coupon(percent_off=50.0), coupon(amount_off=9_50, currency="cny"))
    assert monthly_amount(subscription(coupons=both)) == 40_00


def test_a_year_is_twelve_months() -> None:
    assert monthly_amount(subscription(interval="year", amount=990_00)) == 82_50
    # 995 / 12 = 82.92, 990 / 12 = 82.5, half up.
    assert (divided(995, 12), divided(990, 12), divided(989, 12)) == (83, 83, 82)
