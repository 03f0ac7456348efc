"""Do groups that share no client differ: all together, and pair by pair.

Overlapping groups (scope store, service categories) get no test; whoever calls these functions sees to that.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from scipy import special

from core.reporting.statistics.proportions import check_counts, is_small_sample

MAXIMUM_GROUPS_FOR_PAIRS = 8
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """Outcome of a test of homogeneity."""

    statistic: float
    df: int
    p_value: float
    smallest_expected: float
    """Smallest expected count of the table; below 5 the p-value is an approximation to distrust."""

    @property
    def beyond_chance(self) -> bool:
        return self.p_value < LEVEL


@dataclass(frozen=True, slots=True)
class PairComparison:
    """Two groups compared; p_adjusted holds for all pairs of the table at once."""

    group_1: str
    group_2: str
    difference: float
    z: float
    p_value: float
    p_adjusted: float


def chi_square(groups: Sequence[tuple[int, int]]) -> ChiSquare | None:
    """Pearson's chi-square test of homogeneity over (repeats, clients), without continuity correction.

    Groups without clients do not count. None where the test is not defined: fewer than two groups, or all clients or
    none repeat. Pearson, K. (1900), Philosophical Magazine 50, 157-175.
    """
    for repeats, clients in groups:
        check_counts(repeats, clients)
    present = [group for group in groups if group[1] > 0]
    all_repeats = sum(repeats for repeats, _ in present)
    all_clients = sum(clients for _, clients in present)
    if len(present) < 2 or all_repeats in {0, all_clients}:
        return None
    rate = all_repeats / all_clients
    statistic = math.fsum((x - n * rate) ** 2 / (n * rate * (1 - rate)) for x, n in present)
    df = len(present) - 1
    return ChiSquare(
        statistic=statistic,
        df=df,
        p_value=float(special.chdtrc(df, statistic)),
        smallest_expected=min(n for _, n in present) * min(rate, 1 - rate),
    )


def holm_pairs(groups: Mapping[str, tuple[int, int]]) -> list[PairComparison]:
    """Every pair of groups of 30 clients or more by a two-proportion z-test, p-values adjusted by Holm's method.

    Empty with fewer than two such groups or more than eight. Pairs come in code-point order of their groups.
    Holm, S. (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    for repeats, clients in groups.values():
        check_counts(repeats, clients)
    eligible = sorted(name for name, (_, clients) in groups.items() if not is_small_sample(clients))
    if not 2 <= len(eligible) <= MAXIMUM_GROUPS_FOR_PAIRS:
        return []
    names = list(combinations(eligible, 2))
    tests = [_pooled_z(groups[first], groups[second]) for first, second in names]
    p_values = [math.erfc(abs(z) / math.sqrt(2)) for _, z in tests]
    return [
        PairComparison(first, second, difference, z, p_value, p_adjusted)
        for (first, second), (difference, z), p_value, p_adjusted in zip(
            names, tests, p_values, _holm(p_values), strict=True
        )
    ]


def _pooled_z(group_1: tuple[int, int], group_2: tuple[int, int]) -> tuple[float, float]:
    """Difference of two proportions, and its z with the pooled variance."""
    (x_1, n_1), (x_2, n_2) = group_1, group_2
    difference = x_1 / n_1 - x_2 / n_2
    pooled = (x_1 + x_2) / (n_1 + n_2)
    variance = pooled * (1 - pooled) * (1 / n_1 + 1 / n_2)
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
