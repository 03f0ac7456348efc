"""Blocks: facts of one month column by column, as arrays that NumPy takes in as they are.

As rows of a table a year of a large chain would take PostgreSQL some fifty times as long to look at. A block is never
changed: facts that come to be are appended with sign 1, facts that are gone with sign -1, so that writers do not wait
for each other and a reader adds up what it finds.

A day is kept as its place in the month, the days before and after as gaps in days, ids in as few bytes as they need.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import EPOCH

# A gap of so many days, some 179 years, is one without end.
NEVER = 0xFFFF

FLAGS = ("is_lead", "is_first_visit", "is_first_purchase", "is_chain_purchase", "is_store_purchase")
PREVIOUS = ("chain_visit_prev", "chain_purchase_prev", "store_visit_prev", "store_purchase_prev")
NEXT = ("chain_visit_next", "chain_purchase_next", "store_visit_next", "store_purchase_next", "staff_next")
IDS = (
    "client_id",
    "category_id",
    "location_id",
    "lead_category_id",
    "staff_id",
    "member_tier_id",
    "chain_visit_next_location_id",
    "chain_purchase_next_location_id",
)
# The columns of a block, and of its table.
COLUMNS = ("day", "flags", *IDS, *PREVIOUS, *NEXT)


@dataclass(frozen=True)
class Block:
    id: int
    # The month's first day, from 2000-01-01.
    month: int
    sign: int
    columns: Columns


def mask_of(flags: Iterable[str]) -> int:
    return sum(1 << FLAGS.index(flag) for flag in flags)


def months_of(days: NDArray[np.integer]) -> NDArray[np.int64]:
    """The first day of each day's month, both from 2000-01-01."""
    months = (np.datetime64(EPOCH, "D") + days.astype(np.int64)).astype("datetime64[M]")
    return (months.astype("datetime64[D]") - np.datetime64(EPOCH, "D")).astype(np.int64)


def encoded(facts: Columns, months: NDArray[np.int64]) -> Columns:
    """Facts (as `facts.derivation.FACT` has them) of these months as columns of blocks."""
    day = facts["day"].astype(np.int64)
    flags = np.zeros(len(day), np.uint8)
    for bit, flag in enumerate(FLAGS):
        flags |= facts[flag].astype(np.uint8) << bit
    columns: Columns = {"day": (day - months).astype(np.uint8), "flags": flags}
    columns |= {name: narrow(facts[name]) for name in IDS}
    columns |= {name: np.minimum(day - facts[name], NEVER).astype(np.uint16) for name in PREVIOUS}
    return columns | {name: np.minimum(facts[name] - day, NEVER).astype(np.uint16) for name in NEXT}


def narrow(values: NDArray[np.integer]) -> NDArray[np.unsignedinteger]:
    """As unsigned integers of 1, 2, 4 or 8 bytes, as few as will do."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def little_endian(column: NDArray[np.integer]) -> bytes:
    return column.astype(column.dtype.newbyteorder("<")).tobytes()


def packed(columns: Columns) -> list[bytes]:
    """In the order of `COLUMNS`, little-endian."""
    return [little_endian(columns[name]) for name in COLUMNS]


def unpacked(names: Sequence[str], values: Sequence[bytes], rows: int) -> Columns:
    """Width follows from length: a column holds unsigned integers."""
    return {name: np.frombuffer(value, f"<u{len(value) // rows}") for name, value in zip(names, values, strict=True)}
