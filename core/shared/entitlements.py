"""What a chain's plan allows: kept with the chain, so that asking costs no query."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.shared.chain import current_chain
from core.shared.errors import AppError
from core.shared.locks import lock_chain

Limit = Literal["stores", "staff", "messages", "api_calls"]
Feature = Literal["annual_review", "benchmark", "own_domain"]
PLAN_NAMES: Mapping[str, Promise] = {
    "trial": gettext_lazy("Trial"),
    "solo": pgettext_lazy("plan", "Solo"),
    "chain": pgettext_lazy("plan", "Chain"),
    "enterprise": gettext_lazy("Enterprise"),
}


@dataclass(frozen=True, kw_only=True)
class Entitlements:
    """None: as many as one likes. Without a plan, as chains made by command or the demo are, nothing is limited."""

    plan: str = ""
    # Open ones, and people who serve in them.
    stores: int | None = None
    staff: int | None = None
    # A month, and a day.
    messages: int | None = None
    api_calls: int | None = None
    annual_review: bool = True
    benchmark: bool = True
    own_domain: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> "Entitlements":
        """What is kept of a chain; names that are no longer (or not yet) known are left aside."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in (kept or {}).items() if name in names})


def entitlements() -> Entitlements:
    """Of the chain entered."""
    return current_chain().entitlements


def require_room(limit: Limit, count: Callable[[], int]) -> None:
    """Raises AppError where there is more now than the plan allows: the last thing a change does in its transaction.

    Changes of one chain come one after the other here, each counting what those before it have left, so that of two
    that take the last place one is refused.
    """
    allowed: int | None = getattr(entitlements(), limit)
    if allowed is None:
        return
    lock_chain(f"limit of {limit}")
    used = count()
    if used > allowed:
        message = _over(limit, allowed) % {"allowed": allowed, "used": used}
        raise AppError("plan_limit", message, status=402, limit=limit, allowed=allowed, used=used)


def _over(limit: Limit, allowed: int) -> str:
    return {
        "stores": ngettext(
            "The plan covers %(allowed)d open store, and there would be %(used)d. "
            "The owner can change the plan under “Plan and billing”.",
            "The plan covers %(allowed)d open stores, and there would be %(used)d. "
            "The owner can change the plan under “Plan and billing”.",
            allowed,
        ),
        "staff": _(
            "The plan covers %(allowed)d staff, and there would be %(used)d. "
            "The owner can change the plan under “Plan and billing”."
        ),
        "messages": _(
            "The plan covers %(allowed)d messages a month, and there would be %(used)d. "
            "The owner can change the plan under “Plan and billing”."
        ),
        "api_calls": _("The plan covers %(allowed)d API calls a day."),
    }[limit]


def require_feature(feature: Feature) -> None:
    """Raises AppError where the plan does not have it."""
    if not getattr(entitlements(), feature):
        message = _("This is not part of the chain's plan. The owner can change the plan under “Plan and billing”.")
        raise AppError("plan_feature", message, status=402, feature=feature)
