"""Counts the clients of a period from blocks of facts: each client's first day, those alike added up."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.reporting.cells import Cells, Tally, added_up
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import NEVER, Block, mask_of
from core.reporting.facts.derivation import EPOCH, STREAMS, Stream
from core.reporting.facts.reading import BlockReader, joined, without_gone
from core.reporting.places import Places
from core.reporting.question import Basis, Scope
from core.reporting.store_groups import StoreGroups

# What clients are told apart by besides place and stratum: the id of their category, tier or staff member.
FactDimension = Literal["", "category", "member_tier", "staff"]
DIMENSION_COLUMNS: dict[FactDimension, str] = {
    "category": "category_id",
    "member_tier": "member_tier_id",
    "staff": "staff_id",
}

# Of the stratum (fair comparison of groups), and of every cell.
STRATUM = ("lead_category_id", "is_new", "third")
KEYS = ("dimension", "location_id", *STRATUM)
_LONGEST_MONTH = 31
_NO_ROWS = np.empty(0, np.int64)

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which facts are counted: the first day of each client of the stream in [start, end).

    Metrics that follow clients beyond the period do so for `within` days, through the as-of date, at stores that are
    not stale.
    """

    start: date
    end: date
    scope: Scope
    basis: Basis
    dimension: FactDimension = ""
    # Only days with a kept line of this category; only clients who held this tier that day (0: none).
    category_id: int | None = None
    member_tier_id: int | None = None
    within: int | None = None
    as_of: date | None = None
    stale_stores: tuple[str, ...] = ()
    # The first day of the chain's data, for metrics that look back.
    begins: date | None = None
    # Whether groups are of what clients are, for metrics that count where things happened otherwise.
    of_clients: bool = False
    # In hundredths, for metrics that tell clients apart by what they spend: high above the first, mid from the second.
    thresholds: tuple[int, int] | None = None
    # Where the chain's own groups of stores are asked for.
    groups: StoreGroups | None = None

    @property
    def is_dated(self) -> bool:
        """Whether stores join or leave groups in the period: locations are then counted in parts."""
        return self.groups is not None and bool(self.groups.days_within(self.start, self.end))

    @property
    def place_column(self) -> str:
        """Of blocks (`dated`), what tells where a client belongs."""
        return "dated_location_id" if self.is_dated else "location_id"

    @property
    def of_categories(self) -> bool:
        """Whether it takes the facts of each category, not those of all together."""
        return self.dimension == "category" or self.category_id is not None

    @property
    def stream(self) -> Stream:
        return STREAMS[self.scope, self.basis]

    @property
    def length(self) -> int:
        """Of the period, in days."""
        return (self.end - self.start).days

    @property
    def dimension_columns(self) -> tuple[str, ...]:
        """Of facts, the one that tells groups apart, where there is one."""
        return (DIMENSION_COLUMNS[self.dimension],) if self.dimension else ()

    def columns(self, more: Iterable[str] = ()) -> list[str]:
        """Of the blocks, those that are needed to find the first days, and `more`."""
        stream = self.stream
        names = {"day", "flags", stream.is_new, stream.prev, stream.next, "location_id", "lead_category_id", *more}
        names |= set(self.dimension_columns)
        names |= {"category_id"} if self.category_id is not None else set()
        names |= {"member_tier_id"} if self.member_tier_id is not None else set()
        return sorted(names)


