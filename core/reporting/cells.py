"""Cells: rows alike in all their keys as one, with the sums of their counts."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.reporting.facts.arrays import distinct

# Columns of keys and counts, a row for what is alike in all keys.
Cells = dict[str, NDArray[np.int64]]
# For each row: keys as numbers, counts as flags or numbers.
Tally = Mapping[str, NDArray[np.integer] | NDArray[np.bool_]]
# Up to so many combinations a row, sums are kept in a table with a place for each one there could be.
_COMBINATIONS_A_ROW = 4


def added_up(rows: Tally, keys: Sequence[str], counts: Sequence[str]) -> Cells:
    """Keys and counts that the rows do not have are 0."""
    given = [name for name in keys if name in rows]
    numbers, combinations, sizes = _numbered(rows, given)
    sums = {
        name: _sums(rows[name], numbers, len(combinations)) if name in rows else np.zeros(len(combinations), np.int64)
        for name in counts
    }
    cells = _found(sums, combinations, given, sizes)
    nothing = np.zeros(len(cells[counts[0]]), np.int64)
    return {name: cells.get(name, nothing) for name in (*keys, *counts)}


def _sums(counted: NDArray[np.generic], numbers: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Of flags or numbers."""
    rows, weights = (numbers[counted], None) if counted.dtype == np.bool_ else (numbers, counted)
    return np.bincount(rows, weights, size).astype(np.int64)


def _numbered(rows: Tally, keys: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
    """For each row a number that rows alike in all keys share; what combination of the keys each number stands for;
    and how many values each key has."""
    sizes = [int(rows[name].max(initial=0)) + 1 for name in keys]
    numbers = np.zeros(len(next(iter(rows.values()))), np.int64)
    for name, size in zip(keys, sizes, strict=True):
        numbers = numbers * size + rows[name]
    if math.prod(sizes) <= _COMBINATIONS_A_ROW * len(numbers):
        return numbers, np.arange(math.prod(sizes)), sizes
    combinations, _first, numbers = distinct(numbers)
    return numbers, combinations, sizes


def _found(sums: Cells, combinations: NDArray[np.int64], keys: Sequence[str], sizes: Sequence[int]) -> Cells:
    """Cells of the combinations that there are. A change may add repeats and no client."""
    there = np.flatnonzero(np.logical_or.reduce(list(sums.values())))
    values = np.unravel_index(combinations[there], sizes) if keys else ()
    return {
        **dict(zip(keys, values, strict=True)),
        **{name: column[there] for name, column in sums.items()},
    }
