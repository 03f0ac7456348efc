"""Counts the clients of a period from blocks of facts, those alike in place and stratum together."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import NEVER, Block, mask_of
from core.reporting.facts.derivation import EPOCH, number
from core.reporting.facts.reading import joined, read_blocks
from core.reporting.facts.streams import STREAMS
from core.reporting.places import Places
from core.reporting.report import Basis, Scope

# What clients are told apart by besides place and stratum: the id of their category, tier or staff member.
Dimension = Literal["", "category", "member_tier", "staff"]
_DIMENSION_COLUMNS: dict[Dimension, str] = {
    "category": "category_id",
    "member_tier": "member_tier_id",
    "staff": "staff_id",
}

KEYS = ("dimension", "location_id", "lead_category_id", "is_new", "third")
COUNTS = ("clients", "repeats", "same_store", "same_tier", "same_staff")
# Up to so many, sums are kept in a table with a place for each combination there could be.
_COMBINATIONS_A_ROW = 4
_LONGEST_MONTH = 31
_NO_ROWS = np.empty(0, np.int64)

# Columns `KEYS` and `COUNTS`, a row for clients alike in all keys.
Cells = dict[str, NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class Count:
    """What is counted: the first day of each client of the stream in [start, end)."""

    start: date
    end: date
    scope: Scope
    basis: Basis
    dimension: Dimension = ""
    # Only days with a kept line of this category; only clients who held this tier that day (0: none).
    category_id: int | None = None
    member_tier_id: int | None = None

    @property
    def of_categories(self) -> bool:
        """Whether it takes the facts of each category, not those of all together."""
        return self.dimension == "category" or self.category_id is not None

    @property
    def columns(self) -> list[str]:
        """Of the blocks, those that are needed to count."""
        stream = STREAMS[self.scope, self.basis]
        names = {"day", "flags", stream.prev, stream.next, "location_id", stream.next_location, "lead_category_id"}
        names |= {_DIMENSION_COLUMNS[self.dimension]} if self.dimension else set()
        names |= {"category_id"} if self.category_id is not None else set()
        names |= {"member_tier_id"} if self.member_tier_id is not None else set()
        names |= {"staff_next"} if self.dimension == "staff" else set()
        return sorted(names)


def count(cursor: CursorWrapper, asked: Count, places: Places) -> Cells:
    """Cells of the period, from all its blocks."""
    blocks = read_blocks(cursor, asked.columns, start=asked.start, end=asked.end, of_categories=asked.of_categories)
    return count_in(blocks, asked, places)


def first_days(cursor: CursorWrapper, asked: Count, names: Sequence[str]) -> Columns:
    """The first day of each client, one row each, with these columns of its fact: `day` and `back` (the next day, or
    -1 where it is not in the period) from 2000-01-01, `location_id`, `next_location_id`, `is_new`, and `names`."""
    columns = sorted({*asked.columns, *names})
    blocks = read_blocks(cursor, columns, start=asked.start, end=asked.end, of_categories=asked.of_categories)
    found = [(block.sign, _first_days(block, asked, names)) for block in joined(blocks)]
    kept = ("day", "back", "location_id", "next_location_id", "is_new", *names)
    rows = {name: np.concatenate([_NO_ROWS, *(part[name] for _sign, part in found)]) for name in kept}
    signs = np.concatenate([_NO_ROWS, *(np.full(len(part["day"]), sign) for sign, part in found)])
    if (signs < 0).any():
        # Facts that are gone take away those that had come.
        _values, first, alike = np.unique(number(*rows.values()), return_index=True, return_inverse=True)
        there = first[np.bincount(alike, signs) > 0]
        rows = {name: column[there] for name, column in rows.items()}
    return rows


def count_in(blocks: Iterable[Block], asked: Count, places: Places) -> Cells:
    return summed([_cells(_first_days(block, asked), block.sign, places) for block in joined(blocks)])


def _cells(rows: Columns, sign: int, places: Places) -> Cells:
    numbers, combinations, sizes = _numbered(rows, KEYS)
    back = np.flatnonzero(rows["repeats"])
    here, there = rows["location_id"][back], rows["next_location_id"][back]
    same_store = places.store[here] == places.store[there]
    same_tier = ~same_store & (places.tier[here] > 0) & (places.tier[here] == places.tier[there])
    again = numbers[back]
    counted = (numbers, again, again[same_store], again[same_tier], numbers[rows["same_staff"]])
    sums = {name: np.bincount(which, minlength=len(combinations)) for name, which in zip(COUNTS, counted, strict=True)}
    return _found(sums, combinations, KEYS, sizes, sign)


def _numbered(rows: Columns, keys: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
    """For each row a number that rows alike in all keys share; what combination of the keys each number stands for;
    and how many values each key has."""
    sizes = [int(rows[name].max(initial=0)) + 1 for name in keys]
    numbers = np.zeros(len(rows[keys[0]]), np.int64)
    for name, size in zip(keys, sizes, strict=True):
        numbers = numbers * size + rows[name]
    if math.prod(sizes) <= _COMBINATIONS_A_ROW * len(numbers):
        return numbers, np.arange(math.prod(sizes)), sizes
    combinations, numbers = np.unique(numbers, return_inverse=True)
    return numbers, combinations, sizes


def _found(
    sums: Cells, combinations: NDArray[np.int64], keys: Sequence[str], sizes: Sequence[int], sign: int = 1
) -> Cells:
    """Cells of the combinations that there are. A change may add repeats and no client."""
    there = np.flatnonzero(np.logical_or.reduce(list(sums.values())))
    values = np.unravel_index(combinations[there], sizes)
    return {
        **dict(zip(keys, values, strict=True)),
        **{name: sign * column[there] for name, column in sums.items()},
    }


def _first_days(block: Block, asked: Count, names: Sequence[str] = ()) -> Columns:
    """Facts of the block that are a client's first in the period."""
    stream = STREAMS[asked.scope, asked.basis]
    columns = block.columns
    length = (asked.end - asked.start).days
    before = block.month - (asked.start - EPOCH).days
    since = columns["day"].astype(np.int32) + np.int32(before)
    chosen = columns[stream.prev] > np.minimum(since, NEVER - 1)
    if before < 0:
        chosen &= since >= 0
    if before + _LONGEST_MONTH > length:
        chosen &= since < length
    flags, belongs = columns["flags"], np.uint8(mask_of(stream.belongs))
    if belongs:
        chosen &= (flags & belongs) == belongs
    if asked.category_id is not None:
        chosen &= columns["category_id"] == asked.category_id
    if asked.member_tier_id is not None:
        chosen &= columns["member_tier_id"] == asked.member_tier_id
    rows = np.flatnonzero(chosen)
    since = since[rows]
    left = np.minimum(length - since, NEVER)
    gap = columns[stream.next][rows]
    repeats = gap < left
    nothing = np.zeros(len(rows), np.uint8)
    by_staff = asked.dimension == "staff"
    more = {name: columns[name][rows] for name in names}
    if names:
        more["day"] = since + (asked.start - EPOCH).days
        more["back"] = np.where(repeats, more["day"] + gap, -1)
    return more | {
        "dimension": columns[_DIMENSION_COLUMNS[asked.dimension]][rows] if asked.dimension else nothing,
        "location_id": columns["location_id"][rows],
        "next_location_id": columns[stream.next_location][rows],
        "lead_category_id": columns["lead_category_id"][rows],
        "is_new": (flags[rows] & np.uint8(mask_of([stream.is_new]))) > 0,
        "third": since * 3 // length,
        "repeats": repeats,
        "same_staff": repeats & (columns["staff_next"][rows] < left) if by_staff else nothing.astype(np.bool_),
    }


def summed(parts: Sequence[Columns], keys: Sequence[str] = KEYS) -> Cells:
    """Rows alike in all keys become one, in the order of the keys; those without any count are left out."""
    rows = {name: np.concatenate([_NO_ROWS, *(part[name] for part in parts)]) for name in (*keys, *COUNTS)}
    numbers, combinations, sizes = _numbered(rows, keys)
    sums = {name: np.bincount(numbers, rows[name], len(combinations)).astype(np.int64) for name in COUNTS}
    return _found(sums, combinations, keys, sizes)