class FirstDays:
    """Facts of a block that are a client's first in the period of a selection."""

    def __init__(self, block: Block, selection: Selection) -> None:
        self._block, self._selection = block, selection
        stream, columns, length = selection.stream, block.columns, selection.length
        before = block.month - (selection.start - EPOCH).days
        since = columns["day"].astype(np.int32) + np.int32(before)
        chosen = columns[stream.prev] > since
        if before < 0:
            chosen &= since >= 0
        if before + _LONGEST_MONTH > length:
            chosen &= since < length
        belongs = np.uint8(mask_of(stream.belongs))
        if belongs:
            chosen &= (columns["flags"] & belongs) == belongs
        if selection.category_id is not None:
            chosen &= columns["category_id"] == selection.category_id
        if selection.member_tier_id is not None:
            chosen &= columns["member_tier_id"] == selection.member_tier_id
        self._rows = np.flatnonzero(chosen)
        # Days from the period's start, and days to the next day of the stream (NEVER: none is known).
        self.since = since[self._rows]
        self.gap = columns[stream.next][self._rows]

    def column(self, name: str) -> NDArray[np.unsignedinteger]:
        return self._block.columns[name][self._rows]

    @property
    def location_id(self) -> NDArray[np.unsignedinteger]:
        return self.column("location_id")

    @property
    def next_location_id(self) -> NDArray[np.unsignedinteger]:
        """Where the next day was spent."""
        return self.column(self._selection.stream.next_location)

    @property
    def days_left(self) -> NDArray[np.integer]:
        """Days left in the period; a gap below it ends in the period."""
        return np.asarray(np.minimum(self._selection.length - self.since, NEVER))

    def keys(self, *, of_strata: bool = True) -> Columns:
        """The columns `KEYS`; without strata all have the same category and third."""
        dimension = self._selection.dimension
        nothing = np.zeros(len(self._rows), np.uint8)
        return {
            "dimension": self.column(DIMENSION_COLUMNS[dimension]) if dimension else nothing,
            "location_id": self.column(self._selection.place_column),
            "lead_category_id": self.column("lead_category_id") if of_strata else nothing,
            "is_new": self.column(self._selection.stream.is_new) > 0,
            "third": self.since * 3 // self._selection.length if of_strata else nothing,
        }


class DaysOfPeriod:
    """Facts of a block that lie in the period of a selection, of the category asked for."""

    def __init__(self, block: Block, selection: Selection) -> None:
        since = block.columns["day"].astype(np.int32) + np.int32(block.month - (selection.start - EPOCH).days)
        chosen = (since >= 0) & (since < selection.length)
        if selection.category_id is not None:
            chosen &= block.columns["category_id"] == selection.category_id
        columns = {**block.columns, "location_id": block.columns[selection.place_column]}
        self.columns = columns if chosen.all() else {name: column[chosen] for name, column in columns.items()}


class Counting(ABC):
    """What a metric counts: additive integers (`counts`) by group, stratum and `keys` of its own."""

    counts: ClassVar[tuple[str, ...]]
    keys: ClassVar[tuple[str, ...]] = ()

    @property
    @abstractmethod
    def is_adjusted(self) -> bool:
        """Whether counts are told apart by category and third of the period, which groups are adjusted for."""

    def normal(self, selection: Selection) -> Selection:
        """One for all selections that have the same counts."""
        return selection

    def through(self, selection: Selection) -> date:
        """The end of the days that its counts tell of, left out: a client who comes later changes none."""
        return max(selection.end, selection.as_of + timedelta(days=1)) if selection.as_of else selection.end

    def columns(self, selection: Selection) -> set[str]:  # noqa: ARG002
        """Columns of facts it counts from, besides those that tell the first days."""
        return set()

    def tally(self, first: FirstDays, selection: Selection, places: Places) -> Tally:
        """Its counts of clients' first days in the period: a number or a flag for each of them. What needs more of a
        client counts from `history.History`."""
        raise NotImplementedError

    def parts_of_block(self, block: Block, selection: Selection, places: Places) -> Sequence[Tally]:
        """Rows of keys and counts of a block's facts: by default a row for each client's first day in the period."""
        first = FirstDays(block, selection)
        return [{**first.keys(of_strata=self.is_adjusted), **self.tally(first, selection, places)}]

    def is_counted(self, first: FirstDays, selection: Selection, places: Places) -> Flags:  # noqa: ARG002
        """Whose first days count: by default all."""
        return np.ones(len(first.since), np.bool_)

    def came_back(self, first: FirstDays, selection: Selection) -> Flags:  # noqa: ARG002
        """Who came back by the metric's own rule, where it has one (a figure that lists them)."""
        return np.zeros(len(first.since), np.bool_)

    def count(self, reader: BlockReader, selections: Sequence[Selection], places: Places) -> list[Cells]:
        """Cells of each selection, from one reading of the blocks; all differ in their periods alone."""
        first = selections[0]
        blocks = reader.read(
            first.columns(self.columns(first)),
            start=min(selection.start for selection in selections),
            end=max(selection.end for selection in selections),
            of_categories=first.of_categories,
        )
        merged = list(joined(blocks))
        return [count_blocks(merged, self, selection, places) for selection in selections]


