"""What a metric declares: totals, breakdowns, the year before, trend, table, files and JSON follow from it."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.reporting.counting import KEYS, Cells, Counting
from core.reporting.metrics.units import RATE, Unit
from core.reporting.periods import Period
from core.reporting.question import BREAKDOWNS, Breakdown, Question
from core.reporting.statistics.proportions import is_small_sample

Interval = tuple[float, float]
# What may be compared: a proportion is one share of clients, whose groups can be tested, adjusted and ranked; a curve
# is read at a horizon; a count is a number of clients. How a value reads is its unit.
Kind = Literal["proportion", "curve", "count"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A metric's value for some clients; value and interval are None where they cannot be told."""

    clients: int
    value: float | None
    ci95: Interval | None
    # By name of the figure.
    counts: Mapping[str, int]
    # Of groups that can be compared fairly.
    adjusted_value: float | None = None
    adjusted_ci95: Interval | None = None
    # Whether it says something of clients not seen, and so little where they are few; a count of them does not.
    is_estimated: bool = True

    @property
    def small_sample(self) -> bool:
        return self.is_estimated and is_small_sample(self.clients)


@dataclass(frozen=True)
class Figure:
    """A count shown beside the value: its name in JSON and its heading, a shorter one on the page."""

    name: str
    title: Promise
    short: Promise | str = ""
    # The clients behind it: the list's filter, where it has one.
    clients_filter: str = ""
    # Whether it is known for a question, and whether the page shows it.
    applies: Callable[[Question], bool] = lambda _question: True
    shown: Callable[[Question], bool] = lambda _question: True


class Metric(Counting):
    """A metric of the dictionary."""

    code: ClassVar[str]
    # In addresses.
    slug: ClassVar[str]
    version: ClassVar[int]
    kind: ClassVar[Kind]
    unit: ClassVar[Unit] = RATE
    title: ClassVar[Promise]
    # Of the page that lists the clients behind a figure.
    clients_title: ClassVar[Promise] = gettext_lazy("Counted clients")
    # The value's heading in tables.
    value_title: ClassVar[Promise]
    # The definition for people: a sentence, then what one has to know besides.
    definition: ClassVar[Sequence[Promise]]
    breakdowns: ClassVar[tuple[Breakdown, ...]] = BREAKDOWNS
    # Horizons in days that may be asked for, the default first.
    horizons: ClassVar[tuple[int, ...]] = ()
    # Whether counts of standard periods are kept: not where they change with every day that passes.
    keeps_periods: ClassVar[bool] = False
    # Counts shown beside the value: none, or the first of them before it.
    figures: ClassVar[tuple[Figure, ...]] = ()
    # Of a proportion: the counts that it is the quotient of; the first is a figure, too.
    proportion: ClassVar[tuple[str, str]] = ("", "")
    # A second name of the value in JSON.
    json_value: ClassVar[str] = ""

    @property
    def is_adjusted(self) -> bool:
        return self.kind == "proportion"

    @property
    def columns_of_cells(self) -> tuple[str, ...]:
        return (*KEYS, *self.keys, *self.counts)

    @abstractmethod
    def estimate(self, cells: Cells, within: int | None) -> Estimate:
        """From counts of one group, a row for each combination of `keys`."""

    @abstractmethod
    def summary(self, question: Question) -> str:
        """The definition in one line, under a page's title."""

    @abstractmethod
    def headline(self, question: Question, total: Estimate, period: Period) -> str:
        """The sentence that follows the total's value, as safe HTML."""

    def notes(self, question: Question, total: Estimate) -> list[tuple[str, str]]:  # noqa: ARG002
        """Code and sentence of what a reader has to know of this answer."""
        return []

    def figures_of(self, question: Question) -> list[Figure]:
        return [figure for figure in self.figures if figure.applies(question)]
