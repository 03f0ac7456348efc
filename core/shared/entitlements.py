"""The limits and features of the chain's plan, stored with the chain, so that reading them costs no query."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.shared.chain import current_chain
from core.shared.errors import AppError
from core.shared.locks import lock_chain
from core.shared.plans import Feature, Limit


def require_room(limit: Limit, count: Callable[[], int]) -> None:
    """Raises AppError if there are more records than the plan allows; call it last in the transaction of the change.

    A lock serialises the changes of one chain here, so that two of them cannot both take the last place.
    """
    allowed: int | None = getattr(current_chain().entitlements, limit)
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
    """Raises AppError if the plan lacks the feature."""
    if not getattr(current_chain().entitlements, feature):
        message = _("This is not part of the chain's plan. The owner can change the plan under “Plan and billing”.")
        raise AppError("plan_feature", message, status=402, feature=feature)