def count_blocks(blocks: Iterable[Block], metric: Counting, selection: Selection, places: Places) -> Cells:
    """Cells of the blocks, of which only those of the selection's months are looked at."""
    first_month = (selection.start.replace(day=1) - EPOCH).days
    end = (selection.end - EPOCH).days
    within = [block for block in joined(blocks) if first_month <= block.month < end]
    return aggregated([_cells(block, metric, selection, places) for block in within], metric)


def _cells(block: Block, metric: Counting, selection: Selection, places: Places) -> Cells:
    for column in {"location_id", selection.stream.next_location} & block.columns.keys():
        places.cover(block.columns[column])
    cells = aggregated(metric.parts_of_block(dated(block, selection, places), selection, places), metric)
    return cells if block.sign > 0 else {**cells, **{name: -cells[name] for name in metric.counts}}


def dated(block: Block, selection: Selection, places: Places) -> Block:
    """With the part of its location that holds each fact's day, where the selection counts in parts."""
    if selection.groups is None or not selection.is_dated:
        return block
    locations, days = block.columns["location_id"], block.month + block.columns["day"].astype(np.int64)
    numbers = selection.groups.dated(locations, places.store[locations], days)
    return replace(block, columns={**block.columns, selection.place_column: numbers})


def aggregated(parts: Sequence[Tally], metric: Counting, keys: Sequence[str] = KEYS) -> Cells:
    """Rows alike in all keys (and the metric's) become one, in the order of the keys; those without any count are left
    out. Keys and counts that a part does not have are 0 in it."""
    keys = (*keys, *metric.keys)
    small = [added_up(part, keys, metric.counts) for part in parts]
    if len(small) == 1:
        return small[0]
    rows = {name: np.concatenate([_NO_ROWS, *(part[name] for part in small)]) for name in (*keys, *metric.counts)}
    return added_up(rows, keys, metric.counts)


def first_days(
    reader: BlockReader, metric: Counting, selection: Selection, places: Places, names: Sequence[str]
) -> Columns:
    """The first day of each client that the metric counts, one row each: `day` and `back` from 2000-01-01 (the next
    day, or -1 where the client has not come back by the metric's rule), `location_id`, `next_location_id`, `is_new`,
    and these columns of its fact, `client_id` among them."""
    columns = selection.columns({*names, selection.stream.next_location})
    blocks = reader.read(columns, start=selection.start, end=selection.end, of_categories=selection.of_categories)
    parts = [(block.sign, _listed(block, metric, selection, places, names)) for block in joined(blocks)]
    columns_of_rows = ("day", "back", "location_id", "next_location_id", "is_new", *names)
    rows = {name: np.concatenate([_NO_ROWS, *(part[name] for _sign, part in parts)]) for name in columns_of_rows}
    signs = np.concatenate([_NO_ROWS, *(np.full(len(part["day"]), sign) for sign, part in parts)])
    return without_gone(rows, signs)


def _listed(block: Block, metric: Counting, selection: Selection, places: Places, names: Sequence[str]) -> Columns:
    places.cover(block.columns["location_id"])
    places.cover(block.columns[selection.stream.next_location])
    first = FirstDays(dated(block, selection, places), selection)
    day = first.since + (selection.start - EPOCH).days
    rows = {
        **{name: first.column(name) for name in names},
        "day": day,
        "back": np.where(metric.came_back(first, selection), day + first.gap, -1),
        "location_id": first.location_id,
        "next_location_id": first.next_location_id,
        "is_new": first.keys()["is_new"],
    }
    counted = metric.is_counted(first, selection, places)
    return {name: column[counted] for name, column in rows.items()}
