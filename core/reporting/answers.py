"""Answers a question on any metric: the one function behind pages, exports, commands and the API."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from core.reporting.compare.amounts import half_intervals
from core.reporting.compare.change import changes
from core.reporting.compare.comparison import with_comparison
from core.reporting.compare.periods import ComparedPeriods, compared_periods
from core.reporting.compare.strata import knows_new_clients
from core.reporting.completeness import anonymous_line_share
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.freshness import freshness
from core.reporting.grouped_counts import GroupedCounts, grouped_counts
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Beside, Estimate
from core.reporting.question import Question
from core.reporting.ratings import rating_correlation
from core.reporting.report import Group, Report
from core.reporting.rules import check

# What a report says besides: what follows from counts of other questions, or what the chain has set.
_MORE: Mapping[str, Callable[[Question, Data], Mapping[str, Any]]] = {
    "satisfaction": rating_correlation,
    "value_segments": lambda _question, data: {"thresholds": _thresholds(data)},
}


def document(question: Question, *, full: bool = False) -> dict[str, Any]:
    """The contract's document. Raises AppError also where the question cannot be compared with the period before that
    it names."""
    check(question)
    data, compares = Data(), question.compare != "none"
    if compares:
        compared_periods(question, data.completeness)
    report = answer(question, data, ranked=full)
    return report.as_json(full=full, changes=changes(question, data) if compares else None)


def answer(question: Question, data: Data | None = None, *, ranked: bool = True) -> Report:
    """By store, `ranked` adds the funnel and the ranking, which take longer than all the rest.

    Raises AppError for what the metric cannot be asked, and for a filter by something that the chain does not have.
    """
    check(question)
    return report_of(question, data or Data(), ranked=ranked)


def report_of(question: Question, data: Data, *, ranked: bool) -> Report:
    """Also by what is not offered as a breakdown: places within places."""
    counts = grouped_counts(question, data)
    names = DIMENSIONS[question.by].named(counts.keys)
    groups = [
        Group(key=names[raw].key, label=names[raw].label, city_tier=names[raw].city_tier, **vars(estimate))
        for raw, estimate in counts.by_group.items()
    ]
    total = _total(question, counts, data)
    report = Report(
        question=question,
        as_of=data.completeness.as_of,
        additive=not (counts.overlaps or DIMENSIONS[question.by].overlaps),
        groups=sorted(groups, key=attrgetter("key")),
        total=total,
        anonymous_line_share=anonymous_line_share(question.start, question.end),
        stale_stores=data.completeness.stale_stores,
        notes=[*_data_notes(question, data, total), *METRICS[question.metric].notes(question, total)],
        more=_MORE[question.metric](question, data) if question.metric in _MORE else {},
    )
    report = with_comparison(report, counts, {raw: name.key for raw, name in names.items()}, data, ranked=ranked)
    uses_acquisition = question.by == "acquisition" or report.adjustment is not None
    is_uncertain = uses_acquisition and not knows_new_clients(question.start, data.completeness.begins)
    return replace(report, is_acquisition_uncertain=is_uncertain)


def _thresholds(data: Data) -> dict[str, int]:
    """In hundredths, as JSON has amounts."""
    high_above, mid_from = data.thresholds.in_hundredths
    return {"high_above": high_above, "mid_from": mid_from}


def _data_notes(question: Question, data: Data, total: Estimate) -> list[tuple[str, str]]:
    fresh = freshness(question.period, data.completeness, clients=total.clients)
    return [(fresh.code, fresh.sentence)] if fresh and fresh.code else []


def beside(question: Question, periods: ComparedPeriods | None, data: Data) -> Beside | None:
    """The totals of two periods that are compared."""
    if periods is None:
        return None
    asked = [replace(question, start=period.start, end=period.end) for period in (periods.current, periods.before)]
    after, before = (_total(one, grouped_counts(one, data), data) for one in asked)
    halves = half_intervals(question, periods, data, after, before) if question.metric == "volumes" else {}
    return Beside(periods.before.label, after, before, halves)


def _total(question: Question, counts: GroupedCounts, data: Data) -> Estimate:
    """Each client once (scope store: each client and store once), also where groups overlap."""
    if counts.overlaps:
        counts = grouped_counts(replace(question, by="none"), data)
    return counts.total()
