"""A question on a metric: one value for pages, exports, commands and the API alike."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from core.reporting.periods import Period

Breakdown = Literal[
    "none", "city_tier", "region", "city", "store_group", "store", "category", "member_tier", "acquisition", "staff"
]
Scope = Literal["chain", "store"]
Basis = Literal["visit", "purchase"]
Compare = Literal["none", "year_before", "period_before"]
BREAKDOWNS: tuple[Breakdown, ...] = get_args(Breakdown)
SCOPES: tuple[Scope, ...] = get_args(Scope)
BASES: tuple[Basis, ...] = get_args(Basis)
COMPARISONS: tuple[Compare, ...] = get_args(Compare)
# Filters on where clients belong, and all filters.
PLACE_FILTERS = ("region", "city_tier", "city", "store_group", "store")
FILTERS = ("category", "member_tier", *PLACE_FILTERS)

# The key of clients, stores or lines that have no such value.
NONE_KEY = "(none)"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A metric (its code), a period [start, end), a breakdown, and which clients and days are looked at.

    `category` counts the days with a kept line of that category. `member_tier` takes the clients who held that tier
    (its code) on their first day in the period. The place filters take the clients who belong to such a place.
    `within` is the horizon of a metric that has one, in days. `compare` is the period before that it is set against.
    """

    metric: str = "repurchase_rate"
    start: date
    end: date
    by: Breakdown = "none"
    scope: Scope = "chain"
    basis: Basis = "visit"
    within: int | None = None
    category: str | None = None
    member_tier: str | None = None
    region: str | None = None
    city_tier: str | None = None
    city: str | None = None
    store_group: str | None = None
    store: str | None = None
    compare: Compare = "none"
    # The only stores that its asker sees (their ids); all of them where None.
    visible: frozenset[int] | None = None

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    @property
    def asks_for_groups(self) -> bool:
        """Whether it matters which of the chain's own groups stores are in."""
        return self.by.partition("/")[0] == "store_group" or self.store_group is not None

    @property
    def is_narrowed(self) -> bool:
        """Whether only some of the chain's clients or days are looked at."""
        return any(getattr(self, name) is not None for name in FILTERS)

    @property
    def is_placed(self) -> bool:
        """Whether only clients of some places are looked at."""
        return self.visible is not None or any(getattr(self, name) for name in PLACE_FILTERS)
