"""The plans: prices and entitlements. `revisit sync_plans` mirrors the prices to Stripe.

Prices are immutable, as at Stripe: a new amount is a new price, and subscribers keep the old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from django.utils.functional import Promise

from core.shared.plans import PLAN_NAMES, Entitlements

Interval = Literal["month", "year"]
INTERVALS: tuple[Interval, ...] = get_args(Interval)
PlanCode = Literal["solo", "chain"]
# ISO 4217 code and symbol. All have two decimals: amounts are integers of hundredths.
CURRENCIES: Mapping[str, str] = {"CNY": "¥", "USD": "$", "EUR": "€"}
# A yearly subscription costs ten monthly payments.
MONTHS_PAID_A_YEAR = 10
TRIAL_DAYS = 14
# The largest file that a plan brings in, in megabytes: 1 GB.
UPLOAD_MB = 1024
# Grace period after a failed payment, in which nothing changes for the chain.
GRACE_DAYS = 14


@dataclass(frozen=True)
class Tier:
    """The monthly price per store, up to and including store number `up_to` (None: no upper bound)."""

    up_to: int | None
    unit_amounts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan. `limits` leaves out stores, since their number is the quantity paid for, at most `max_stores`."""

    code: PlanCode
    name: Promise
    tiers: tuple[Tier, ...]
    limits: Entitlements
    max_stores: int

    def entitlements(self, stores: int) -> Entitlements:
        return replace(self.limits, plan=self.code, stores=min(stores, self.max_stores))

    def amount(self, stores: int, currency: str, interval: Interval) -> int:
        """Return the price per period in hundredths, with graduated tiers."""
        total, before = 0, 0
        for tier in self.tiers:
            up_to = stores if tier.up_to is None else min(stores, tier.up_to)
            total += max(0, up_to - before) * tier.unit_amounts[currency]
            before = up_to
        return total * (MONTHS_PAID_A_YEAR if interval == "year" else 1)


SOLO = Plan(
    code="solo",
    name=PLAN_NAMES["solo"],
    tiers=(Tier(None, {"CNY": 99_00, "USD": 19_00, "EUR": 19_00}),),
    limits=Entitlements(
        staff=15, messages=500, api_calls=1_000, upload_mb=UPLOAD_MB, benchmark=False, own_domain=False
    ),
    max_stores=1,
)
CHAIN = Plan(
    code="chain",
    name=PLAN_NAMES["chain"],
    tiers=(
        Tier(10, {"CNY": 199_00, "USD": 39_00, "EUR": 35_00}),
        Tier(50, {"CNY": 149_00, "USD": 29_00, "EUR": 27_00}),
        Tier(None, {"CNY": 99_00, "USD": 19_00, "EUR": 17_00}),
    ),
    limits=Entitlements(messages=20_000, api_calls=20_000, upload_mb=UPLOAD_MB),
    max_stores=1_000,
)
PLANS: Mapping[str, Plan] = {plan.code: plan for plan in (SOLO, CHAIN)}
# Negotiated: entitlements are saved with the account and paid by separate invoices.
ENTERPRISE = "enterprise"
# All features, with limits that fit a trial.
TRIAL = Entitlements(plan="trial", stores=50, messages=100, api_calls=1_000, upload_mb=UPLOAD_MB)

_PRODUCTS = "revisit_"


def product_id(plan: Plan) -> str:
    """Return the id of the plan's Stripe product, to which all its prices belong, old ones included."""
    return f"{_PRODUCTS}{plan.code}"


def plan_of_product(product: str) -> Plan | None:
    """Return the plan of a Stripe product id; None if it is not one of ours."""
    return PLANS.get(product.removeprefix(_PRODUCTS)) if product.startswith(_PRODUCTS) else None


def lookup_key(plan: Plan, currency: str, interval: Interval) -> str:
    """Return the lookup key of the price currently on sale."""
    return f"revisit_{plan.code}_{interval}_{currency.lower()}"
