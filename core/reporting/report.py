"""The answer to a repurchase question, as every screen, export, command and API call shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from core.reporting.statistics.funnel import Funnel
from core.reporting.statistics.homogeneity import ChiSquare, PairComparison
from core.reporting.statistics.ranking import Ranking
from core.reporting.statistics.standardisation import Decomposition

METRIC = "repurchase_rate"
METRIC_VERSION = 1

Breakdown = Literal["none", "city_tier", "region", "city", "store", "category", "member_tier", "acquisition", "staff"]
Scope = Literal["chain", "store"]
Basis = Literal["visit", "purchase"]
BREAKDOWNS: tuple[Breakdown, ...] = get_args(Breakdown)
SCOPES: tuple[Scope, ...] = get_args(Scope)
BASES: tuple[Basis, ...] = get_args(Basis)
Interval = tuple[float, float]

# The key of clients, stores or lines that have no such value.
NONE_KEY = "(none)"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: period [start, end), breakdown, scope, basis, and which clients are looked at.

    `category` counts the days with a kept line of that category. `member_tier` takes the clients who held that tier
    (its code) on their first day in the period. The place filters take the clients who belong to such a place.
    """

    start: date
    end: date
    by: Breakdown = "none"
    scope: Scope = "chain"
    basis: Basis = "visit"
    category: str | None = None
    member_tier: str | None = None
    region: str | None = None
    city_tier: str | None = None
    city: str | None = None
    store: str | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether only some of the chain's clients or days are looked at."""
        filters = (self.category, self.member_tier, self.region, self.city_tier, self.city, self.store)
        return any(value is not None for value in filters)


@dataclass(frozen=True, kw_only=True)
class Group:
    key: str
    label: str
    clients: int
    repeat_clients: int
    rate: float | None
    ci95: Interval | None
    adjusted_rate: float | None = None
    adjusted_ci95: Interval | None = None
    small_sample: bool
    repeat_same_store: int
    repeat_same_tier: int
    repeat_elsewhere: int
    repeat_same_staff: int | None = None
    # For stores and staff: the city tier's key, which gives a mark its colour; for links to the next level.
    city_tier: str | None = None


@dataclass(frozen=True, kw_only=True)
class Total:
    clients: int
    repeat_clients: int
    rate: float | None
    ci95: Interval | None


@dataclass(frozen=True, kw_only=True)
class Report:
    question: Question
    as_of: date | None
    additive: bool
    groups: Sequence[Group]
    adjusted_coverage: float | None
    # 'full', 'thirds_merged', 'categories_merged', 'withheld', or None where there is no adjusted rate.
    adjustment: str | None
    total: Total
    anonymous_line_share: float | None
    # Codes of stores whose data ends more than 14 days before the others'.
    stale_stores: Sequence[str]
    # Groups that share no client only.
    chi_square: ChiSquare | None = None
    pairs: Sequence[PairComparison] = ()
    # By city tier and region, where they differ beyond chance: the gap between the highest and the lowest group of 30
    # clients or more. What chance may have made is not taken apart.
    gap: tuple[str, str, Decomposition] | None = None
    # By store only.
    funnel: Funnel | None = None
    ranking: Ranking | None = None
    # Where adjusted rates are withheld: the group whose few clients leave out most of the chain's.
    adjustment_limited_by: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's document."""
        question = self.question
        return {
            "metric": METRIC,
            "metric_version": METRIC_VERSION,
            "from": question.start.isoformat(),
            "to": question.end.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "by": question.by,
            "scope": question.scope,
            "basis": question.basis,
            "additive": self.additive,
            "groups": [_group_json(group) for group in self.groups],
            "adjusted_coverage": self.adjusted_coverage,
            "total": {
                "clients": self.total.clients,
                "repeat_clients": self.total.repeat_clients,
                "rate": self.total.rate,
                "ci95": _interval_json(self.total.ci95),
            },
            "anonymous_line_share": self.anonymous_line_share,
            "stale_stores": list(self.stale_stores),
        }


def _interval_json(interval: Interval | None) -> list[float] | None:
    return list(interval) if interval else None


def _group_json(group: Group) -> dict[str, Any]:
    document = {
        "key": group.key,
        "label": group.label,
        "clients": group.clients,
        "repeat_clients": group.repeat_clients,
        "rate": group.rate,
        "ci95": _interval_json(group.ci95),
        "adjusted_rate": group.adjusted_rate,
        "adjusted_ci95": _interval_json(group.adjusted_ci95),
        "small_sample": group.small_sample,
        "repeat_same_store": group.repeat_same_store,
        "repeat_same_tier": group.repeat_same_tier,
        "repeat_elsewhere": group.repeat_elsewhere,
    }
    if group.repeat_same_staff is not None:
        document["repeat_same_staff"] = group.repeat_same_staff
    return document
