"""Do groups that share no client differ: all together, and pair by pair.

Overlapping groups (scope store, service categories) get no test; whoever calls these functions sees to that.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeVar

from scipy import special

from core.reporting.statistics.proportions import check_counts, is_small_sample

MAXIMUM_GROUPS_FOR_PAIRS = 8
LEVEL = 0.05
FEWEST_FREE_STORES = 3
"""There is no test of groups made of stores with fewer stores more than groups."""
SMALLEST_EXPECTED = 5

Counts = tuple[int, int]
"""(repeats, clients)"""
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class GroupTest:
    """Outcome of a test of whether groups differ."""

    kind: Literal["chi_square", "F"]
    statistic: float
    df: tuple[int, ...]
    p_value: float
    phi: float | None
    """Of groups made of stores: how much more the stores of a group differ than chance gives, 1 or more."""
    smallest_expected: float
    """Of the table; below 5 the p-value of a chi-square test is an approximation to distrust."""
    left_out: tuple[str, ...] = ()
    """Groups of fewer than 30 clients that left the test."""

    @property
    def beyond_chance(self) -> bool:
        return self.p_value < LEVEL

    @property
    def widening(self) -> float:
        """What intervals of the groups are multiplied by."""
        return math.sqrt(self.phi or 1.0)


@dataclass(frozen=True, slots=True)
class PairComparison:
    """Two groups compared; p_adjusted holds for all pairs of the table at once."""

    group_1: str
    group_2: str
    difference: float
    z: float
    p_value: float
    p_adjusted: float


def chi_square(groups: Mapping[str, Counts]) -> GroupTest | None:
    """Pearson's chi-square test of homogeneity, without continuity correction.

    Groups without clients do not count. Where an expected count is below 5, groups of fewer than 30 clients leave the
    test. None where the test is not defined: fewer than two groups, or all clients or none repeat. Pearson, K. (1900),
    Philosophical Magazine 50, 157-175.
    """
    present = _present(groups)
    small = tuple(sorted(key for key, (_, n) in present.items() if is_small_sample(n)))
    if small and _smallest_expected(list(present.values())) < SMALLEST_EXPECTED:
        present = {key: counts for key, counts in present.items() if key not in small}
    else:
        small = ()
    rate = _rate(list(present.values()))
    if len(present) < 2 or rate is None:
        return None
    statistic = math.fsum((x - n * rate) ** 2 / (n * rate * (1 - rate)) for x, n in present.values())
    df = len(present) - 1
    return GroupTest(
        kind="chi_square",
        statistic=statistic,
        df=(df,),
        p_value=float(special.chdtrc(df, statistic)),
        phi=None,
        smallest_expected=_smallest_expected(list(present.values())),
        left_out=small,
    )


def store_test(groups: Mapping[str, Sequence[Counts]]) -> GroupTest | None:
    """F test of groups made of stores, given the stores' counts: the stores' spread within groups is the yardstick.

    The between-group chi-square over its degrees of freedom, divided by the within-group one where that exceeds 1: the
    quasi-likelihood test of McCullagh, P., Nelder, J. A. (1989), Generalized Linear Models, 4.5 and 9.2. None where
    there are fewer than two groups or three stores more than groups, or all clients or none repeat.
    """
    stores = {key: list(_present(dict(enumerate(counts))).values()) for key, counts in groups.items()}
    sums = {key: (sum(x for x, _ in own), sum(n for _, n in own)) for key, own in stores.items() if own}
    rate = _rate(list(sums.values()))
    between_df, within_df = len(sums) - 1, sum(map(len, stores.values())) - len(sums)
    if between_df < 1 or within_df < FEWEST_FREE_STORES or rate is None:
        return None
    unit = rate * (1 - rate)
    between = math.fsum(n * (x / n - rate) ** 2 for x, n in sums.values()) / unit
    within = math.fsum(n * (x / n - sums[key][0] / sums[key][1]) ** 2 for key in sums for x, n in stores[key]) / unit
    phi = max(1.0, within / within_df)
    statistic = between / (between_df * phi)
    return GroupTest(
        kind="F",
        statistic=statistic,
        df=(between_df, within_df),
        p_value=float(special.fdtrc(between_df, within_df, statistic)),
        phi=phi,
        smallest_expected=_smallest_expected(list(sums.values())),
    )


def holm_pairs(groups: Mapping[str, Counts], phi: float = 1.0) -> list[PairComparison]:
    """Every pair of groups of 30 clients or more by a two-proportion z-test, p-values adjusted by Holm's method.

    Empty with fewer than two such groups or more than eight. Pairs come in code-point order of their groups. Where the
    stores of a group differ, z is divided by the square root of their `phi`.
    Holm, S. (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    eligible = sorted(name for name, (_, clients) in _present(groups).items() if not is_small_sample(clients))
    if not 2 <= len(eligible) <= MAXIMUM_GROUPS_FOR_PAIRS:
        return []
    names = list(combinations(eligible, 2))
    tests = [_pooled_z(groups[first], groups[second], phi) for first, second in names]
    p_values = [_p_of(z) for _, z in tests]
    return [
        PairComparison(first, second, difference, z, p_value, p_adjusted)
        for (first, second), (difference, z), p_value, p_adjusted in zip(
            names, tests, p_values, _holm(p_values), strict=True
        )
    ]


def pair_p_value(group_1: Counts, group_2: Counts, phi: float = 1.0) -> float:
    """Of the two-proportion z-test of two groups alone, both with clients."""
    return _p_of(_pooled_z(group_1, group_2, phi)[1])


def _p_of(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))


def _present(groups: Mapping[Key, Counts]) -> dict[Key, Counts]:
    for repeats, clients in groups.values():
        check_counts(repeats, clients)
    return {key: counts for key, counts in groups.items() if counts[1] > 0}


def _rate(groups: Sequence[Counts]) -> float | None:
    """Of all together; None where all or none repeat."""
    repeats, clients = (sum(column) for column in zip(*groups, strict=True)) if groups else (0, 0)
    return repeats / clients if 0 < repeats < clients else None


def _smallest_expected(groups: Sequence[Counts]) -> float:
    repeats, clients = (sum(column) for column in zip(*groups, strict=True)) if groups else (0, 0)
    rate = repeats / clients if clients else 0.0
    return min((n for _, n in groups), default=0) * min(rate, 1 - rate)


def _pooled_z(group_1: Counts, group_2: Counts, phi: float) -> tuple[float, float]:
    """Difference of two proportions, and its z with the pooled variance."""
    (x_1, n_1), (x_2, n_2) = group_1, group_2
    difference = x_1 / n_1 - x_2 / n_2
    pooled = (x_1 + x_2) / (n_1 + n_2)
    variance = phi * pooled * (1 - pooled) * (1 / n_1 + 1 / n_2)
    # No variance means that all or none of both groups repeat: they do not differ at all.
    return difference, difference / math.sqrt(variance) if variance > 0 else 0.0


def _holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment, in the order given."""
    adjusted = [0.0] * len(p_values)
    floor = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = floor
    return adjusted
