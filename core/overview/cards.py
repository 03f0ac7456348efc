"""The figures of the overview, each with its change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.reporting.answers import beside, report_of
from core.reporting.compare.change import Change, Changes, count_change, shown_changes
from core.reporting.data import Data
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate
from core.reporting.metrics.units import Unit
from core.reporting.question import Question
from core.reporting.render import links
from core.reporting.render.place_rows import change_text, direction, interval_of_change
from core.reporting.render.sparkline import Trend, trend_of
from core.reporting.trend import TrendLine, trend
from core.shared import figures


@dataclass(frozen=True)
class Shown:
    """A metric's value, or one of its figures."""

    key: str
    title: Promise
    metric: str
    figure: str = ""

    @property
    def unit(self) -> Unit:
        return METRICS[self.metric].unit_of(self.figure)

    def of(self, estimate: Estimate) -> float | None:
        value: float | None = estimate.figure(self.figure) if self.figure else estimate.value
        return value


SHOWN: Sequence[Shown] = (
    Shown("visits", gettext_lazy("Visits"), "volumes", "visits"),
    Shown("clients", gettext_lazy("Clients"), "volumes", "clients"),
    Shown("new_clients", gettext_lazy("New clients"), "volumes", "new_clients"),
    Shown("net_revenue", gettext_lazy("Net revenue"), "volumes", "net_revenue"),
    Shown("average_visit", gettext_lazy("Spend a visit"), "volumes", "average_visit"),
    Shown("repurchase_rate", gettext_lazy("Repurchase rate"), "repurchase_rate"),
    Shown("return_within", gettext_lazy("Back within 90 days"), "return_within"),
    Shown("value_segments", pgettext_lazy("overview", "High-value clients"), "value_segments"),
    Shown("mean_rating", gettext_lazy("Mean rating"), "volumes", "mean_rating"),
)
OF_METRIC: Mapping[str, Sequence[Shown]] = {
    code: [one for one in SHOWN if one.metric == code] for code in dict.fromkeys(one.metric for one in SHOWN)
}


@dataclass(frozen=True)
class Card:
    key: str
    title: str
    text: str
    url: str
    change: str = ""
    direction: str = ""
    # Intervals of value and change; why there is no value; the whole chain's, for whoever sees some of its stores.
    lines: Sequence[str] = ()
    # On a page to print; on others it is loaded after the page.
    trend: Trend | None = None


def asked_of(question: Question, code: str) -> Question:
    """The same on another metric, of all clients together."""
    return replace(question, metric=code, by="none", within=next(iter(METRICS[code].horizons), None))


def _broken_down(question: Question) -> Question:
    """As the metric's page opens."""
    offered = METRICS[question.metric].breakdowns
    return replace(question, by="city_tier" if "city_tier" in offered else "none")


@dataclass(frozen=True)
class Cards:
    """With why there are no changes, and how many visits the period has: without any, the data has nothing of it."""

    cards: Sequence[Card]
    reason: str
    visits: int


def cards(question: Question, data: Data) -> Cards:
    found: dict[str, Card] = {}
    reason, visits = "", 0
    for code, shown in OF_METRIC.items():
        asked = asked_of(question, code)
        report, changes = report_of(asked, data, ranked=False), shown_changes(asked, data)
        reason = reason or changes.reason
        of_figures = _changes(asked, changes, data) if code == "volumes" else {}
        chain = None
        if question.visible is not None and METRICS[code].unit.is_estimated:
            chain = report_of(replace(asked, visible=None), data, ranked=False).total
        if code == "volumes":
            visits = report.total.figure("visits")
        notes = [sentence for _code, sentence in METRICS[code].notes(asked, report.total)]
        for one in shown:
            change = of_figures.get(one.figure, changes.total) if one.figure else changes.total
            found[one.key] = _card(one, report.total, change, chain, links.report_page(_broken_down(asked)), notes)
    return Cards([found[one.key] for one in SHOWN], reason, visits)


def trend_lines(question: Question, data: Data) -> dict[str, list[TrendLine]]:
    """Of each metric, in all clients together."""
    return {code: trend(asked_of(question, code), data) for code in OF_METRIC}


def trends(question: Question, data: Data) -> list[Trend]:
    """The cards' small lines, of those that have months to draw."""
    lines = trend_lines(question, data)
    return [
        trend_of(
            lines[shown.metric][0].points,
            shown.of,
            shown.unit,
            place=f"trend-{shown.key}",
            title=str(shown.title),
            has_intervals=not shown.figure,
        )
        for shown in SHOWN
        if lines[shown.metric]
    ]


def _card(
    shown: Shown, estimate: Estimate, change: Change, chain: Estimate | None, url: str, notes: Sequence[str]
) -> Card:
    value, unit = shown.of(estimate), shown.unit
    lines = [notes[0]] if value is None and notes else []
    if estimate.ci95 and not shown.figure:
        text = _("%(level)s interval: %(interval)s")
        lines.append(text % {"level": figures.percent(0.95, 0), "interval": figures.interval(estimate.ci95)})
    lines.append(interval_of_change(change, unit))
    if chain and not shown.figure:
        lines.append(_("Chain: %(value)s") % {"value": unit.text(chain.value)})
    return Card(
        key=shown.key,
        title=str(shown.title),
        text=unit.text(value),
        url=url,
        change=change_text(change, unit),
        direction=direction(change),
        lines=[line for line in lines if line],
    )


def _changes(question: Question, changes: Changes, data: Data) -> dict[str, Change]:
    """Of the figures of volumes."""
    both = beside(question, changes.periods, data)
    if both is None:
        return {}
    return {
        name: count_change(both.after.figure(name), both.before.figure(name), half=both.half_intervals.get(name))
        for name in {one.figure for one in OF_METRIC["volumes"]}
    }
