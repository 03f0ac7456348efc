"""An order: the plan, billing interval and number of stores of a subscription."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from billing.models import Account
from billing.plans import INTERVALS, PLANS, SOLO, Interval, Plan
from billing.usage import Usage, limit_violations
from core.shared.errors import AppError
from core.shared.sentences import join_sentences


@dataclass(frozen=True)
class Order:
    plan: Plan
    interval: Interval
    stores: int

    @classmethod
    def of(cls, account: Account) -> "Order":
        """Return the account's current order. Raises AppError if its price belongs to none of our plans."""
        if account.plan not in PLANS:
            raise AppError("by_agreement", _("What you pay was agreed with us: write to us to change it."), status=409)
        return cls.parse(account.plan, account.interval, account.quantity)

    @classmethod
    def parse(cls, plan: str, interval: str, stores: int) -> "Order":
        """Build an order from form values. Raises AppError for an unknown plan or interval."""
        known_plan = PLANS.get(plan)
        known_interval = next((each for each in INTERVALS if each == interval), None)
        if known_plan is None or known_interval is None or stores < 1:
            raise AppError("unknown_plan", _("Choose one of the plans listed."), field="plan")
        return cls(known_plan, known_interval, min(stores, known_plan.max_stores))

    @property
    def choice(self) -> str:
        """The form value for plan and interval, such as `chain.year`."""
        return f"{self.plan.code}.{self.interval}"

    def amount(self, currency: str) -> int:
        """Return the price per period at current prices."""
        return self.plan.amount(self.stores, currency, self.interval)

    def as_json(self) -> Mapping[str, Any]:
        return {"plan": self.plan.code, "interval": self.interval, "stores": self.stores}

    def require_fit(self, usage: Usage) -> None:
        """Raise AppError if the chain uses more than the order covers."""
        if violations := limit_violations(self.plan, stores=self.stores, usage=usage):
            raise AppError("does_not_fit", join_sentences(violations), field="stores", status=409)


def suggest_order(usage: Usage) -> Order:
    """Return the smallest monthly order that covers the chain's usage."""
    order = Order.parse(SOLO.code, "month", 1)
    return Order.parse("chain", "month", usage.quantity) if limit_violations(SOLO, stores=1, usage=usage) else order
