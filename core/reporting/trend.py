"""Trailing twelve months, month by month: the report's own figures for each of the last 24 months."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.reporting.compare.comparison import with_store_spread
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.grouped_counts import cached_by_period, grouped_counts_by_period
from core.reporting.metrics.base import Estimate
from core.reporting.periods import month_ends, trailing_year, twelve_months_to
from core.reporting.question import Question

MONTHS = 24
MOST_LINES = 8


@dataclass(frozen=True)
class TrendLine:
    """With estimates of twelve months by their end, which is left out."""

    key: str
    label: str
    points: Mapping[date, Estimate]


def trend(question: Question, data: Data, *, every: int = 1) -> list[TrendLine]:
    """Lines of the question's groups, or of all clients where there are many groups. Months whose twelve months reach
    back before the data are left out, and so are small samples. `every`: so many months from one point to the next."""
    ends = _ends(question, data)[::-every][::-1]
    if not ends:
        return []
    if question.by in ("store", "city", "staff"):
        question = replace(question, by="none")
    lines = _lines(question, ends, data)
    if len(lines) > MOST_LINES:
        lines = _lines(replace(question, by="none"), ends, data)
    return lines


def trend_points(question: Question, data: Data) -> Mapping[str, Mapping[date, Estimate]]:
    """Twelve-month estimates by their end, of all the question's groups, however many, by raw key."""
    ends = _ends(question, data)
    return _points(question, ends, data) if ends else {}


def _ends(question: Question, data: Data) -> list[date]:
    as_of, begins = data.completeness.as_of, data.completeness.begins
    if as_of is None or begins is None:
        return []
    ends = month_ends(min(question.end, trailing_year(as_of).end), MONTHS)
    return [end for end in ends if twelve_months_to(end).start >= begins.replace(day=1)]


def _lines(question: Question, ends: Sequence[date], data: Data) -> list[TrendLine]:
    points = _points(question, ends, data)
    names = DIMENSIONS[question.by].named(points)
    lines = [TrendLine(names[raw].key, names[raw].label, estimates) for raw, estimates in points.items()]
    rank = DIMENSIONS[question.by].rank()
    return sorted(lines, key=lambda line: rank(line.key))


def _points(question: Question, ends: Sequence[date], data: Data) -> dict[str, dict[date, Estimate]]:
    """By raw key of the group."""
    periods = [(twelve_months_to(end).start, end) for end in ends]
    found = cached_by_period("trend", question, periods, data, lambda missing: _estimates(question, missing, data))
    points: dict[str, dict[date, Estimate]] = defaultdict(dict)
    for end, estimates in zip(ends, found, strict=True):
        for key, estimate in estimates.items():
            if estimate.value is not None and not estimate.small_sample:
                points[key][end] = estimate
    return dict(points)


def _estimates(question: Question, periods: Sequence[tuple[date, date]], data: Data) -> list[Mapping[str, Estimate]]:
    counts = grouped_counts_by_period(question, periods, data)
    return [with_store_spread(of_period, scope=question.scope) for of_period in counts]
