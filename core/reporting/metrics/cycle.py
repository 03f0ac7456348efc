"""M6, the repurchase cycle: how many days there are between the days of clients who repeat in the period."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.reporting.cells import Cells
from core.reporting.counting import FirstDays, Flags, Selection
from core.reporting.facts.binary_copy import Columns
from core.reporting.history import History, HistoryCounting
from core.reporting.metrics.base import Beside, DetailCell, DetailTable, Estimate, Figure, Metric
from core.reporting.periods import Period
from core.reporting.places import Places
from core.reporting.question import Question
from core.reporting.statistics.proportions import wilson
from core.shared import figures

# Days: a month, a quarter; and the shortest period that tells.
OFTEN, SELDOM, SHORTEST = 31, 92, 365

WITHHELD, LOW, MIDDLE, OFTEN_BACK = range(4)
CLASSES: dict[str, tuple[int, Promise]] = {
    "high": (OFTEN_BACK, gettext_lazy("Up to 31 days")),
    "mid": (MIDDLE, gettext_lazy("32 to 92 days")),
    "low": (LOW, gettext_lazy("More than 92 days")),
}


class Cycle(HistoryCounting, Metric):
    code = "cycle"
    slug = "cycle"
    version = 2
    kind = "share"
    title = gettext_lazy("Repurchase cycle")
    value_title = gettext_lazy("Back within a month")
    clients_title = gettext_lazy("Who came back")
    keys = ("cycle",)
    in_order = True
    counts = ("clients", "repeat_clients")
    figures = (
        Figure("repeat_clients", gettext_lazy("Came back"), clients_filter="yes"),
        Figure("high_clients", gettext_lazy("Mean gap up to 31 days"), gettext_lazy("Up to 31 days")),
        Figure("mid_clients", gettext_lazy("Mean gap of 32 to 92 days"), gettext_lazy("32 to 92 days")),
        Figure("low_clients", gettext_lazy("Mean gap of more than 92 days"), gettext_lazy("More than 92 days")),
    )
    definition = (
        gettext_lazy("Clients who repeat in the period, by the mean gap between their days in it."),
        gettext_lazy("The mean gap is the days from the first to the last day, divided by the days after the first."),
        gettext_lazy("High: 31 days or fewer. Middle: more than 31 and up to 92. Low: more than 92."),
        gettext_lazy("Only for periods of 365 days or more: in a short one nobody can have a long gap."),
    )

    def parts(self, history: History, selection: Selection) -> Sequence[Columns]:
        days = history.in_period & history.is_day
        number = history.counts(days)
        last = np.zeros(history.units, np.int64)
        # Facts are in the order of their days: the last one stays.
        last[history.unit[days]] = history.since[days]
        length = history.of_first(last) - history.since[history.first]
        gaps = np.maximum(number - 1, 1)
        classes = np.where(length <= OFTEN * gaps, OFTEN_BACK, np.where(length <= SELDOM * gaps, MIDDLE, LOW))
        is_told = history.repeats & (selection.length >= SHORTEST)
        return [
            {
                **history.keys(history.first),
                "cycle": np.where(is_told, classes, WITHHELD),
                "clients": np.ones(len(number), np.bool_),
                "repeat_clients": history.repeats,
            }
        ]

    def is_counted(self, first: FirstDays, selection: Selection, places: Places) -> Flags:  # noqa: ARG002
        return self.came_back(first, selection)

    def estimate(self, cells: Cells, within: int | None) -> Estimate:  # noqa: ARG002
        repeats = int(cells["repeat_clients"].sum())
        numbers = {n: int(cells["repeat_clients"][cells["cycle"] == which].sum()) for n, (which, _t) in CLASSES.items()}
        # Repeating clients without a class are of a period that is too short.
        is_told = sum(numbers.values()) == repeats > 0
        classes: dict[str, Any] = {
            name: {"clients": number, "share": number / repeats, "share_ci95": wilson(number, repeats)}
            for name, number in numbers.items()
            if is_told
        }
        return Estimate(
            clients=int(cells["clients"].sum()),
            value=numbers["high"] / repeats if is_told else None,
            ci95=wilson(numbers["high"], repeats) if is_told else None,
            counts={"repeat_clients": repeats, **{f"{name}_clients": number for name, number in numbers.items()}},
            details={"classes": classes or None},
            sample=repeats,
        )

    def notes(self, question: Question, total: Estimate) -> list[tuple[str, str]]:  # noqa: ARG002
        if (question.end - question.start).days >= SHORTEST:
            return []
        return [("period_too_short", _("The cycle is told for periods of 365 days or more."))]

    def tables(self, question: Question, total: Estimate, beside: Beside | None) -> list[DetailTable]:  # noqa: ARG002
        classes = total.details["classes"]
        if not classes:
            return []
        former = (beside.before.details["classes"] if beside else None) or {}
        rows = [
            (
                str(CLASSES[name][1]),
                [
                    DetailCell(figures.count(one["clients"])),
                    DetailCell(figures.percent(one["share"]), figures.interval(one["share_ci95"]), bar=one["share"]),
                    *([DetailCell(figures.percent(former[name]["share"]))] if former else []),
                ],
            )
            for name, one in classes.items()
        ]
        headings = [_("Mean gap"), _("Clients"), _("Share"), *([beside.label] if beside and former else [])]
        return [DetailTable(_("How often repeat clients come"), headings, rows)]

    def summary(self, question: Question) -> str:  # noqa: ARG002
        return _("Clients who came back in the period, by the mean gap between their days.")

    def headline(self, question: Question, total: Estimate, period: Period) -> str:  # noqa: ARG002
        if total.value is None:
            return format_html(
                ngettext(
                    "{clients} client came back {period}. Choose a period of 365 days or more to see how often.",
                    "{clients} clients came back {period}. Choose a period of 365 days or more to see how often.",
                    total.counts["repeat_clients"],
                ),
                clients=figures.count(total.counts["repeat_clients"]),
                period=period.phrase,
            )
        return format_html(
            _(
                "of {clients} clients who came back {period} did so every 31 days or more often "
                "<span>(95 % interval {interval})</span>."
            ),
            clients=figures.count(total.counts["repeat_clients"]),
            period=period.phrase,
            interval=figures.interval(total.ci95),
        )
