"""M7, satisfaction and repurchase: how many clients come back, by how they rated."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.reporting.cells import Cells
from core.reporting.counting import Selection
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import RATING_UNIT
from core.reporting.history import History, HistoryCounting, Ints
from core.reporting.metrics.base import Beside, DetailCell, DetailTable, Estimate, Figure, Metric
from core.reporting.metrics.units import RATING
from core.reporting.periods import Period
from core.reporting.question import Question
from core.reporting.statistics.proportions import is_small_sample, wilson
from core.shared import figures

# Tenths of a point from which a rating is of the first and of the second band.
TOP, MIDDLE = 48, 45
UNRATED, LOW_BAND, MIDDLE_BAND, TOP_BAND = range(4)
BANDS: dict[str, tuple[int, Promise | str]] = {
    "4.8-5": (TOP_BAND, "4.8–5"),
    "4.5-4.8": (MIDDLE_BAND, gettext_lazy("4.5 to below 4.8")),
    "below_4.5": (LOW_BAND, gettext_lazy("Below 4.5")),
    "unrated": (UNRATED, gettext_lazy("Not rated")),
}
# Readings: which key of the cells, and what it is called.
READINGS: dict[str, tuple[str, Promise]] = {
    "first_rating": ("by_first", gettext_lazy("By the first rating in the period")),
    "mean_before_repeat": ("by_mean", gettext_lazy("By the mean of the ratings before the client came back")),
}

# Why there is no coefficient.
_REASONS: dict[str, Promise] = {
    "too_few_cells": gettext_lazy("Fewer than 8 stores in quarters with 30 clients and a rating."),
    "too_few_stores": gettext_lazy("Fewer than 8 stores with 30 clients and a rating in a quarter."),
    "no_variance": gettext_lazy("Ratings or rates do not vary."),
}


class Satisfaction(HistoryCounting, Metric):
    code = "satisfaction"
    slug = "satisfaction"
    version = 2
    kind = "share"
    title = gettext_lazy("Satisfaction and repurchase")
    value_title = gettext_lazy("Rate of clients who rated 4.8 or more")
    clients_title = gettext_lazy("Who came back")
    keys = ("by_first", "by_mean")
    in_order = True
    counts = ("clients", "repeat_clients")
    figures = (
        Figure("repeat_clients", gettext_lazy("Came back"), clients_filter="yes"),
        Figure("satisfied_clients", gettext_lazy("Rated 4.8 or more")),
        Figure("satisfied_repeat_clients", gettext_lazy("Of them, came back")),
        Figure("unrated_clients", gettext_lazy("Not rated")),
    )
    definition = (
        gettext_lazy("The repurchase rate of clients by how they rated: 4.8 to 5, 4.5 to below 4.8, below 4.5, none."),
        gettext_lazy("A visit’s rating is the mean of its lines’."),
        gettext_lazy(
            "By the first rating in the period; and by the mean of the ratings before the day on which the client "
            "first came back, as later ones would count the return itself."
        ),
        gettext_lazy(
            "The coefficient is Pearson’s r between mean rating and repurchase rate of stores in quarters with 30 "
            "clients or more; its interval comes from drawing stores again (bootstrap)."
        ),
        gettext_lazy("Who is satisfied may differ from others in more than that: a difference is no effect."),
    )

    def columns(self, selection: Selection) -> set[str]:
        return super().columns(selection) | {"ratings", "rating_count", "first_rating", "is_first_rated"}

    def parts(self, history: History, selection: Selection) -> Sequence[Columns]:
        return [
            {
                **history.keys(history.first),
                "by_first": _first_bands(history, selection),
                "by_mean": _mean_bands(history, selection),
                "clients": np.ones(len(history.first), np.bool_),
                "repeat_clients": history.repeats,
            }
        ]

    def estimate(self, cells: Cells, within: int | None) -> Estimate:  # noqa: ARG002
        sums = {name: int(cells[name].sum()) for name in self.counts}
        bands = {name: _reading(cells, key, sums["clients"]) for name, (key, _title) in READINGS.items()}
        top = bands["first_rating"]["4.8-5"]
        return Estimate(
            clients=sums["clients"],
            value=top["value"],
            ci95=top["ci95"],
            counts={
                "repeat_clients": sums["repeat_clients"],
                "satisfied_clients": top["clients"],
                "satisfied_repeat_clients": top["repeat_clients"],
                "unrated_clients": bands["first_rating"]["unrated"]["clients"],
            },
            details={"bands": bands},
            sample=top["clients"],
        )

    def tables(self, question: Question, total: Estimate, beside: Beside | None) -> list[DetailTable]:  # noqa: ARG002
        headings = [_("Rating"), _("Clients"), _("Came back"), _("Repurchase rate")]
        return [
            DetailTable(
                str(title),
                headings,
                [(str(BANDS[key][1]), _row(one)) for key, one in total.details["bands"][n].items()],
            )
            for n, (_key, title) in READINGS.items()
        ]

    def more_tables(self, more: Mapping[str, Any]) -> list[DetailTable]:
        found = more["correlation"]
        headings = [_("Pearson’s r"), _("Interval (95 %)"), _("Stores in quarters"), _("Stores")]
        numbers = [DetailCell(figures.count(found[name])) for name in ("cells", "stores")]
        if found["r"] is None:
            rows = [(figures.NOTHING, [DetailCell(str(_REASONS[found["reason"]])), *numbers])]
        else:
            low, high = found["ci95"]
            rows = [(_signed(found["r"]), [DetailCell(figures.from_to(_signed(low), _signed(high))), *numbers])]
        about = _("From −1 to +1; where the interval contains 0 there is no telling.")
        return [DetailTable(_("Do stores that are rated better see more clients again?"), headings, rows, about)]

    def summary(self, question: Question) -> str:  # noqa: ARG002
        return _("How many clients came back, by how they rated their visits.")

    def headline(self, question: Question, total: Estimate, period: Period) -> str:  # noqa: ARG002
        if total.value is None:
            return format_html(_("No client gave a first rating of 4.8 or more {period}."), period=period.phrase)
        return format_html(
            _(
                "of {clients} clients whose first rating was 4.8 or more came back {period} "
                "<span>(95 % interval {interval})</span>. {unrated} of all clients gave no rating."
            ),
            clients=figures.count(total.sample),
            period=period.phrase,
            interval=figures.interval(total.ci95),
            unrated=figures.percent(total.counts["unrated_clients"] / total.clients, 0),
        )


def _signed(value: float) -> str:
    return RATING.difference(value)


def _first_bands(history: History, selection: Selection) -> Ints:
    rated = "rating_count" if selection.scope == "store" else "is_first_rated"
    rows = np.flatnonzero(history.in_period & (history.columns[rated] > 0))[::-1]
    first = np.zeros(history.units, np.int64)
    number = np.zeros(history.units, np.int64)
    # From the last to the first: that one stays.
    first[history.unit[rows]] = history.columns["first_rating"][rows]
    number[history.unit[rows]] = 1
    return _bands(history.of_first(first), history.of_first(number))


def _mean_bands(history: History, selection: Selection) -> Ints:
    """Of ratings given before the day of the first repeat."""
    gap = history.columns[selection.stream.next][history.first].astype(np.int64)
    until = np.zeros(history.units, np.int64)
    until[history.unit[history.first]] = history.since[history.first] + gap
    rows = history.in_period & (history.since < until[history.unit])
    return _bands(history.sums("ratings", rows), history.sums("rating_count", rows))


def _bands(ratings: Ints, number: Ints) -> Ints:
    """Of sums of exact ratings."""
    tenths = 10 * ratings
    band = np.where(
        tenths >= TOP * RATING_UNIT * number,
        TOP_BAND,
        np.where(tenths >= MIDDLE * RATING_UNIT * number, MIDDLE_BAND, LOW_BAND),
    )
    return np.where(number > 0, band, UNRATED)


def _reading(cells: Cells, key: str, of_all: int) -> dict[str, dict[str, Any]]:
    bands = {}
    for name, (band, _title) in BANDS.items():
        rows = cells[key] == band
        clients, repeats = int(cells["clients"][rows].sum()), int(cells["repeat_clients"][rows].sum())
        bands[name] = {
            "clients": clients,
            "share": clients / of_all if of_all else None,
            "repeat_clients": repeats,
            "value": repeats / clients if clients else None,
            "ci95": wilson(repeats, clients),
            "small_sample": is_small_sample(clients),
        }
    return bands


def _row(band: dict[str, Any]) -> list[DetailCell]:
    return [
        DetailCell(figures.count(band["clients"]), figures.percent(band["share"]), bar=band["share"]),
        DetailCell(figures.count(band["repeat_clients"])),
        DetailCell(figures.percent(band["value"]), figures.interval(band["ci95"])),
    ]
