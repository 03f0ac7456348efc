"""The report's table, the same for the page and for files: columns, and a row a group."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.reporting.compare.change import NO_CHANGE, Change, Changes
from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate, Figure, Interval
from core.reporting.metrics.units import RATE, Unit
from core.reporting.question import NONE_KEY, Question
from core.reporting.render import links
from core.reporting.render.charts.theme import tier_token
from core.reporting.report import Group, Report
from core.shared import figures

ColumnKind = Literal["count", "value", "interval", "change"]
Value = int | float | Interval | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """A group, or the total."""

    figures: Estimate
    # On the period before; of the stores that were there all the time.
    changed: Change = NO_CHANGE
    same_stores: Change = NO_CHANGE
    clients_link: str = ""
    key: str = ""
    label: str = ""
    native: str = ""
    # The dot's colour; empty where groups have none of their own.
    token: str = ""
    # Where the group's name leads: one level down.
    down: str = ""

    @property
    def before(self) -> float | None:
        return self.changed.before

    @property
    def change(self) -> float | None:
        return self.changed.change


@dataclass(frozen=True, kw_only=True)
class Column:
    title: str | Promise
    kind: ColumnKind
    value: Callable[[Row], Value]
    # On the page, where it is shown: a shorter heading, classes, an interval in the same cell, a link's suffix.
    short: str | Promise = ""
    css: str = ""
    on_page: bool = True
    beside: Callable[[Row], Interval | None] | None = None
    link_suffix: str | None = None
    unit: Unit = RATE
    # Of a change: what says whether it is beyond chance.
    changed: Callable[[Row], Change] = lambda row: row.changed

    @property
    def heading(self) -> str | Promise:
        return self.short or self.title

    def cell(self, row: Row) -> "Cell":
        value = self.value(row)
        beside = self.beside(row) if self.beside else None
        css = self.css
        if self.kind == "change" and isinstance(value, int | float) and self.changed(row).is_beyond_chance:
            css = f"{css} {'up' if value > 0 else 'down'}".strip()
        link = row.clients_link + self.link_suffix if self.link_suffix is not None and row.clients_link else ""
        return Cell(self._text(value), css, link, self._interval(beside) if beside else "")

    def _interval(self, ends: Interval) -> str:
        if self.kind != "change":
            return figures.interval(ends)
        return figures.from_to(*map(self.unit.difference, ends))

    def _text(self, value: Any) -> str:
        """Of a value of the column's kind."""
        texts: dict[ColumnKind, Callable[[Any], str]] = {
            "count": figures.count,
            "value": self.unit.text,
            "interval": figures.interval,
            "change": self.unit.difference,
        }
        return texts[self.kind](value)


@dataclass(frozen=True)
class Cell:
    """One of the page's."""

    text: str
    css: str
    link: str
    interval: str


def columns(report: Report, changes: Changes) -> list[Column]:
    """The metric's clients and first figure, its value, what it is adjusted to, further figures, and the change."""
    question, metric = report.question, METRICS[report.question.metric]
    unit, counts = metric.unit, metric.figures_of(question)
    clients = Column(title=_("Clients"), kind="count", value=lambda row: row.figures.clients, link_suffix="")
    interval = Column(title=_("Interval (95 %)"), kind="interval", value=lambda row: row.figures.ci95, css="ci extra")
    return [
        *([clients] if unit.is_estimated else []),
        *(_figure(figure, question) for figure in counts[:1]),
        Column(
            title=metric.value_title,
            kind="value",
            unit=unit,
            value=lambda row: row.figures.value,
            css="strong",
            link_suffix=None if unit.is_estimated else "",
        ),
        *([interval] if unit.is_estimated else []),
        *(_adjusted(report) if metric.kind == "proportion" else []),
        *(_figure(figure, question) for figure in counts[1:]),
        *_change(unit, changes),
    ]


def _change(unit: Unit, changes: Changes) -> list[Column]:
    """Nothing of a question that is compared with no period; empty where it cannot be."""
    if changes.periods is None and not changes.reason:
        return []
    label = changes.periods.before.label if changes.periods else ""
    title = _("Change")
    return [
        Column(title=_("The period before"), kind="value", unit=unit, value=lambda row: row.before, on_page=False),
        Column(
            title=title,
            short=_("vs %(period)s") % {"period": label} if label else title,
            kind="change",
            unit=unit,
            value=lambda row: row.change,
            beside=lambda row: row.changed.ci95,
            on_page=changes.periods is not None,
        ),
        Column(title=title, kind="interval", value=lambda row: row.changed.ci95, on_page=False),
        *(_same_stores(unit) if changes.same_store_count is not None else []),
    ]


def _same_stores(unit: Unit) -> list[Column]:
    """Of groups made of stores, where some were not there all the time."""
    title = _("Change, same stores")
    return [
        Column(
            title=title,
            short=_("Same stores"),
            kind="change",
            unit=unit,
            value=lambda row: row.same_stores.change,
            css="extra",
            beside=lambda row: row.same_stores.ci95,
            changed=lambda row: row.same_stores,
        ),
        Column(title=title, kind="interval", value=lambda row: row.same_stores.ci95, on_page=False),
    ]


def _figure(figure: Figure, question: Question) -> Column:
    return Column(
        title=figure.title,
        short=figure.short,
        kind="value" if figure.unit else "count",
        unit=figure.unit or RATE,
        value=lambda row: row.figures.figure(figure.name),
        css="extra",
        on_page=figure.shown(question),
        link_suffix=f"&back={figure.clients_filter}" if figure.clients_filter else None,
    )


def _adjusted(report: Report) -> list[Column]:
    on_page = has_adjusted(report)
    title = _("Adjusted rate")
    return [
        Column(
            title=title,
            short=_("Adjusted"),
            kind="value",
            value=lambda row: row.figures.adjusted_value,
            beside=lambda row: row.figures.adjusted_ci95,
            on_page=on_page,
        ),
        Column(title=title, kind="interval", value=lambda row: row.figures.adjusted_ci95, on_page=False),
    ]


def has_adjusted(report: Report) -> bool:
    return any(group.adjusted_value is not None for group in report.groups)


def ordered(report: Report) -> list[Group]:
    """City tiers from the first down, member tiers by rank, other groups by key."""
    rank = DIMENSIONS[report.question.by].rank()
    return sorted(report.groups, key=lambda group: rank(group.key))


def rows(report: Report, changes: Changes, tiers: Sequence[str], groups: Iterable[Group] | None = None) -> list[Row]:
    """Of all groups in order, unless some are given; `tiers` are the chain's, for their colours."""
    question, dimension = report.question, DIMENSIONS[report.question.by]
    return [
        Row(
            figures=group,
            changed=changes.of(group.key),
            same_stores=changes.same_stores.get(group.key, NO_CHANGE),
            clients_link=links.clients(question, group),
            key=group.key,
            label=group.label,
            # The chain's own name of a city tier, where the label is another one.
            native=group.key if question.by == "city_tier" and group.key not in (group.label, NONE_KEY) else "",
            token=tier_token(group.city_tier, tiers) if dimension.has_tier_colours else "",
            down=links.down(question, group),
        )
        for group in (ordered(report) if groups is None else groups)
    ]


def total_row(report: Report, changes: Changes) -> Row:
    label = _("All of these") if report.question.is_narrowed else _("Chain")
    return Row(
        figures=report.total,
        changed=changes.total,
        same_stores=changes.same_stores_total,
        clients_link=links.clients(report.question),
        label=label,
    )
