"""M5, value segments: clients by what they spend a year, read by the year before and by the same year."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from numpy.typing import NDArray

from core.reporting.cells import Cells, Tally
from core.reporting.client_sums import ClientPlaces, ClientSums, added_up
from core.reporting.counting import Counting, FirstDays, Selection, aggregated, count_blocks
from core.reporting.data import Data
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import Block, days_of_block, mask_of
from core.reporting.facts.reading import BlockReader, joined
from core.reporting.history import History, HistoryCounting, between, days_before
from core.reporting.metrics.base import Beside, DetailCell, DetailTable, Estimate, Figure, Metric
from core.reporting.metrics.units import REVENUE
from core.reporting.periods import Period
from core.reporting.places import Places
from core.reporting.question import Question
from core.reporting.statistics.proportions import is_small_sample, wilson
from core.shared import figures

YEAR = 365
_SPENDING = ("day", "client_id", "flags", "net_revenue")

# By number of the class; 0 where the history is too short to tell.
UNKNOWN, NEW, POTENTIAL, MID_VALUE, HIGH_VALUE = range(5)
SEGMENTS: dict[str, tuple[int, Promise]] = {
    "high": (HIGH_VALUE, gettext_lazy("High value")),
    "mid": (MID_VALUE, gettext_lazy("Middle value")),
    "potential": (POTENTIAL, gettext_lazy("Potential")),
    "new": (NEW, gettext_lazy("New")),
}
# Readings: which key of the cells, what it is called, and which segments there are.
READINGS: dict[str, tuple[str, Promise, tuple[str, ...]]] = {
    "year_before": ("before", gettext_lazy("By the year before the period"), ("high", "mid", "potential", "new")),
    "same_year": ("same", gettext_lazy("By the same year"), ("high", "mid", "potential")),
}


class ValueSegments(HistoryCounting, Metric):
    code = "value_segments"
    slug = "value-segments"
    version = 2
    kind = "share"
    title = gettext_lazy("Value segments")
    value_title = gettext_lazy("High-value clients")
    clients_title = gettext_lazy("Who came back")
    keys = ("before", "same")
    counts = ("clients", "repeat_clients", "net_revenue")
    looks_back = has_thresholds = True
    figures = (
        Figure("high_clients", gettext_lazy("High value")),
        Figure("mid_clients", gettext_lazy("Middle value")),
        Figure("potential_clients", gettext_lazy("Potential")),
        Figure("new_clients", gettext_lazy("New")),
    )
    definition = (
        gettext_lazy("Clients of the period by what they spend a year, and the share of those of high value."),
        gettext_lazy(
            "High value is above %(high)s a year, middle value from %(mid)s up to %(high)s, potential below: "
            "headquarters can change both. What counts is net revenue, at any store and in any category, returns "
            "included."
        ),
        gettext_lazy(
            "By the year before: spend in the 365 days before the period. Clients without a visit in them are new; "
            "those who only used cards are potential. Targets and care use this reading."
        ),
        gettext_lazy(
            "By the same year: spend in the 365 days up to the period’s end. Annual reviews quote it, but it counts "
            "the return itself."
        ),
        gettext_lazy("A reading is withheld where the data does not reach back 365 days."),
    )

    def explained(self, data: Data) -> list[str]:
        high, mid = map(REVENUE.text, data.thresholds.in_hundredths)
        return [text % {"high": high, "mid": mid} for text in super().explained(data)]

    def columns(self, selection: Selection) -> set[str]:
        return super().columns(selection) | {"net_revenue"}

    def span(self, selection: Selection) -> tuple[date, date]:
        return min(selection.start, *(start for start, _end in _windows(selection).values())), selection.end

    def count(self, reader: BlockReader, selections: Sequence[Selection], places: Places) -> list[Cells]:
        """What clients spend is in the facts of all categories together. Where these are counted and a client is the
        unit, what a block adds needs no other fact."""
        first = selections[0]
        spans = [self.span(selection) for selection in selections]
        start, end = min(start for start, _end in spans), max(end for _start, end in spans)
        of_clients = first.scope == "chain" and not first.of_categories
        names = {*_SPENDING, *(first.columns(self.columns(first)) if of_clients else ())}
        blocks = list(joined(reader.read(sorted(names), start=start, end=end, of_categories=False)))
        spending = _Spending(blocks)
        if of_clients:
            return [count_blocks(blocks, _OfClients(spending, one), one, places) for one in selections]
        facts = self.read(reader, selections, places)
        return [aggregated([self._part(between(facts, one.start, one.end), spending, one)], self) for one in selections]

    def _part(self, facts: Columns, spending: "_Spending", selection: Selection) -> Columns:
        history = History(facts, selection)
        clients = history.columns["client_id"][history.first]
        return {
            **history.keys(history.first),
            **{name: classes[spending.places.of(clients)] for name, classes in spending.classes(selection).items()},
            "clients": np.ones(len(clients), np.bool_),
            "repeat_clients": history.repeats,
            "net_revenue": history.sums("net_revenue", history.in_period),
        }

    def estimate(self, cells: Cells, within: int | None) -> Estimate:  # noqa: ARG002
        clients = int(cells["clients"].sum())
        segments = {name: _reading(cells, name, clients) for name in READINGS}
        shown = segments["year_before"] or {}
        high = shown["high"]["clients"] if shown else 0
        return Estimate(
            clients=clients,
            value=high / clients if shown and clients else None,
            ci95=wilson(high, clients) if shown else None,
            counts={f"{name}_clients": shown[name]["clients"] if shown else 0 for name in SEGMENTS},
            details={"segments": segments},
        )

    def tables(self, question: Question, total: Estimate, beside: Beside | None) -> list[DetailTable]:  # noqa: ARG002
        headings = ["", _("Clients"), _("Came back"), _("Repurchase rate"), _("Net revenue")]
        tables = []
        for name, (_key, title, _segments) in READINGS.items():
            if segments := total.details["segments"][name]:
                revenue = sum(segment["net_revenue"] for segment in segments.values())
                rows = [(str(SEGMENTS[key][1]), _row(one, revenue)) for key, one in segments.items()]
                tables.append(DetailTable(str(title), headings, rows))
        return tables

    def notes(self, question: Question, total: Estimate) -> list[tuple[str, str]]:  # noqa: ARG002
        segments = total.details["segments"]
        notes = []
        if total.clients and segments["year_before"] is None:
            text = _("The data does not reach 365 days back before the period: no segments by the year before.")
            notes.append(("history_before_too_short", text))
        if total.clients and segments["same_year"] is None:
            text = _("The data does not reach 365 days back from the period’s end: no segments by the same year.")
            notes.append(("history_too_short", text))
        return notes

    def summary(self, question: Question) -> str:  # noqa: ARG002
        return _("Clients of the period by what they spend in a year.")

    def headline(self, question: Question, total: Estimate, period: Period) -> str:  # noqa: ARG002
        if total.value is None:
            text = ngettext(
                "There is {clients} client {period}.", "There are {clients} clients {period}.", total.clients
            )
            return format_html(text, clients=figures.count(total.clients), period=period.phrase)
        return format_html(
            ngettext(
                "of {clients} client {period} was of high value by the year before <span>(95 % interval {interval})"
                "</span>, with {share} of the revenue.",
                "of {clients} clients {period} were of high value by the year before <span>(95 % interval {interval})"
                "</span>. They brought {share} of the revenue of all of these.",
                total.clients,
            ),
            clients=figures.count(total.clients),
            period=period.phrase,
            interval=figures.interval(total.ci95),
            share=figures.percent(_revenue_share(total.details["segments"]["year_before"])),
        )


def _windows(selection: Selection) -> dict[str, tuple[date, date]]:
    """Of each reading, the 365 days that are looked at."""
    ends = {"before": selection.start, "same": selection.end}
    return {name: (days_before(end, YEAR), end) for name, end in ends.items()}


def _reaches(selection: Selection, start: date) -> bool:
    return selection.begins is not None and selection.begins <= start


class _Spending:
    """What each client spent, by blocks of all categories together."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks, self.places = blocks, ClientPlaces(blocks)

    def classes(self, selection: Selection) -> dict[str, NDArray[np.uint8]]:
        """By reading the segment of each client, at the client's place."""
        return {
            name: self._segments(selection, window, has_new=name == "before")
            for name, window in _windows(selection).items()
        }

    def between(self, start: date, end: date, names: Sequence[str] = ("net_revenue",)) -> dict[str, ClientSums]:
        """Of [start, end): `net_revenue`, and the number of days with a visit."""
        parts = []
        for block in self._blocks:
            chosen = days_of_block(block, start, end)
            facts = {name: block.columns[name][chosen] for name in _SPENDING}
            visits = (facts["flags"] & np.uint8(mask_of(["is_visit"]))) > 0
            parts.append((block.sign, facts["client_id"], {"net_revenue": facts["net_revenue"], "visits": visits}))
        return added_up(parts, self.places, names)

    def _segments(self, selection: Selection, window: tuple[date, date], *, has_new: bool) -> NDArray[np.uint8]:
        if selection.thresholds is None or not _reaches(selection, window[0]):
            return np.full(self.places.size, UNKNOWN, np.uint8)
        sums = self.between(*window, ("net_revenue", "visits") if has_new else ("net_revenue",))
        spent, (high, mid) = sums["net_revenue"], selection.thresholds
        segments = np.where(spent > high, HIGH_VALUE, np.where(spent >= mid, MID_VALUE, POTENTIAL)).astype(np.uint8)
        return np.where(sums["visits"] > 0, segments, NEW).astype(np.uint8) if has_new else segments


