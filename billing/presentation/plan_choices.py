"""The plans to choose from, each with its price and the limits that the chain exceeds."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.orders import Order
from billing.plans import INTERVALS, PLANS
from billing.presentation.account import describe_order_with_price
from billing.usage import Usage, limit_violations


@dataclass(frozen=True)
class Choice:
    value: str
    text: str
    # Limits of the plan that the chain exceeds.
    limit_violations: tuple[str, ...]
    is_chosen: bool


def plan_choices(usage: Usage, *, stores: int, currency: str, selected: str) -> list[Choice]:
    orders = [Order.parse(plan, interval, stores) for plan in PLANS for interval in INTERVALS]
    return [
        Choice(
            order.choice,
            describe_order_with_price(order, currency),
            tuple(limit_violations(order.plan, stores=order.stores, usage=usage)),
            order.choice == selected,
        )
        for order in orders
    ]


def cancellation_effects(usage: Usage) -> list[str]:
    """Return what a chain can no longer do after its subscription has ended."""
    lost = [
        _("Nothing can be recorded, brought in or changed; everything can still be read and exported."),
        _("Nothing is deleted. Subscribe again, and everything goes on where it was."),
    ]
    if usage.domains:
        lost.append(_("Your own domain (%s) goes on leading here.") % ", ".join(usage.domains))
    return lost
