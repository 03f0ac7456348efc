"""M2, return within N days: the share of clients whose next day follows within so many days of the first one."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.reporting.cells import Cells, Tally
from core.reporting.counting import FirstDays, Flags, Selection
from core.reporting.metrics.base import Estimate, Figure, Metric
from core.reporting.periods import Period
from core.reporting.places import Places
from core.reporting.question import Question
from core.reporting.statistics.proportions import MINIMUM_CLIENTS
from core.reporting.statistics.survival import kaplan_meier_return
from core.shared import figures


class ReturnWithin(Metric):
    code = "return_within"
    slug = "return-within"
    version = 2
    kind = "curve"
    title = gettext_lazy("Return rate")
    value_title = gettext_lazy("Return rate")
    clients_title = gettext_lazy("Who came back")
    horizons = (90, 30, 60, 180)
    looks_ahead = True
    keys = ("days",)
    counts = ("returned", "censored", "followed", "followed_returned", "left_out")
    figures = (
        Figure("returned", gettext_lazy("Seen to return in time"), gettext_lazy("Returned"), clients_filter="yes"),
        Figure("followed", gettext_lazy("Followed for the whole time"), gettext_lazy("Followed")),
        Figure("not_mature", gettext_lazy("Not followed long enough yet"), gettext_lazy("Too recent")),
    )
    definition = (
        gettext_lazy(
            "Of the clients with a day in the period, the share whose next day follows within so many days of the "
            "first one, also beyond the period’s end."
        ),
        gettext_lazy(
            "Clients are followed through the last day for which the data is complete. Those who have not been "
            "followed long enough count for as long as they have been (Kaplan–Meier), so recent clients do not lower "
            "the rate."
        ),
        gettext_lazy(
            "Intervals are at 95 %. There is no rate where fewer than 30 clients were followed for the whole time."
        ),
        gettext_lazy("Clients of stores whose data is more than 14 days behind the others are left out."),
    )

    def normal(self, selection: Selection) -> Selection:
        """Nobody is followed for longer than the days asked for."""
        last = selection.end + timedelta(days=(selection.within or 0) - 1)
        return replace(selection, as_of=min(selection.as_of, last)) if selection.as_of else selection

    def tally(self, first: FirstDays, selection: Selection, places: Places) -> Tally:
        counted, followed_for = self.is_counted(first, selection, places), _followed_for(first, selection)
        returned, within = self.came_back(first, selection), selection.within or 0
        followed = counted & (followed_for >= within)
        return {
            "days": np.where(counted, np.where(returned, first.gap, np.minimum(followed_for, within)), 0),
            "returned": counted & returned,
            "censored": counted & ~returned,
            "followed": followed,
            "followed_returned": followed & returned,
            "left_out": _of_stale_stores(first, selection, places),
        }

    def is_counted(self, first: FirstDays, selection: Selection, places: Places) -> Flags:
        """Those met by the as-of date, at stores whose data reaches it."""
        return (_followed_for(first, selection) >= 0) & ~_of_stale_stores(first, selection, places)

    def came_back(self, first: FirstDays, selection: Selection) -> Flags:
        """Seen to: days after the as-of date are not used."""
        return np.asarray(first.gap <= np.minimum(_followed_for(first, selection), selection.within or 0))

    def estimate(self, cells: Cells, within: int | None) -> Estimate:
        length = (within or 0) + 1
        returned, censored = (
            np.bincount(cells["days"], cells[name], length).astype(int) for name in ("returned", "censored")
        )
        followed, followed_returned, left_out = (int(cells[name].sum()) for name in self.counts[2:])
        clients = int(returned.sum() + censored.sum())
        estimated = kaplan_meier_return(returned, censored, followed=followed, followed_returned=followed_returned)
        shown = estimated if followed >= MINIMUM_CLIENTS else None
        return Estimate(
            clients=clients,
            value=shown.rate if shown else None,
            ci95=shown.interval if shown else None,
            counts={
                "returned": int(returned.sum()),
                "followed": followed,
                "not_mature": clients - followed,
                "left_out": left_out,
            },
        )

    def summary(self, question: Question) -> str:
        text = (
            _("Clients who bought again within %(days)s days of their first purchase in the period.")
            if question.basis == "purchase"
            else _("Clients who came again within %(days)s days of their first visit in the period.")
        )
        return text % {"days": question.within}

    def headline(self, question: Question, total: Estimate, period: Period) -> str:
        if total.value is None:
            text = _("Fewer than 30 clients {period} have been followed for {days} days, so there is no rate yet.")
        else:
            text = _(
                "of {clients} clients {period} came back within {days} days <span>(95 % interval {interval})</span>."
            )
        return format_html(
            text,
            clients=figures.count(total.clients),
            days=question.within,
            period=period.phrase,
            interval=figures.interval(total.ci95),
        )

    def notes(self, question: Question, total: Estimate) -> list[tuple[str, str]]:
        notes = []
        if waiting := total.counts["not_mature"]:
            text = ngettext(
                "%(clients)s client has been followed for less than %(days)s days so far.",
                "%(clients)s clients have been followed for less than %(days)s days so far.",
                waiting,
            )
            notes.append(("not_mature", text % {"clients": figures.count(waiting), "days": question.within}))
        if left_out := total.counts["left_out"]:
            share = figures.percent(left_out / (left_out + total.clients))
            text = _("%(share)s of the clients are left out: the data of their stores is behind the others’.")
            notes.append(("stale_stores_left_out", text % {"share": share}))
        return notes


def _followed_for(first: FirstDays, selection: Selection) -> np.ndarray:
    """Days from each first day to the as-of date; below 0 where it is later."""
    through = (selection.as_of - selection.start).days if selection.as_of else -1
    return np.asarray(through - first.since)


def _of_stale_stores(first: FirstDays, selection: Selection, places: Places) -> Flags:
    return np.asarray(places.of_stores(selection.stale_stores)[first.location_id])
