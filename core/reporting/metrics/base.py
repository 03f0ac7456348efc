"""What a metric declares: totals, breakdowns, the year before, trend, table, files and JSON follow from it."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.reporting.cells import Cells, Tally
from core.reporting.counting import KEYS, Counting, Selection
from core.reporting.data import Data
from core.reporting.facts.binary_copy import Columns
from core.reporting.metrics.units import COUNT, RATE, Unit
from core.reporting.periods import Period
from core.reporting.question import BREAKDOWNS, SCOPES, Breakdown, Question, Scope
from core.reporting.statistics.proportions import is_small_sample

Interval = tuple[float, float]
# What may be compared: a proportion is one share of clients, whose groups can be tested, adjusted and ranked; a curve
# is read at a horizon; a count is a number; a share is any other quotient, which is shown and not compared. How a value
# reads is its unit.
Kind = Literal["proportion", "curve", "count", "share"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A metric's value for some clients; value and interval are None where they cannot be told."""

    clients: int
    value: float | None
    ci95: Interval | None
    # By name of the figure.
    counts: Mapping[str, int]
    # Averages, and figures that are no single number, as JSON has them.
    details: Mapping[str, Any] = field(default_factory=dict)
    # Of groups that can be compared fairly.
    adjusted_value: float | None = None
    adjusted_ci95: Interval | None = None
    # Whether it says something of clients not seen, and so little where they are few; a count of them does not.
    is_estimated: bool = True
    # Of how many clients the value is, where not of all.
    sample: int | None = None

    @property
    def small_sample(self) -> bool:
        return self.is_estimated and is_small_sample(self.clients if self.sample is None else self.sample)

    def figure(self, name: str) -> Any:
        return self.counts[name] if name in self.counts else self.details[name]


@dataclass(frozen=True)
class Beside:
    """The totals of a period and of one before that it is compared with; where the period is not over, up to the last
    day for which the data is complete."""

    label: str
    after: Estimate
    before: Estimate
    # Of the changes of figures, half of their 95 % intervals.
    half_intervals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A count, amount or average shown beside the value: its name in JSON, its heading, a shorter one on the page, and
    how it reads where it is no count."""

    name: str
    title: Promise
    short: Promise | str = ""
    # The clients behind it: the list's filter, where it has one.
    clients_filter: str = ""
    # Whether it is known for a question, and whether the page shows it.
    applies: Callable[[Question], bool] = lambda _question: True
    shown: Callable[[Question], bool] = lambda _question: True
    unit: Unit | None = None


@dataclass(frozen=True)
class DetailCell:
    text: str
    # An interval or a remark.
    note: str = ""
    # What part of its whole it is, drawn as a bar; or in a grid as one of eleven tints.
    bar: float | None = None
    tint: float | None = None

    @property
    def percent(self) -> int | None:
        return None if self.bar is None else round(100 * self.bar)

    @property
    def step(self) -> str:
        return "" if self.tint is None else f"tint{min(10, round(10 * self.tint))}"


@dataclass(frozen=True)
class DetailTable:
    """What a metric's page shows of the total besides its value: rows of a heading and cells."""

    title: str
    headings: Sequence[str]
    rows: Sequence[tuple[str, Sequence[DetailCell]]]
    about: str = ""
    is_grid: bool = False

    @property
    def labelled_rows(self) -> list[tuple[str, list[tuple[str, DetailCell]]]]:
        """Each cell with the heading of its column, where a narrow screen has no columns."""
        return [(title, list(zip(self.headings[1:], cells, strict=True))) for title, cells in self.rows]


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
    # Whether it looks at days after the period, through the as-of date; whether it asks how far back the data goes.
    looks_ahead: ClassVar[bool] = False
    looks_back: ClassVar[bool] = False
    # Whether it tells clients apart by what they spend, at the chain's thresholds.
    has_thresholds: ClassVar[bool] = False
    # Whether lines without a client count in it.
    takes_anonymous: ClassVar[bool] = False
    scopes: ClassVar[tuple[Scope, ...]] = SCOPES
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

    def explained(self, data: Data) -> list[str]:  # noqa: ARG002
        """The definition as it holds in the chain."""
        return [str(text) for text in self.definition]

    def notes(self, question: Question, total: Estimate) -> list[tuple[str, str]]:  # noqa: ARG002
        """Code and sentence of what a reader has to know of this answer."""
        return []

    def tables(self, question: Question, total: Estimate, beside: Beside | None) -> list[DetailTable]:  # noqa: ARG002
        """What the page shows of the total besides."""
        return []

    def more_tables(self, more: Mapping[str, Any]) -> list[DetailTable]:  # noqa: ARG002
        """What it shows of `Report.more`."""
        return []

    def is_empty(self, total: Estimate) -> bool:
        """Whether there is nothing to show."""
        return not total.clients

    def may_keep(self, selection: Selection) -> bool:  # noqa: ARG002
        """Whether counts of standard periods are kept: only what each fact adds by itself, whatever day it is."""
        return False

    def anonymous(self, amounts: Columns, selection: Selection) -> Tally:
        """Cells of what lines without a client come to (`facts.anonymous.anonymous_amounts`)."""
        raise NotImplementedError

    def unit_of(self, figure: str) -> Unit:
        """Of one of its figures; of its value where none is named."""
        if not figure:
            return self.unit
        return next((one.unit for one in self.figures if one.name == figure and one.unit), COUNT)

    def figures_of(self, question: Question) -> list[Figure]:
        return [figure for figure in self.figures if figure.applies(question)]
