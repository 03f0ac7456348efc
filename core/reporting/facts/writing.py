"""Writes blocks (see `core.reporting.facts.blocks`): one for each change, folded together from time to time."""

import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from core.reporting.facts.binary_copy import HEADER, TRAILER, Columns
from core.reporting.facts.blocks import COLUMNS, Block, encoded, months_of, packed
from core.reporting.facts.derivation import EPOCH
from core.reporting.facts.reading import read_blocks

# A row in COPY's binary format: the number of fields, and each with its length before it. COPY counts days from
# 2000-01-01, as we do.
_HEAD = struct.Struct("!hiii?ihii")
_LENGTH = struct.Struct("!i")
# Facts that a month's largest block may differ by before it is made anew.
FOLD_ABOVE = 0.1


def append(cursor: CursorWrapper, *, come: Columns, gone: Columns) -> None:
    """Facts that have come to be and facts that are gone, in the transaction that writes them."""
    blocks = [
        _row(month, of_categories, sign, columns)
        for sign, facts in ((1, come), (-1, gone))
        for month, of_categories, columns in _by_month(facts)
    ]
    _copy_in(cursor, blocks)


def _row(month: int, of_categories: bool, sign: int, columns: Columns) -> bytes:  # noqa: FBT001
    head = _HEAD.pack(4 + len(COLUMNS), 4, month, 1, of_categories, 2, sign, 4, len(columns["day"]))
    return head + b"".join(_LENGTH.pack(len(column)) + column for column in packed(columns))


def _copy_in(cursor: CursorWrapper, blocks: Iterable[bytes]) -> None:
    """An INSERT would have the driver read hundreds of places for values each time a visit is recorded."""
    names = ("month", "of_categories", "sign", "rows", *COLUMNS)
    with cursor.copy(f"COPY reporting_factblock ({', '.join(names)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"".join((HEADER, *blocks, TRAILER)))


def _by_month(facts: Columns) -> Iterator[tuple[int, bool, Columns]]:
    """Facts of all categories together and of each apart: a question needs the one kind or the other."""
    if not len(facts["day"]):
        return
    months = months_of(facts["day"])
    key = months * 2 + (facts["category_id"] != 0)
    order = np.argsort(key, kind="stable")
    columns = {name: column[order] for name, column in encoded(facts, months).items()}
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=key[0] - 1)).tolist()
    for start, end in pairwise([*starts, len(key)]):
        yield int(key[start]) // 2, bool(key[start] % 2), {name: columns[name][start:end] for name in COLUMNS}


def fold(cursor: CursorWrapper) -> None:
    """Makes one block of what each month's changes have appended. No one else may be writing facts."""
    cursor.execute("SELECT month, of_categories FROM reporting_factblock GROUP BY 1, 2 HAVING count(*) > 2")
    for month, of_categories in cursor.fetchall():
        _fold_month(cursor, (month - EPOCH).days, of_categories=of_categories)


def _fold_month(cursor: CursorWrapper, month: int, *, of_categories: bool) -> None:
    day = EPOCH + timedelta(days=month)
    blocks = read_blocks(cursor, COLUMNS, start=day, end=day + timedelta(days=1), of_categories=of_categories)
    largest = max(blocks, key=_size)
    if (sum(map(_size, blocks)) - _size(largest)) < FOLD_ABOVE * _size(largest):
        blocks.remove(largest)
    if len(blocks) < 3:
        return
    come, gone = _without_pairs(_joined(blocks, sign=1), _joined(blocks, sign=-1))
    cursor.execute("DELETE FROM reporting_factblock WHERE id = ANY(%s)", [[block.id for block in blocks]])
    folded = ((1, come), (-1, gone))
    _copy_in(cursor, [_row(month, of_categories, sign, facts) for sign, facts in folded if len(facts["day"])])


def _size(block: Block) -> int:
    return len(block.columns["day"])


def _joined(blocks: list[Block], *, sign: int) -> Columns:
    of_sign = [block.columns for block in blocks if block.sign == sign]
    nothing = np.empty(0, np.uint8)
    return {name: np.concatenate([nothing, *(columns[name] for columns in of_sign)]) for name in COLUMNS}


def _without_pairs(come: Columns, gone: Columns) -> tuple[Columns, Columns]:
    """Facts alike in everything are alike in every count: one that came and one that went are none."""
    where = np.flatnonzero(np.isin(_look(come), _look(gone)))
    left = Counter(_tuples(gone, np.arange(len(gone["day"]))))
    kept = np.ones(len(come["day"]), np.bool_)
    for row, fact in zip(where.tolist(), _tuples(come, where), strict=True):
        if left[fact] > 0:
            left[fact] -= 1
            kept[row] = False
    remaining = list(left.elements())
    columns = list(zip(*remaining, strict=True)) if remaining else [()] * len(COLUMNS)
    return (
        {name: come[name][kept] for name in COLUMNS},
        {name: np.array(column, gone[name].dtype) for name, column in zip(COLUMNS, columns, strict=True)},
    )


def _look(columns: Columns) -> NDArray[np.int64]:
    """Alike in facts that are alike."""
    look = columns["location_id"].astype(np.int64)
    for name in ("chain_visit_prev", "chain_visit_next", "day"):
        look = (look << 16) + columns[name]
    return look


def _tuples(columns: Columns, rows: NDArray[np.intp]) -> Iterator[tuple[int, ...]]:
    return zip(*(columns[name][rows].tolist() for name in COLUMNS), strict=True)
