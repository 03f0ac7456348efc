"""What is done to arrays of rows in an order: rows as numbers, where one differs from the one before."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)


def number(*columns: NDArray[np.integer]) -> Ints:
    """Rows as numbers that sort as the columns do, the first one leading, and are equal where they are all equal."""
    numbers, size = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        values = column.astype(np.int64) - int(column.min())
        values_size = int(values.max()) + 1
        if size * values_size > np.iinfo(np.int64).max:
            # Ranks take their place, of which there are no more than rows.
            numbers, values = (np.unique(wide, return_inverse=True)[1] for wide in (numbers, values))
            size, values_size = int(numbers.max()) + 1, int(values.max()) + 1
        numbers = numbers * values_size + values
        size *= values_size
    return numbers


def steps(values: NDArray[np.generic]) -> Flags:
    """Where a value differs from the one before it; the first does."""
    new = np.ones(len(values), dtype=np.bool_)
    new[1:] = values[1:] != values[:-1]
    return new


def spread(of_groups: NDArray[Scalar], new: Flags) -> NDArray[Scalar]:
    """One value a group to one a row."""
    return np.repeat(of_groups, np.diff(np.flatnonzero(np.append(new, np.True_))))
