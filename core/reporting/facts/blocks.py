"""Blocks: facts of one month column by column, as arrays that NumPy takes in as they are.

As rows of a table a year of a large chain would take PostgreSQL some fifty times as long to look at. A block is never
changed: facts that come to be are appended with sign 1, facts that are gone with sign -1, so that writers do not wait
for each other and a reader adds up what it finds.

A day is kept as its place in the month, the days before and after as gaps in days, ids and amounts in as few bytes as
they need.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.reporting.facts.arrays import stable_order
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import EPOCH, NOTHING
from core.reporting.facts.layout import FLAGS, KINDS, Kind

# A gap of so many days, some 179 years, is one without end.
NEVER = 0xFFFF


@dataclass(frozen=True)
class Block:
    id: int
    # The month's first day, from 2000-01-01.
    month: int
    sign: int
    columns: Columns


def days_of_block(block: Block, start: date, end: date) -> slice | NDArray[np.bool_]:
    """Which of its facts are of [start, end)."""
    since, length = block.columns["day"].astype(np.int32) + (block.month - (start - EPOCH).days), (end - start).days
    chosen = (since >= 0) & (since < length)
    return slice(None) if chosen.all() else np.asarray(chosen)


def mask_of(flags: Iterable[str]) -> int:
    return sum(1 << FLAGS.index(flag) for flag in flags)


def months_of(days: NDArray[np.integer]) -> NDArray[np.int64]:
    """The first day of each day's month, both from 2000-01-01."""
    months = (np.datetime64(EPOCH, "D") + days.astype(np.int64)).astype("datetime64[M]")
    return (months.astype("datetime64[D]") - np.datetime64(EPOCH, "D")).astype(np.int64)


def encoded(facts: Columns, months: NDArray[np.int64], columns: Mapping[str, Kind]) -> Columns:
    """Facts (as `facts.derivation.FACT` has them) of these months as columns of a layout."""
    day = facts["day"].astype(np.int64)
    return {name: _encoded(facts, name, kind, day, months) for name, kind in columns.items()}


def by_month(facts: Columns, columns: Mapping[str, Kind]) -> Iterator[tuple[int, bool, Columns]]:
    """Encoded facts of all categories together and of each apart: a question needs the one kind or the other."""
    if not len(facts["day"]):
        return
    months = months_of(facts["day"])
    key = months * 2 + (facts["category_id"] != NOTHING)
    order = stable_order(key)
    stored = {name: column[order] for name, column in encoded(facts, months, columns).items()}
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=key[0] - 1)).tolist()
    for start, end in pairwise([*starts, len(key)]):
        yield int(key[start]) // 2, bool(key[start] % 2), {name: column[start:end] for name, column in stored.items()}


def _encoded(
    facts: Columns, name: str, kind: Kind, day: NDArray[np.int64], months: NDArray[np.int64]
) -> NDArray[np.integer]:
    match kind:
        case "day":
            return (day - months).astype(np.uint8)
        case "flags":
            flags = np.zeros(len(day), np.uint8)
            for bit, flag in enumerate(FLAGS):
                flags |= facts[flag].astype(np.uint8) << bit
            return flags
        case "number":
            return narrow(facts[name])
        case "amount":
            return narrow_signed(facts[name])
        case "day before":
            return np.minimum(day - facts[name], NEVER).astype(np.uint16)
        case "day after":
            return np.minimum(facts[name] - day, NEVER).astype(np.uint16)


def narrow(values: NDArray[np.integer]) -> NDArray[np.unsignedinteger]:
    """As unsigned integers of 1, 2, 4 or 8 bytes, as few as will do."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def narrow_signed(values: NDArray[np.integer]) -> NDArray[np.signedinteger]:
    """The same as integers with a sign."""
    largest = max(int(values.max(initial=0)), ~int(values.min(initial=0)))
    return values.astype(next(kind for kind in ("i1", "i2", "i4", "i8") if np.iinfo(kind).max >= largest))


def little_endian(column: NDArray[np.integer]) -> bytes:
    return column.astype(column.dtype.newbyteorder("<")).tobytes()


def unpacked(names: Sequence[str], values: Sequence[bytes], rows: int) -> Columns:
    """Little-endian columns; width follows from length: a column holds integers of one size."""
    return {
        name: np.frombuffer(value, f"<{'i' if KINDS[name] == 'amount' else 'u'}{len(value) // rows}")
        for name, value in zip(names, values, strict=True)
    }
