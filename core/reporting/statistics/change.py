"""The interval of a change of a proportion between two periods whose clients overlap."""

import math

import numpy as np
from numpy.typing import NDArray

from core.reporting.facts.arrays import distinct

Ints = NDArray[np.integer]
Floats = NDArray[np.float64]

FEWEST_STORES = 4
"""From fewer stores than these their spread is not known: the wider of the two variances is taken."""


def contributions(repeats: Ints, clients: Ints, groups: Ints, count: int) -> Floats:
    """What each row adds to its group's error: (r - p a) / n, with n and p of the group's rows (linearisation of a
    ratio, Cochran, W. G. (1977), Sampling Techniques, 2.11). `count`: the number of groups, numbered from 0."""
    n = np.bincount(groups, clients, count)
    rate = np.divide(np.bincount(groups, repeats, count), n, out=np.zeros(count), where=n > 0)
    size = np.maximum(n[groups], 1)
    return np.asarray((repeats - rate[groups] * clients) / size, dtype=np.float64)


def summed_variances(parts: Floats, units: Ints, groups: Ints, count: int) -> Floats:
    """By group, the squares of what its units (clients or stores) add up to over all their rows, in both periods."""
    if not len(parts):
        return np.zeros(count)
    size = int(units.max()) + 1
    found, _first, numbers = distinct(groups.astype(np.int64) * size + units)
    sums = np.bincount(numbers, parts, len(found))
    return np.asarray(np.bincount(found // size, sums**2, count), dtype=np.float64)


def of_intervals(
    after: tuple[float, tuple[float, float]], before: tuple[float, tuple[float, float]]
) -> tuple[float, float]:
    """The interval of a difference of two estimates from their own, as if of different clients, which makes it wider
    than it need be: the method of variance estimates recovery of Zou, G. Y., Donner, A. (2008), Statistics in Medicine
    27, 1693-1702; of two Wilson intervals it is Newcombe's (1998, method 10)."""
    (value_1, (low_1, high_1)), (value_0, (low_0, high_0)) = after, before
    change = value_1 - value_0
    below = math.hypot(value_1 - low_1, high_0 - value_0)
    return change - below, change + math.hypot(high_1 - value_1, value_0 - low_0)


def of_stores(by_client: Floats, by_store: Floats, stores: Ints) -> Floats:
    """The variances of groups made of so many stores: a store's clients vary together."""
    return np.where(stores >= FEWEST_STORES, by_store, np.maximum(by_client, by_store))