class _OfClients(Counting):
    """The same counts where each client is one, from the first day in the period."""

    is_adjusted = False
    keys, counts = ValueSegments.keys, ValueSegments.counts

    def __init__(self, spending: _Spending, selection: Selection) -> None:
        self._places, self._classes = spending.places, spending.classes(selection)
        self._revenue = spending.between(selection.start, selection.end)["net_revenue"]

    def tally(self, first: FirstDays, selection: Selection, places: Places) -> Tally:  # noqa: ARG002
        clients = self._places.of(first.column("client_id"))
        return {
            **{name: classes[clients] for name, classes in self._classes.items()},
            "clients": np.ones(len(clients), np.bool_),
            "repeat_clients": first.gap < first.days_left,
            "net_revenue": self._revenue[clients],
        }


def _reading(cells: Cells, name: str, clients: int) -> dict[str, Any] | None:
    """None where it is withheld: the cells of one question are of one kind."""
    key, _title, segments = READINGS[name]
    if (cells[key] == UNKNOWN).any():
        return None
    return {segment: _segment(cells, cells[key] == SEGMENTS[segment][0], clients) for segment in segments}


def _segment(cells: Cells, rows: np.ndarray, of_all: int) -> dict[str, Any]:
    clients, repeats, revenue = (int(cells[name][rows].sum()) for name in ("clients", "repeat_clients", "net_revenue"))
    return {
        "clients": clients,
        "share": clients / of_all if of_all else None,
        "share_ci95": wilson(clients, of_all),
        "repeat_clients": repeats,
        "value": repeats / clients if clients else None,
        "ci95": wilson(repeats, clients),
        "small_sample": is_small_sample(clients),
        "net_revenue": revenue,
    }


def _row(segment: dict[str, Any], revenue: int) -> list[DetailCell]:
    share = segment["net_revenue"] / revenue if revenue > 0 and segment["net_revenue"] >= 0 else None
    return [
        DetailCell(figures.count(segment["clients"]), figures.percent(segment["share"]), bar=segment["share"]),
        DetailCell(figures.count(segment["repeat_clients"])),
        DetailCell(figures.percent(segment["value"]), figures.interval(segment["ci95"])),
        DetailCell(REVENUE.text(segment["net_revenue"]), figures.percent(share), bar=share),
    ]


def _revenue_share(segments: dict[str, Any]) -> float | None:
    whole = sum(segment["net_revenue"] for segment in segments.values())
    return segments["high"]["net_revenue"] / whole if whole > 0 else None
