"""The answer to a question, as every page, export, command and API call shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from core.reporting.compare.change import Changes
from core.reporting.compare.document import (
    change_document,
    comparison_document,
    same_stores_document,
    split_document,
)
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate, Interval, Metric
from core.reporting.question import FILTERS, Question
from core.reporting.statistics.decomposition import Decomposition
from core.reporting.statistics.funnel import Funnel
from core.reporting.statistics.homogeneity import GroupTest, PairComparison
from core.reporting.statistics.ranking import Ranking
from core.reporting.statistics.standardisation import Level, Stratum


@dataclass(frozen=True, kw_only=True)
class Group(Estimate):
    key: str
    label: str
    # The city tier that the group is or is in, which gives a mark its colour.
    city_tier: str | None = None


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """What adjusted rates take account of, and whom they cover."""

    level: Level
    coverage: float
    # Keys of groups that left the comparison, in the order they left.
    dropped: Sequence[str] = ()
    # Whether new and returning clients are told apart: not where the data begins too late for it.
    by_acquisition: bool = True


class Gap(NamedTuple):
    """Between the highest and the lowest of the groups compared."""

    high: Group
    low: Group
    parts: Decomposition[Stratum]


@dataclass(frozen=True, kw_only=True)
class Report:
    question: Question
    as_of: date | None
    additive: bool
    groups: Sequence[Group]
    total: Estimate
    anonymous_line_share: float | None
    # Codes of stores whose data ends more than 14 days before the others'.
    stale_stores: Sequence[str]
    # Code and sentence of what the metric has to say of this answer.
    notes: Sequence[tuple[str, str]] = ()
    # What the metric says of the question besides, as JSON has it.
    more: Mapping[str, Any] = field(default_factory=dict)
    # Whether the data begins so late that a client who seems new may not be, where that plays a part.
    is_acquisition_uncertain: bool = False
    # Of groups that share no client; not of stores and staff.
    test: GroupTest | None = None
    # Of groups made of stores: whether there are too few of these for a test.
    too_few_stores: bool = False
    pairs: Sequence[PairComparison] = ()
    # By city tier, region, store and staff.
    adjustment: Adjustment | None = None
    # By city tier and region, where they differ beyond chance: what chance may have made is not taken apart.
    gap: Gap | None = None
    # By store and staff: observed against expected, and raw rates around the chain's.
    funnel: Funnel | None = None
    raw_funnel: Funnel | None = None
    # By store only.
    ranking: Ranking | None = None

    def as_json(self, *, full: bool = False, changes: Changes | None = None) -> dict[str, Any]:
        """The contract's document; `full` with what the pages say besides, `changes` with those on a period before."""
        question, metric = self.question, METRICS[self.question.metric]
        return {
            "metric": metric.code,
            "metric_version": metric.version,
            "parameters": {
                name: getattr(question, name) for name in ("within", *FILTERS) if getattr(question, name) is not None
            },
            "from": question.start.isoformat(),
            "to": question.end.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "by": question.by,
            "scope": question.scope,
            "basis": question.basis,
            "additive": self.additive,
            "groups": [
                {
                    "key": group.key,
                    "label": group.label,
                    **_figures(question, group),
                    **_adjusted(metric, group),
                    **(change_document(changes, changes.of(group.key)) if changes else {}),
                    **(same_stores_document(changes, group.key) if changes else {}),
                }
                for group in self.groups
            ],
            "adjusted_coverage": self.adjustment.coverage if self.adjustment else None,
            "total": {
                **_figures(question, self.total),
                **(change_document(changes, changes.total) if changes else {}),
                **(same_stores_document(changes, None) if changes else {}),
            },
            "anonymous_line_share": self.anonymous_line_share,
            "stale_stores": list(self.stale_stores),
            "notes": [*(code for code, _sentence in self.notes), *self._codes()],
            **(self._full() if full else {}),
            **({"change_split": split_document(changes.split)} if full and changes else {}),
            **self.more,
        }

    def _codes(self) -> list[str]:
        """Of what the comparison has to say."""
        test, adjustment = self.test, self.adjustment
        known = {
            "acquisition_uncertain": self.is_acquisition_uncertain,
            "small_groups_left_test": bool(test and test.left_out),
            "stores_of_groups_differ": bool(test and (test.phi or 1) > 1),
            "too_few_stores_to_test": self.too_few_stores,
            "groups_dropped": bool(adjustment and adjustment.dropped),
            "adjusted_rates_withheld": bool(adjustment and adjustment.level == "withheld"),
            "stores_not_told_apart": bool(self.ranking and not self.ranking.distinguishable),
        }
        return [code for code, holds in known.items() if holds]

    def _full(self) -> dict[str, Any]:
        document = comparison_document(self.test, self.pairs, self.funnel, self.ranking)
        gap = self.gap and {
            "high": self.gap.high.key,
            "low": self.gap.low.key,
            **(split_document(self.gap.parts) or {}),
        }
        adjustment = self.adjustment and {
            "level": self.adjustment.level,
            "coverage": self.adjustment.coverage,
            "dropped": list(self.adjustment.dropped),
        }
        return {**document, "gap": gap, "adjustment": adjustment}


def _figures(question: Question, estimate: Estimate) -> dict[str, Any]:
    metric = METRICS[question.metric]
    named = {metric.json_value: estimate.value} if metric.json_value else {}
    return {
        "clients": estimate.clients,
        **{figure.name: estimate.figure(figure.name) for figure in metric.figures_of(question)},
        "value": estimate.value,
        **named,
        "ci95": _interval(estimate.ci95),
        "small_sample": estimate.small_sample,
        **estimate.details,
    }


def _adjusted(metric: Metric, group: Group) -> dict[str, Any]:
    if not metric.is_adjusted:
        return {}
    return {"adjusted_rate": group.adjusted_value, "adjusted_ci95": _interval(group.adjusted_ci95)}


def _interval(interval: Interval | None) -> list[float] | None:
    return list(interval) if interval else None
