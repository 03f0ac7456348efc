"""The plan comparison table, built from the entitlements so that it cannot promise anything else."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.plans import PLANS
from core.shared.figures import count
from core.shared.plans import MEGABYTE, Entitlements

LABELS: dict[str, Promise] = {
    "stores": gettext_lazy("Open stores"),
    "staff": gettext_lazy("Staff who serve in them"),
    "own_domain": gettext_lazy("A domain of your own"),
    "upload_mb": gettext_lazy("Largest file to import"),
    "messages": gettext_lazy("Messages to clients, a month"),
    "api_calls": gettext_lazy("API calls, a day"),
    "annual_review": gettext_lazy("Annual review"),
    "benchmark": gettext_lazy("Comparison with other chains"),
}
# Part of the plans, but not yet of the product.
NOT_YET_AVAILABLE = frozenset({"messages", "api_calls", "annual_review", "benchmark"})


@dataclass(frozen=True)
class Allowance:
    """A row of the table: for each plan a limit as text, or whether the feature is included."""

    title: Promise
    values: tuple[str | bool, ...]
    is_there: bool


def allowances(plans: Sequence[Entitlements]) -> list[Allowance]:
    return [
        Allowance(title, tuple(_format_limit(name, plan) for plan in plans), name not in NOT_YET_AVAILABLE)
        for name, title in LABELS.items()
    ]


def compare_plans() -> list[Allowance]:
    """Return the rows for all plans, each with its maximum number of stores."""
    return allowances([plan.entitlements(plan.max_stores) for plan in PLANS.values()])


def _format_limit(name: str, plan: Entitlements) -> str | bool:
    value = getattr(plan, name)
    if isinstance(value, bool):
        return value
    if value is None:
        return _("no limit")
    if name == "upload_mb":
        return filesizeformat(value * MEGABYTE)
    return _("up to %s") % count(value) if name == "stores" and value > 1 else count(value)
