"""What plans are called, and what one may allow."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

Limit = Literal["stores", "staff", "messages", "api_calls"]
Feature = Literal["annual_review", "benchmark", "own_domain"]
MEGABYTE = 1024 * 1024
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
    # The largest file that may be brought in, in megabytes.
    upload_mb: int | None = None
    annual_review: bool = True
    benchmark: bool = True
    own_domain: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> "Entitlements":
        """What is kept of a chain; names that are no longer (or not yet) known are left aside."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in (stored or {}).items() if name in names})
