"""The plans: what each costs and what it allows. `revisit sync_plans` mirrors their prices to Stripe.

A price once used is never changed, as at Stripe: a new figure is a new price, and subscribers keep the old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from django.utils.functional import Promise

from core.shared.plans import PLAN_NAMES, Entitlements

Interval = Literal["month", "year"]
INTERVALS: tuple[Interval, ...] = get_args(Interval)
PlanCode = Literal["solo", "chain"]
# ISO 4217, with how people write it. Each has two decimals: amounts are integers of its hundredth.
CURRENCIES: Mapping[str, str] = {"CNY": "¥", "USD": "$", "EUR": "€"}
# A year costs as much as ten months.
MONTHS_PAID_A_YEAR = 10
TRIAL_DAYS = 14
# What follows a failed payment, during which nothing changes for the chain.
GRACE_DAYS = 14


@dataclass(frozen=True)
class Step:
    """The monthly price of each store up to and including number `through`; None: of all further ones."""

    through: int | None
    a_store: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`allows` is without the number of stores, which is what was paid for; `most_stores` is how many that can be."""

    code: PlanCode
    name: Promise
    steps: tuple[Step, ...]
    allows: Entitlements
    most_stores: int

    def entitlements(self, stores: int) -> Entitlements:
        return replace(self.allows, plan=self.code, stores=min(stores, self.most_stores))

    def amount(self, stores: int, currency: str, interval: Interval) -> int:
        """Of a period, in hundredths: each store at the price of the step its number falls in."""
        total, before = 0, 0
        for step in self.steps:
            through = stores if step.through is None else min(stores, step.through)
            total += max(0, through - before) * step.a_store[currency]
            before = through
        return total * (MONTHS_PAID_A_YEAR if interval == "year" else 1)


SOLO = Plan(
    code="solo",
    name=PLAN_NAMES["solo"],
    steps=(Step(None, {"CNY": 99_00, "USD": 19_00, "EUR": 19_00}),),
    allows=Entitlements(staff=15, messages=500, api_calls=1_000, benchmark=False, own_domain=False),
    most_stores=1,
)
CHAIN = Plan(
    code="chain",
    name=PLAN_NAMES["chain"],
    steps=(
        Step(10, {"CNY": 199_00, "USD": 39_00, "EUR": 35_00}),
        Step(50, {"CNY": 149_00, "USD": 29_00, "EUR": 27_00}),
        Step(None, {"CNY": 99_00, "USD": 19_00, "EUR": 17_00}),
    ),
    allows=Entitlements(messages=20_000, api_calls=20_000),
    most_stores=1_000,
)
PLANS: Mapping[str, Plan] = {plan.code: plan for plan in (SOLO, CHAIN)}
# By agreement: what it allows is kept with the account, and paid by invoice.
ENTERPRISE = "enterprise"
# Everything, on a scale that fits a first try.
TRIAL = Entitlements(plan="trial", stores=50, messages=100, api_calls=1_000)

_PRODUCTS = "revisit_"


def product_id(plan: Plan) -> str:
    """Of its product at Stripe, which all its prices belong to, those no longer sold too."""
    return f"{_PRODUCTS}{plan.code}"


def plan_of_product(product: str) -> Plan | None:
    return PLANS.get(product.removeprefix(_PRODUCTS)) if product.startswith(_PRODUCTS) else None


def lookup_key(plan: Plan, currency: str, interval: Interval) -> str:
    """By which Stripe finds the price of a plan that is sold now."""
    return f"revisit_{plan.code}_{interval}_{currency.lower()}"
