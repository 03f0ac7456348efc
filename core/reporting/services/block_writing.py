"""Writes blocks (see `core.reporting.blocks`): one for each change, folded together from time to time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from core.reporting.block_reading import read_blocks
from core.reporting.blocks import COLUMNS, Block, encoded, months_of, packed
from core.reporting.services.derivation import EPOCH
from core.reporting.services.rows import Columns

# Blocks written by one statement.
_AT_ONCE = 50
# Facts that a month's largest block may differ by before it is made anew.
FOLD_ABOVE = 0.1


def append(cursor: CursorWrapper, *, come: Columns, gone: Columns) -> None:
    """Facts that have come to be and facts that are gone, in the transaction that writes them."""
    rows = [
        (EPOCH + timedelta(days=month), of_categories, sign, len(columns["day"]), *packed(columns))
        for sign, facts in ((1, come), (-1, gone))
        for month, of_categories, columns in _by_month(facts)
    ]
    for start in range(0, len(rows), _AT_ONCE):
        _insert(cursor, rows[start : start + _AT_ONCE])


def _insert(cursor: CursorWrapper, rows: Sequence[tuple[Any, ...]]) -> None:
    places = f"(%s, %s, %s, %s{', %s' * len(COLUMNS)})"
    cursor.execute(
        f"INSERT INTO reporting_factblock (month, of_categories, sign, rows, {', '.join(COLUMNS)}) "  # noqa: S608
        f"VALUES {', '.join([places] * len(rows))}",
        [value for row in rows for value in row],
    )


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
    folded = [
        (day, of_categories, sign, len(columns["day"]), *packed(columns))
        for sign, columns in ((1, come), (-1, gone))
        if len(columns["day"])
    ]
    if folded:
        _insert(cursor, folded)


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
