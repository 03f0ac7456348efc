"""Writes blocks (see `core.reporting.facts.blocks`): one for each change, folded together from time to time."""

import struct
from collections.abc import Iterable
from datetime import date

import numpy as np
from django.db.backends.utils import CursorWrapper

from core.reporting.facts.arrays import distinct, number
from core.reporting.facts.binary_copy import HEADER, TRAILER, Columns
from core.reporting.facts.blocks import Block, by_month, little_endian
from core.reporting.facts.layout import LAYOUTS
from core.reporting.facts.reading import blocks_of_month

# A row in COPY's binary format: the number of fields, and each with its length before it. COPY counts days from
# 2000-01-01, as we do.
_HEAD = struct.Struct("!hihiii?ihii")
_LENGTH = struct.Struct("!i")
# Facts that a month's largest block may differ by before it is made anew.
FOLD_ABOVE = 0.1


def append(cursor: CursorWrapper, layout: int, *, added: Columns, removed: Columns) -> None:
    """Blocks of what has changed, in the transaction that changes it."""
    blocks = [
        _row(layout, month, of_categories, sign, columns)
        for sign, facts in ((1, added), (-1, removed))
        for month, of_categories, columns in by_month(facts, LAYOUTS[layout])
    ]
    _copy_in(cursor, layout, blocks)


def _row(layout: int, month: int, of_categories: bool, sign: int, columns: Columns) -> bytes:  # noqa: FBT001
    head = _HEAD.pack(5 + len(columns), 2, layout, 4, month, 1, of_categories, 2, sign, 4, len(columns["day"]))
    packed = map(little_endian, columns.values())
    return head + b"".join(_LENGTH.pack(len(column)) + column for column in packed)


def _copy_in(cursor: CursorWrapper, layout: int, blocks: Iterable[bytes]) -> None:
    """An INSERT would have the driver read hundreds of places for values each time a visit is recorded."""
    names = ("layout", "month", "of_categories", "sign", "rows", *LAYOUTS[layout])
    with cursor.copy(f"COPY reporting_factblock ({', '.join(names)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"".join((HEADER, *blocks, TRAILER)))


def fold(cursor: CursorWrapper) -> None:
    """Makes one block of what each month's changes have appended. No one else may be writing facts."""
    cursor.execute(
        "SELECT layout, month, of_categories FROM reporting_factblock WHERE layout = ANY(%s) "
        "GROUP BY 1, 2, 3 HAVING count(*) > 2",
        [list(LAYOUTS)],
    )
    for layout, month, of_categories in cursor.fetchall():
        _fold_month(cursor, layout, month, of_categories=of_categories)


def _fold_month(cursor: CursorWrapper, layout: int, month: date, *, of_categories: bool) -> None:
    names = list(LAYOUTS[layout])
    blocks = blocks_of_month(cursor, layout, names, month, of_categories=of_categories)
    largest = max(blocks, key=_size)
    if (sum(map(_size, blocks)) - _size(largest)) < FOLD_ABOVE * _size(largest):
        blocks.remove(largest)
    if len(blocks) < 3:
        return
    folded = _without_pairs(blocks, names)
    cursor.execute("DELETE FROM reporting_factblock WHERE id = ANY(%s)", [[block.id for block in blocks]])
    rows = [_row(layout, blocks[0].month, of_categories, sign, facts) for sign, facts in folded if len(facts["day"])]
    _copy_in(cursor, layout, rows)


def _size(block: Block) -> int:
    return len(block.columns["day"])


def _without_pairs(blocks: list[Block], names: list[str]) -> list[tuple[int, Columns]]:
    """Facts by sign. Those alike in everything are alike in every count: one added and one removed are none."""
    facts = {name: np.concatenate([block.columns[name] for block in blocks]) for name in names}
    signs = np.concatenate([np.full(_size(block), block.sign) for block in blocks])
    if (signs > 0).all():
        return [(1, facts)]
    _numbers, first, alike = distinct(number(*facts.values()))
    left = np.bincount(alike, signs).astype(np.int64)
    repeated = {sign: np.repeat(first, np.maximum(sign * left, 0)) for sign in (1, -1)}
    return [(sign, {name: column[rows] for name, column in facts.items()}) for sign, rows in repeated.items()]
