"""M9, cohorts: of clients who came for the first time in a month, how many come in each 30 days after their first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.reporting.cells import Cells
from core.reporting.counting import FirstDays, Flags, Selection
from core.reporting.facts.arrays import compact
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import NEVER, months_of
from core.reporting.facts.derivation import EPOCH
from core.reporting.facts.reading import BlockReader
from core.reporting.history import History, HistoryCounting, Ints, months_from
from core.reporting.metrics.base import Beside, DetailCell, DetailTable, Estimate, Figure, Metric
from core.reporting.periods import Period, add_months
from core.reporting.places import Places
from core.reporting.question import Question
from core.reporting.statistics.proportions import is_small_sample, wilson
from core.reporting.statistics.survival import kaplan_meier_return
from core.shared import figures

# Days of a column; and from the first day of the data, within which who seems new may not be.
WINDOW, UNCERTAIN = 30, 365
# What months are counted from: no salon's data is older.
FIRST_MONTH = date(1900, 1, 1)
# Columns of the page's table.
SHOWN = 12
COUNTS = ("clients", "reached", "returned", "partial_returned", "censored")


class Cohorts(HistoryCounting, Metric):
    code = "cohorts"
    slug = "cohorts"
    version = 2
    kind = "share"
    title = gettext_lazy("Cohorts")
    value_title = gettext_lazy("Came in the second 30 days")
    clients_title = gettext_lazy("New clients")
    # The month of the first day; the column; the day within it; whether the month is marked.
    keys = ("row", "column", "days", "is_uncertain")
    counts = COUNTS
    looks_ahead = looks_back = in_order = True
    figures = (
        Figure("followed", gettext_lazy("Followed for 60 days"), gettext_lazy("Followed")),
        Figure("returned", gettext_lazy("Seen to come in the second 30 days"), gettext_lazy("Came again")),
    )
    definition = (
        gettext_lazy(
            "Clients by the month of their first day ever. Column 1 is the share who came on days 30 to 59 after it, "
            "column 2 on days 60 to 89, and so on: each column is counted anew."
        ),
        gettext_lazy("The figure above is column 1 of all months of the period together."),
        gettext_lazy(
            "A cell is plain where every client of the month has been followed through it, up to the last day for "
            "which the data is complete. Otherwise it is open (○): estimated by Kaplan–Meier from those followed so "
            "far."
        ),
        gettext_lazy("Months in the first 365 days of the data are marked (*): who seems new there may not be."),
    )

    def span(self, selection: Selection) -> tuple[date, date]:
        through = selection.as_of + timedelta(days=1) if selection.as_of else selection.end
        return selection.start, max(selection.end, through)

    def count(self, reader: BlockReader, selections: Sequence[Selection], places: Places) -> list[Cells]:
        """Of whole months from one counting of all of them: a client is in the row of one month."""
        start, end = min(one.start for one in selections), max(one.end for one in selections)
        of_months = all(day.day == 1 for one in selections for day in (one.start, one.end))
        if not of_months or selections[0].groups is not None:
            return super().count(reader, selections, places)
        (cells,) = super().count(reader, [replace(selections[0], start=start, end=end)], places)
        return [_of_months(cells, one) for one in selections]

    def cells(self, facts: Columns, selection: Selection) -> Cells:
        """Facts of those who were there before need not be put in order."""
        clients, size = compact(facts["client_id"])
        is_new = np.zeros(size, np.bool_)
        is_new[clients[facts[selection.stream.prev] == NEVER]] = True
        own = is_new[clients]
        return super().cells({name: column[own] for name, column in facts.items()}, selection)

    def parts(self, history: History, selection: Selection) -> Sequence[Columns]:
        if selection.as_of is None:
            return []
        first = history.first[history.columns[selection.stream.prev][history.first] == NEVER]
        as_of, day = (selection.as_of - EPOCH).days, history.columns["day"][first]
        keys = {**history.keys(first), **_rows(day, selection)}
        # Whole windows passed since the first day, and days passed of the one after them.
        last = np.maximum((as_of - day + 1) // WINDOW - 1, -1)
        passed = as_of - day - WINDOW * (last + 1)
        partial = np.where((passed >= 0) & (last >= 0), last + 1, 0)
        events = _events(history, first, as_of)
        own, column = events["client"], events["column"]
        in_partial = column == partial[own]
        seen = np.zeros(len(first), np.bool_)
        seen[own[in_partial]] = True
        waiting = (partial > 0) & ~seen
        # Days matter only where not everyone of the month has been followed.
        whole = column <= _followed_by_all(day, as_of)[own]
        return [
            _part(keys, np.arange(len(first)), clients=1),
            _part(keys, np.flatnonzero(last > 0), column=last[last > 0], reached=1),
            _part(keys, np.flatnonzero(waiting), column=partial[waiting], days=passed[waiting], censored=1),
            _part(
                keys,
                own,
                column=column,
                days=np.where(whole, 0, events["days"]),
                returned=1,
                partial_returned=in_partial,
            ),
        ]

    def is_counted(self, first: FirstDays, selection: Selection, places: Places) -> Flags:  # noqa: ARG002
        return np.asarray(first.column(selection.stream.prev) == NEVER)

    def came_back(self, first: FirstDays, selection: Selection) -> Flags:
        """At all, by the as-of date."""
        through = (selection.as_of - selection.start).days if selection.as_of else -1
        return np.asarray(first.gap <= np.maximum(through - first.since, -1))

    def estimate(self, cells: Cells, within: int | None) -> Estimate:  # noqa: ARG002
        rows = [
            {
                "month": add_months(FIRST_MONTH, int(row)).isoformat()[:7],
                "uncertain": bool(cells["is_uncertain"][of_row].any()),
                **_grid_row({name: column[of_row] for name, column in cells.items()}),
            }
            for row in np.unique(cells["row"])
            if (of_row := cells["row"] == row).any()
        ]
        together = _grid_row(cells)
        lead = together["cells"][0] if together["cells"] else None
        return Estimate(
            clients=together["clients"],
            value=lead["value"] if lead else None,
            ci95=lead["ci95"] if lead else None,
            counts={"followed": lead["followed"] if lead else 0, "returned": lead["returned"] if lead else 0},
            details={"cohorts": rows, "all_months": together["cells"]},
        )

    def tables(self, question: Question, total: Estimate, beside: Beside | None) -> list[DetailTable]:  # noqa: ARG002
        rows = [
            (
                figures.month(date.fromisoformat(f"{row['month']}-01")) + (" *" if row["uncertain"] else ""),
                [DetailCell(figures.count(row["clients"])), *_grid_cells(row["cells"])],
            )
            for row in total.details["cohorts"]
        ]
        rows.append((_("All"), [DetailCell(figures.count(total.clients)), *_grid_cells(total.details["all_months"])]))
        columns = min(SHOWN, len(total.details["all_months"]))
        headings = [_("First day in"), _("Clients"), *map(str, range(1, columns + 1))]
        about = _(
            "Share who came in each 30 days: column 1 is days 30 to 59 after the first day. ○ open, not everyone has "
            "been followed so far; * in the first year of the data, who seems new may not be."
        )
        return [DetailTable(_("By month of the first day"), headings, rows, about, is_grid=True)] if columns else []

    def notes(self, question: Question, total: Estimate) -> list[tuple[str, str]]:  # noqa: ARG002
        if any(row["uncertain"] for row in total.details["cohorts"]):
            text = _("Some months lie in the first 365 days of the data: who seems new there may not be.")
            return [("first_year_of_data", text)]
        return []

    def summary(self, question: Question) -> str:
        if question.basis == "purchase":
            return _("New buyers by the month of their first purchase, and how many buy in each 30 days after it.")
        return _("New clients by the month of their first day, and how many come in each 30 days after it.")

    def headline(self, question: Question, total: Estimate, period: Period) -> str:  # noqa: ARG002
        if total.value is None:
            return format_html(
                ngettext(
                    "{clients} new client {period}. Nobody has been followed for 60 days yet.",
                    "{clients} new clients {period}. Nobody has been followed for 60 days yet.",
                    total.clients,
                ),
                clients=figures.count(total.clients),
                period=period.phrase,
            )
        return format_html(
            _(
                "of {clients} new clients {period} came again on days 30 to 59 after their first "
                "<span>(95 % interval {interval})</span>."
            ),
            clients=figures.count(total.clients),
            period=period.phrase,
            interval=figures.interval(total.ci95),
        )


def _of_months(cells: Cells, selection: Selection) -> Cells:
    first, end = (months_from(day) - months_from(FIRST_MONTH) for day in (selection.start, selection.end))
    own = (cells["row"] >= first) & (cells["row"] < end)
    return {name: column[own] for name, column in cells.items()}


def _rows(day: Ints, selection: Selection) -> Columns:
    months = months_of(day)
    known = (selection.begins - EPOCH).days + UNCERTAIN if selection.begins else 0
    numbers = (np.datetime64(EPOCH, "D") + months).astype("datetime64[M]") - np.datetime64(FIRST_MONTH, "M")
    return {"row": np.maximum(numbers.astype(np.int64), 0), "is_uncertain": (months < known).astype(np.int64)}


def _followed_by_all(day: Ints, as_of: int) -> Ints:
    """The last column through which also those of the month's last day have been followed."""
    months = (np.datetime64(EPOCH, "D") + day).astype("datetime64[M]") + 1
    last_day = (months.astype("datetime64[D]") - np.datetime64(EPOCH, "D")).astype(np.int64) - 1
    return np.asarray((as_of - last_day + 1) // WINDOW - 1)


def _events(history: History, first: Ints, as_of: int) -> Columns:
    """The first day of each client in each column, up to the as-of date: `client` is the place in `first`."""
    whose = np.full(history.units, -1)
    whose[history.unit[first]] = np.arange(len(first))
    day = history.columns["day"]
    rows = np.flatnonzero(history.is_day & (whose[history.unit] >= 0) & (day <= as_of))
    client = whose[history.unit[rows]]
    column, days = np.divmod(day[rows] - day[first[client]], WINDOW)
    is_new = (np.diff(client, prepend=-1) != 0) | (np.diff(column, prepend=-1) != 0)
    chosen = is_new & (column > 0)
    return {"client": client[chosen], "column": column[chosen], "days": days[chosen]}


def _part(keys: Columns, rows: Ints, **more: Any) -> Columns:
    own = {name: np.zeros(len(rows), np.int64) + value for name, value in more.items()}
    return {**{name: column[rows] for name, column in keys.items()}, **own}


def _grid_row(cells: Cells) -> dict[str, Any]:
    clients = int(cells["clients"].sum())
    columns = int(cells["column"].max(initial=0))
    reached = np.bincount(cells["column"], cells["reached"], columns + 1).astype(int)
    # Who was followed through a column was so through all before.
    followed = np.cumsum(reached[::-1])[::-1].tolist()
    return {
        "clients": clients,
        "small_sample": is_small_sample(clients),
        "cells": [_cell(cells, column, clients, followed[column]) for column in range(1, columns + 1)],
    }


def _cell(cells: Cells, column: int, clients: int, followed: int) -> dict[str, Any]:
    own = cells["column"] == column
    returned = int(cells["returned"][own].sum())
    result = {"column": column, "open": followed < clients, "followed": followed, "returned": returned}
    if followed == clients:
        return {**result, "value": returned / clients, "ci95": wilson(returned, clients)}
    followed_returned = returned - int(cells["partial_returned"][own].sum())
    by_day, censored = (np.bincount(cells["days"][own], cells[n][own], WINDOW + 1) for n in ("returned", "censored"))
    censored[WINDOW] += followed - followed_returned
    found = kaplan_meier_return(
        by_day.astype(int), censored.astype(int), followed=followed, followed_returned=followed_returned
    )
    return {**result, "value": found.rate if found else None, "ci95": list(found.interval) if found else None}


def _grid_cells(cells: Sequence[dict[str, Any]]) -> list[DetailCell]:
    shown = [
        DetailCell(figures.percent(cell["value"], 0) + ("○" if cell["open"] else ""), tint=cell["value"])
        if cell["value"] is not None
        else DetailCell(figures.NOTHING)
        for cell in cells[:SHOWN]
    ]
    return shown + [DetailCell("")] * (SHOWN - len(shown))
