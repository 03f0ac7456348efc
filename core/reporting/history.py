"""What metrics count that need more of a client than the first day of a period: the facts of a span, client by client.

The facts of a span are read at once, those that are gone taken away, and ordered by client and day. A selection makes
units of them: clients, or clients and stores (scope store), each of one category where categories are asked for.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.reporting.cells import Cells, Tally
from core.reporting.counting import DIMENSION_COLUMNS, Counting, FirstDays, Flags, Selection, aggregated
from core.reporting.facts.arrays import compact, number, stable_order
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import mask_of
from core.reporting.facts.derivation import EPOCH
from core.reporting.facts.reading import BlockReader, joined, without_gone
from core.reporting.places import Places

Ints = NDArray[np.int64]
# Without these two facts might be alike.
_KEY = {"client_id", "day", "location_id"}


def read_facts(reader: BlockReader, names: Iterable[str], *, start: date, end: date, of_categories: bool) -> Columns:
    """These columns of the facts of [start, end), `day` from 2000-01-01, in no order."""
    names = sorted({*names, *_KEY, *({"category_id"} if of_categories else ())})
    blocks = list(joined(reader.read(names, start=start, end=end, of_categories=of_categories)))
    empty = np.empty(0, np.uint8)
    rows: Columns = {name: np.concatenate([empty, *(b.columns[name] for b in blocks)]) for name in names}
    rows["day"] = np.concatenate(
        [np.empty(0, np.int64), *(b.month + b.columns["day"].astype(np.int64) for b in blocks)]
    )
    signs = np.concatenate([np.empty(0, np.int64), *(np.full(len(b.columns["day"]), b.sign) for b in blocks)])
    kept = (rows["day"] >= (start - EPOCH).days) & (rows["day"] < (end - EPOCH).days)
    rows, signs = {name: column[kept] for name, column in rows.items()}, signs[kept]
    return without_gone(rows, signs)


class History:
    """Facts of a span as a selection's units; in the order of units and days where that is asked for."""

    def __init__(self, facts: Columns, selection: Selection, *, in_order: bool = False) -> None:
        self.selection = selection
        if selection.groups is not None and selection.is_dated:
            locations = selection.groups.dated(facts["location_id"], facts["store_id"], facts["day"])
            facts = {**facts, "location_id": locations}
        if selection.category_id is not None:
            own = facts["category_id"] == selection.category_id
            facts = {name: column[own] for name, column in facts.items()}
        key = [facts["client_id"]]
        key += [facts["category_id"]] if selection.of_categories and selection.category_id is None else []
        key += [facts["store_id"]] if selection.scope == "store" else []
        units = number(*key)
        if in_order:
            order = stable_order(number(units, facts["day"]))
            facts, units = {name: column[order] for name, column in facts.items()}, units[order]
        self.columns: Columns = facts
        # The unit of each fact, and how many there may be.
        self.unit, self.units = compact(units)
        # Days from the period's start.
        self.since: Ints = self.columns["day"] - (selection.start - EPOCH).days
        self.in_period: Flags = (self.since >= 0) & (self.since < selection.length)
        belongs = np.uint8(mask_of(selection.stream.belongs))
        # Facts that stand for days of the basis.
        self.is_day: Flags = (self.columns["flags"] & belongs) == belongs

    @cached_property
    def lead(self) -> Ints:
        """For each unit the fact that says where it belongs: of its first day in the period, else its first one of any
        kind in it (of a date, the first visit's before returns, then by place); -1 where it has none or not the tier
        asked for."""
        lead = np.full(self.units, -1)
        days = np.flatnonzero(self._is_first)
        lead[self.unit[days]] = days
        others = np.flatnonzero(self.in_period & (lead[self.unit] < 0))
        is_lead = (self.columns["flags"][others] & np.uint8(mask_of(["is_lead"]))) > 0
        order = np.lexsort((self.columns["location_id"][others], ~is_lead, self.columns["day"][others]))[::-1]
        # From the last to the first: that one stays.
        lead[self.unit[others[order]]] = others[order]
        if self.selection.member_tier_id is not None:
            lead[self.columns["member_tier_id"][lead] != self.selection.member_tier_id] = -1
        return lead

    @cached_property
    def first(self) -> Ints:
        """Facts of the units' first days in the period, of those who have one."""
        lead = self.lead[self.lead >= 0]
        return lead[self._is_first[lead]]

    @cached_property
    def _is_first(self) -> Flags:
        before = self.columns[self.selection.stream.prev]
        return np.asarray(self.in_period & self.is_day & (before > self.since))

    @property
    def repeats(self) -> Flags:
        """Whether each of `first` has another day in the period."""
        gap = self.columns[self.selection.stream.next][self.first]
        return np.asarray(gap < self.selection.length - self.since[self.first])

    def sums(self, name: str, rows: Flags) -> Ints:
        """Of a column over these facts, for each unit of `first`."""
        return self.of_first(np.bincount(self.unit[rows], self.columns[name][rows], self.units))

    def counts(self, rows: Flags) -> Ints:
        """Numbers of these facts, for each unit of `first`."""
        return self.of_first(np.bincount(self.unit[rows], minlength=self.units))

    def of_first(self, of_units: NDArray[np.generic]) -> Ints:
        return of_units[self.unit[self.first]].astype(np.int64)

    def keys(self, rows: Ints) -> Columns:
        """Of the columns `KEYS` those that these facts differ in: groups are not adjusted, so that all are of one
        category and third."""
        dimension, is_new = self.selection.dimension, self.columns[self.selection.stream.is_new]
        return {
            **({"dimension": self.columns[DIMENSION_COLUMNS[dimension]][rows]} if dimension else {}),
            "location_id": self.columns["location_id"][rows],
            # New is who has the first day ever of the basis: a fact that is no day of it may fall on that date.
            "is_new": self.is_day[rows] & (is_new[rows] > 0),
        }


