"""The answer to a question, as every page, export, command and API call shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate, Interval, Metric
from core.reporting.question import FILTERS, Question
from core.reporting.statistics.funnel import Funnel
from core.reporting.statistics.homogeneity import ChiSquare, PairComparison
from core.reporting.statistics.ranking import Ranking
from core.reporting.statistics.standardisation import Decomposition


@dataclass(frozen=True, kw_only=True)
class Group(Estimate):
    key: str
    label: str
    # The city tier that the group is or is in, which gives a mark its colour.
    city_tier: str | None = None


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
    adjusted_coverage: float | None = None
    # 'full', 'thirds_merged', 'categories_merged', 'withheld', or None where there is no adjusted rate.
    adjustment: str | None = None
    # Where adjusted rates are withheld: the group whose few clients leave out most of the chain's.
    adjustment_limited_by: str | None = None
    # Groups that share no client only.
    chi_square: ChiSquare | None = None
    pairs: Sequence[PairComparison] = ()
    # By city tier and region, where they differ beyond chance: the gap between the highest and the lowest group of 30
    # clients or more. What chance may have made is not taken apart.
    gap: tuple[Group, Group, Decomposition] | None = None
    # By store only.
    funnel: Funnel | None = None
    ranking: Ranking | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's document."""
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
                {"key": group.key, "label": group.label, **_figures(question, group), **_adjusted(metric, group)}
                for group in self.groups
            ],
            "adjusted_coverage": self.adjusted_coverage,
            "total": _figures(question, self.total),
            "anonymous_line_share": self.anonymous_line_share,
            "stale_stores": list(self.stale_stores),
            "notes": [code for code, _sentence in self.notes],
        }


def _figures(question: Question, estimate: Estimate) -> dict[str, Any]:
    metric = METRICS[question.metric]
    named = {metric.json_value: estimate.value} if metric.json_value else {}
    return {
        "clients": estimate.clients,
        **{figure.name: estimate.counts[figure.name] for figure in metric.figures_of(question)},
        "value": estimate.value,
        **named,
        "ci95": _interval(estimate.ci95),
        "small_sample": estimate.small_sample,
    }


def _adjusted(metric: Metric, group: Group) -> dict[str, Any]:
    if not metric.is_adjusted:
        return {}
    return {"adjusted_rate": group.adjusted_value, "adjusted_ci95": _interval(group.adjusted_ci95)}


def _interval(interval: Interval | None) -> list[float] | None:
    return list(interval) if interval else None
