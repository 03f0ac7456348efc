"""What a chain's plan allows: kept with the chain, so that asking costs no query."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.shared.chain import current_chain
from core.shared.errors import AppError
from core.shared.locks import lock_chain
from core.shared.plans import Entitlements, Feature, Limit


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