class HistoryCounting(Counting):
    """Counts from all facts of a span around the period."""

    is_adjusted = False
    # Whether it counts from facts in the order of clients and days.
    in_order: ClassVar[bool] = False

    def span(self, selection: Selection) -> tuple[date, date]:
        """What has to be read to count a period: by default the period."""
        return selection.start, selection.end

    def columns(self, selection: Selection) -> set[str]:  # noqa: ARG002
        return {"client_id"}

    def parts(self, history: History, selection: Selection) -> Sequence[Tally]:
        """Rows of keys and counts."""
        raise NotImplementedError

    def count(self, reader: BlockReader, selections: Sequence[Selection], places: Places) -> list[Cells]:
        facts = self.read(reader, selections, places)
        return [self.cells(between(facts, *self.span(selection)), selection) for selection in selections]

    def read(self, reader: BlockReader, selections: Sequence[Selection], places: Places) -> Columns:
        """Facts of all spans, in one reading, with their stores."""
        spans = [self.span(selection) for selection in selections]
        first = selections[0]
        facts = read_facts(
            reader,
            first.columns(self.columns(first)),
            start=min(start for start, _end in spans),
            end=max(end for _start, end in spans),
            of_categories=first.of_categories,
        )
        places.cover(facts["location_id"])
        facts["store_id"] = places.store[facts["location_id"]]
        return facts

    def cells(self, facts: Columns, selection: Selection) -> Cells:
        return aggregated(self.parts(History(facts, selection, in_order=self.in_order), selection), self)

    def came_back(self, first: FirstDays, selection: Selection) -> Flags:  # noqa: ARG002
        return np.asarray(first.gap < first.days_left)


def between(facts: Columns, start: date, end: date) -> Columns:
    """Facts of [start, end)."""
    kept = (facts["day"] >= (start - EPOCH).days) & (facts["day"] < (end - EPOCH).days)
    return facts if kept.all() else {name: column[kept] for name, column in facts.items()}


def days_before(day: date, days: int) -> date:
    """No day is before the first one there is."""
    return day - timedelta(days=min(days, (day - date.min).days))


def months_from(day: date) -> int:
    return day.year * 12 + day.month - 1
