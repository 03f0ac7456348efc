"""What an owner wants of a subscription: plan, interval, number of stores."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from billing.models import Account
from billing.plans import INTERVALS, PLANS, SOLO, Interval, Plan
from billing.usage import Usage, misfits
from core.shared.errors import AppError
from core.shared.wording import in_a_row


@dataclass(frozen=True)
class Order:
    plan: Plan
    interval: Interval
    stores: int

    @classmethod
    def of(cls, account: Account) -> "Order":
        """What the account has now. Raises AppError at a price of no plan of ours."""
        if account.plan not in PLANS:
            raise AppError("by_agreement", _("What you pay was agreed with us: write to us to change it."), status=409)
        return cls.parsed(account.plan, account.interval, account.quantity)

    @classmethod
    def parsed(cls, plan: str, interval: str, stores: int) -> "Order":
        """Raises AppError for what there is not."""
        chosen = PLANS.get(plan)
        paid = next((known for known in INTERVALS if known == interval), None)
        if chosen is None or paid is None or stores < 1:
            raise AppError("unknown_plan", _("Choose one of the plans listed."), field="plan")
        return cls(chosen, paid, min(stores, chosen.most_stores))

    @property
    def choice(self) -> str:
        """As forms name plan and interval."""
        return f"{self.plan.code}.{self.interval}"

    def amount(self, currency: str) -> int:
        """Of a period, by the prices of today."""
        return self.plan.amount(self.stores, currency, self.interval)

    def as_json(self) -> Mapping[str, Any]:
        return {"plan": self.plan.code, "interval": self.interval, "stores": self.stores}

    def require_fit(self, usage: Usage) -> None:
        """Raises AppError that says what to reduce."""
        if found := misfits(self.plan, stores=self.stores, usage=usage):
            raise AppError("does_not_fit", in_a_row(found), field="stores", status=409)


def suggested(usage: Usage) -> Order:
    """The smallest that the chain fits into, paid monthly."""
    order = Order.parsed(SOLO.code, "month", 1)
    return Order.parsed("chain", "month", usage.quantity) if misfits(SOLO, stores=1, usage=usage) else order
