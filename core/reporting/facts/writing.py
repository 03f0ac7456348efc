"""Writes blocks (see `core.reporting.facts.blocks`): one for each change, folded together from time to time."""

import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

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
    added, removed = _without_pairs(_joined(blocks, names, sign=1), _joined(blocks, names, sign=-1))
    cursor.execute("DELETE FROM reporting_factblock WHERE id = ANY(%s)", [[block.id for block in blocks]])
    folded = ((1, added), (-1, removed))
    rows = [_row(layout, blocks[0].month, of_categories, sign, facts) for sign, facts in folded if len(facts["day"])]
    _copy_in(cursor, layout, rows)


def _size(block: Block) -> int:
    return len(block.columns["day"])


def _joined(blocks: list[Block], names: list[str], *, sign: int) -> Columns:
    of_sign = [block.columns for block in blocks if block.sign == sign]
    if not of_sign:
        return {name: np.empty(0, np.uint8) for name in names}
    return {name: np.concatenate([columns[name] for columns in of_sign]) for name in names}


def _without_pairs(added: Columns, removed: Columns) -> tuple[Columns, Columns]:
    """Facts alike in everything are alike in every count: one added and one removed are none."""
    where = np.flatnonzero(np.isin(_look(added), _look(removed)))
    left = Counter(_tuples(removed, np.arange(len(removed["day"]))))
    kept = np.ones(len(added["day"]), np.bool_)
    for row, fact in zip(where.tolist(), _tuples(added, where), strict=True):
        if left[fact] > 0:
            left[fact] -= 1
            kept[row] = False
    remaining = list(left.elements())
    columns = list(zip(*remaining, strict=True)) if remaining else [()] * len(removed)
    return (
        {name: column[kept] for name, column in added.items()},
        {name: np.array(values, removed[name].dtype) for name, values in zip(removed, columns, strict=True)},
    )


def _look(columns: Columns) -> NDArray[np.int64]:
    """Alike in facts that are alike."""
    look = columns["location_id"].astype(np.int64)
    for name in ("chain_visit_prev", "chain_visit_next", "day"):
        look = (look << 16) + columns[name]
    return look


def _tuples(columns: Columns, rows: NDArray[np.intp]) -> Iterator[tuple[int, ...]]:
    return zip(*(column[rows].tolist() for column in columns.values()), strict=True)
