"""Trailing twelve months, month by month: the report's own counts for each of the last 24 months."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.reporting.cells import group_counts
from core.reporting.labels import names
from core.reporting.periods import month_ends, twelve_months_to
from core.reporting.report import Interval, Question
from core.reporting.statistics.proportions import MINIMUM_CLIENTS, wilson

MONTHS = 24
MOST_LINES = 8


@dataclass(frozen=True)
class TrendPoint:
    """The twelve months up to `end`, which is left out."""

    end: date
    clients: int
    repeats: int

    @property
    def rate(self) -> float:
        return self.repeats / self.clients

    @property
    def ci95(self) -> Interval:
        return wilson(self.repeats, self.clients) or (0.0, 1.0)


@dataclass(frozen=True)
class TrendLine:
    key: str
    label: str
    points: Sequence[TrendPoint]


def trend(question: Question, *, begins: date, as_of: date) -> list[TrendLine]:
    """Lines of the question's groups, or of all clients where there are many groups. Months whose twelve months reach
    back before the data are left out, and so are small samples."""
    first_of_next = date(as_of.year + as_of.month // 12, as_of.month % 12 + 1, 1)
    known = first_of_next if (first_of_next - as_of).days == 1 else as_of.replace(day=1)
    ends = [
        end
        for end in month_ends(min(question.end, known), MONTHS)
        if twelve_months_to(end).start >= begins.replace(day=1)
    ]
    if question.by in ("store", "city", "staff"):
        question = replace(question, by="none")
    lines = _lines(question, ends)
    if len(lines) > MOST_LINES:
        lines = _lines(replace(question, by="none"), ends)
    return [line for line in lines if line.points]


def _lines(question: Question, ends: Sequence[date]) -> list[TrendLine]:
    points: dict[str, list[TrendPoint]] = defaultdict(list)
    for end in ends:
        counts = group_counts(replace(question, start=twelve_months_to(end).start, end=end))
        for key, (repeats, clients) in counts.items():
            if clients >= MINIMUM_CLIENTS:
                points[key].append(TrendPoint(end, clients, repeats))
    named = names(question.by, set(points))
    lines = [TrendLine(named[raw].key, named[raw].label, found) for raw, found in points.items()]
    return sorted(lines, key=lambda line: line.key)
