"""Reads blocks of a period, with nothing of them that is not asked for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray
from psycopg.pq import Format

from core.reporting.facts.arrays import distinct, number
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.blocks import Block, unpacked
from core.reporting.facts.derivation import EPOCH
from core.reporting.facts.from_visits import blocks_from_visits
from core.reporting.facts.layout import ANSWERING, layouts_with

# Columns that one request keeps; what is beyond is read again.
MOST_BYTES_KNOWN = 128 << 20


class KnownColumns:
    """Columns of blocks read before, by block: a block never changes, and no other will have its id."""

    def __init__(self) -> None:
        self._columns: dict[str, dict[int, bytes]] = defaultdict(dict)
        self._bytes = 0

    def blocks(self, name: str) -> list[int]:
        return list(self._columns[name])

    def column(self, name: str, block: int, value: bytes | None) -> bytes:
        """The one that was read, or the one that is known."""
        known = self._columns[name]
        if value is None:
            return known[block]
        if self._bytes + len(value) <= MOST_BYTES_KNOWN:
            self._bytes += len(value)
            known[block] = value
        return value


@dataclass(frozen=True)
class BlockReader:
    """Reads blocks for one request: of those it knows, only the columns it does not."""

    cursor: CursorWrapper
    known: KnownColumns = field(default_factory=KnownColumns)

    def read(self, names: Sequence[str], *, start: date, end: date, of_categories: bool) -> list[Block]:
        """Those columns of all blocks of months that reach into [start, end), as one moment has them.

        Of the newest complete layout that has them; where none has, they are made of the visits.
        """
        known = {name: blocks for name in names if (blocks := self.known.blocks(name))}
        columns = ", ".join(
            f"CASE WHEN b.id <> ALL (%s) THEN b.{name} END" if name in known else f"b.{name}" for name in names
        )
        # One statement: another layout may take over at any moment, and the blocks of the former one are deleted.
        rows = binary_rows(
            self.cursor,
            f"SELECT answering.layout, b.id, b.month, b.sign, b.rows, {columns} FROM ({ANSWERING}) AS answering "  # noqa: S608
            "LEFT JOIN reporting_factblock b ON b.layout = answering.layout "
            "AND b.month >= %s AND b.month < %s AND b.of_categories = %s",
            [*known.values(), layouts_with(names), start.replace(day=1), end, of_categories],
        )
        if rows[0][0] is None:
            return blocks_from_visits(self.cursor, names, start=start, end=end, of_categories=of_categories)
        return blocks_of(
            [
                (*row[1:5], *(self.known.column(name, row[1], v) for name, v in zip(names, row[5:], strict=True)))
                for row in rows
                if row[1] is not None
            ],
            names,
        )


def blocks_of_month(
    cursor: CursorWrapper, layout: int, names: Sequence[str], month: date, *, of_categories: bool
) -> list[Block]:
    """Those columns of a month's blocks in a layout."""
    sql = (
        f"SELECT id, month, sign, rows, {', '.join(names)} FROM reporting_factblock "  # noqa: S608
        "WHERE layout = %s AND month = %s AND of_categories = %s"
    )
    return blocks_of(binary_rows(cursor, sql, [layout, month, of_categories]), names)


def blocks_of(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> list[Block]:
    """Blocks of rows of id, month, sign, number of rows and the columns."""
    return [
        Block(block, (month - EPOCH).days, sign, unpacked(names, values, count))
        for block, month, sign, count, *values in rows
    ]


def joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks of one month and sign as one: there may be thousands that hold a visit each."""
    alike: dict[tuple[int, int], list[Block]] = defaultdict(list)
    for block in blocks:
        alike[block.month, block.sign].append(block)
    for (month, sign), parts in alike.items():
        if len(parts) == 1:
            yield parts[0]
        else:
            columns = {name: np.concatenate([p.columns[name] for p in parts]) for name in parts[0].columns}
            yield Block(parts[-1].id, month, sign, columns)


def without_gone(rows: Columns, signs: NDArray[np.int64]) -> Columns:
    """Facts, with their `client_id`: those that are gone (sign -1) take away those that had come. Only their clients'
    are looked at."""
    gone = signs < 0
    if not gone.any():
        return rows
    concerned = np.isin(rows["client_id"], rows["client_id"][gone])
    own = np.flatnonzero(concerned)
    _values, first, alike = distinct(number(*(column[own] for column in rows.values())))
    there = own[first[np.bincount(alike, signs[own]) > 0]]
    kept = np.sort(np.concatenate((np.flatnonzero(~concerned), there)))
    return {name: column[kept] for name, column in rows.items()}


def binary_rows(cursor: CursorWrapper, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Bytes cross as they are; as text they would be twice as long and have to be read."""
    cursor.cursor.format = Format.BINARY
    try:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    finally:
        cursor.cursor.format = Format.TEXT
    return rows
