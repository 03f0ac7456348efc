"""What is done to arrays of rows in an order: rows as numbers, in order, alike, where one differs from the one before.

A plain sort of whole numbers is many times as fast as NumPy's stable sort of positions, so that positions are sorted
within the numbers wherever both have room in 64 bits.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)
_BITS = 63
# Up to so many places a row, sums are kept in a table with a place for each number there could be.
PLACES_A_ROW = 4


def number(*columns: NDArray[np.integer]) -> Ints:
    """Rows as numbers that sort as the columns do, the first one leading, and are equal where they are all equal."""
    numbers, size = np.zeros(len(columns[0]), np.int64), 1
    for column in columns if len(numbers) else ():
        values = column.astype(np.int64) - int(column.min())
        values_size = int(values.max()) + 1
        if size * values_size > np.iinfo(np.int64).max:
            # Ranks take their place, of which there are no more than rows.
            numbers, values = (distinct(wide).which for wide in (numbers, values))
            size, values_size = int(numbers.max()) + 1, int(values.max()) + 1
        numbers = numbers * values_size + values
        size *= values_size
    return numbers


def stable_order(numbers: NDArray[np.integer]) -> Ints:
    """Positions in the order of the numbers, equal ones as they are: as `np.argsort(kind="stable")`, only faster."""
    count = len(numbers)
    if not count:
        return np.empty(0, np.int64)
    least, bits = int(numbers.min()), count.bit_length()
    if (int(numbers.max()) - least).bit_length() + bits > _BITS:
        return np.argsort(numbers, kind="stable")
    wide = numbers.astype(np.int64) - least
    return np.asarray(np.sort(wide << bits | np.arange(count)) & ((1 << bits) - 1))


class Distinct(NamedTuple):
    """The different numbers in their order; the first position of each; for each position which of them it has."""

    values: Ints
    first: Ints
    which: Ints


def distinct(numbers: NDArray[np.integer]) -> Distinct:
    """What `np.unique(return_index=True, return_inverse=True)` gives."""
    order = stable_order(numbers)
    ordered = numbers[order].astype(np.int64)
    new = steps(ordered)
    which = np.empty(len(numbers), np.int64)
    which[order] = np.cumsum(new) - 1
    return Distinct(ordered[new], order[new], which)


def compact(numbers: NDArray[np.integer]) -> tuple[Ints, int]:
    """The numbers, from 0, as they are where few below the highest are missing, else their ranks; and how many there
    may be."""
    size = int(numbers.max(initial=0)) + 1
    if size <= PLACES_A_ROW * len(numbers):
        return numbers.astype(np.int64), size
    found = distinct(numbers)
    return found.which, len(found.values)


def steps(values: NDArray[np.generic]) -> Flags:
    """Where a value differs from the one before it; the first does."""
    new = np.ones(len(values), dtype=np.bool_)
    new[1:] = values[1:] != values[:-1]
    return new


def spread(of_groups: NDArray[Scalar], new: Flags) -> NDArray[Scalar]:
    """One value a group to one a row."""
    return np.repeat(of_groups, np.diff(np.flatnonzero(np.append(new, np.True_))))
