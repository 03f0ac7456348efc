"""Fair comparison of groups: direct and indirect standardisation, and the parts of a gap.

Strata are (category of the first line of the first visit, new or returning, third of the period of the first day).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.reporting.statistics.decomposition import Decomposition, split_gap
from core.reporting.statistics.proportions import Z, check_counts, is_small_sample

Stratum = tuple[str, bool, int]
Counts = tuple[int, int]
"""(repeats, clients)"""
Table = Mapping[str, Mapping[Stratum, Counts]]
"""Counts by group and stratum, only where there are clients."""
Ints = NDArray[np.integer]
Level = Literal["full", "thirds_merged", "categories_merged", "withheld"]

MINIMUM_STRATUM_CLIENTS = 5
MINIMUM_COVERAGE_PERCENT = 80

_LEVELS: tuple[tuple[Level, Callable[[Stratum], Stratum]], ...] = (
    ("full", lambda stratum: stratum),
    ("thirds_merged", lambda stratum: (stratum[0], stratum[1], 0)),
    ("categories_merged", lambda stratum: ("", stratum[1], 0)),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """Clients of one group in one stratum, and how many of them repeat."""

    group: str
    stratum: Stratum
    clients: int
    repeats: int

    def __post_init__(self) -> None:
        check_counts(self.repeats, self.clients)


@dataclass(frozen=True, slots=True)
class AdjustedRate:
    """A directly standardised rate with its normal 95 % interval."""

    rate: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class DirectResult:
    """Directly standardised rates of the groups compared; none where they are withheld."""

    level: Level
    coverage: float
    """Share of the chain's clients in the strata compared, at this level (where withheld: at the coarsest)."""
    rates: dict[str, AdjustedRate]
    dropped: tuple[str, ...] = ()
    """Groups that left the comparison because they lack too many kinds of client, in the order they left."""


@dataclass(frozen=True, slots=True)
class IndirectResult:
    """Observed over expected repeats, times the chain's rate."""

    clients: int
    observed: int
    expected: float
    variance: float
    """Of the observed repeats, where clients repeat at the chain's rates."""
    rate: float | None
    """None where no repeat was expected."""
    interval: tuple[float, float] | None


def direct(cells: Iterable[Cell], compared: Collection[str] | None = None, *, phi: float = 1.0) -> DirectResult:
    """Directly standardised rates (Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, ch. 19).

    Weights are the chain's shares of clients in the strata; the chain is always all cells. Compared are the groups of
    30 clients or more, of which `compared` may name some. A stratum with fewer than 5 clients in one of them is left
    out for all and the weights rescaled; while the strata left hold less than 80 % of the chain's clients the thirds,
    then also the categories are merged, and at last groups are dropped, each time the one whose removal raises the
    share most (of several the first by key), as long as two remain. Where the stores of a group differ, intervals are
    widened by the square root of their `phi`.
    """
    full = _table(cells)
    sizes = {group: sum(n for _, n in strata.values()) for group, strata in full.items()}
    groups = sorted(g for g in full if not is_small_sample(sizes[g]) and (compared is None or g in compared))
    if not groups:
        return DirectResult("withheld", 0.0, {})
    for level, merge in _LEVELS:
        comparison = _Comparison(_merged(full, merge))
        if comparison.is_covered(groups):
            return DirectResult(level, comparison.coverage(groups), comparison.rates(groups, phi))
    dropped: list[str] = []
    while len(groups) > 1 and not comparison.is_covered(groups):
        dropped.append(max(groups, key=lambda left: comparison.covered([g for g in groups if g != left])))
        groups = [group for group in groups if group not in dropped]
    if len(groups) < 2:
        return DirectResult("withheld", comparison.coverage([*groups, *dropped]), {}, tuple(dropped))
    return DirectResult(level, comparison.coverage(groups), comparison.rates(groups, phi), tuple(dropped))


class _Comparison:
    """A table of groups by strata, and what of the chain's clients a comparison of some groups covers."""

    def __init__(self, table: Table) -> None:
        self._table, self._chain = table, _chain(table)
        self._clients = sum(n for _, n in self._chain.values())

    def _strata(self, groups: Collection[str]) -> list[Stratum]:
        """Of which each of the groups has enough clients."""
        return sorted(
            stratum
            for stratum in self._chain
            if all(self._table[g].get(stratum, (0, 0))[1] >= MINIMUM_STRATUM_CLIENTS for g in groups)
        )

    def covered(self, groups: Collection[str]) -> int:
        return sum(self._chain[stratum][1] for stratum in self._strata(groups))

    def coverage(self, groups: Collection[str]) -> float:
        return self.covered(groups) / self._clients

    def is_covered(self, groups: Collection[str]) -> bool:
        return 100 * self.covered(groups) >= MINIMUM_COVERAGE_PERCENT * self._clients

    def rates(self, groups: Collection[str], phi: float) -> dict[str, AdjustedRate]:
        covered = self.covered(groups)
        weights = {stratum: self._chain[stratum][1] / covered for stratum in self._strata(groups)}
        return {group: _adjusted(self._table[group], weights, phi) for group in groups}


def indirect(groups: Ints, strata: Ints, clients: Ints, repeats: Ints) -> dict[int, IndirectResult]:
    """Indirectly standardised rates: repeats observed / expected from the chain's rates, times the chain's rate.

    Takes cells as columns (there are thousands where a chain has hundreds of stores): each one's group and stratum,
    numbered from 0, its clients and how many of them repeat. Groups without clients are left out.

    Interval by Byar's approximation for the observed count (Breslow, Day (1987), Statistical Methods in Cancer Research
    II, 2.3). A rate above 1 makes no sense and is given as 1.
    """
    if not clients.sum():
        return {}
    rates = (np.bincount(strata, repeats) / np.maximum(np.bincount(strata, clients), 1))[strata]
    columns = [np.bincount(groups, column) for column in (clients, repeats, clients * rates)]
    variance = np.bincount(groups, clients * rates * (1 - rates))
    chain_rate = float(repeats.sum() / clients.sum())
    return {
        group: _indirect(int(n), int(observed), float(expected), float(variance[group]), chain_rate)
        for group, (n, observed, expected) in enumerate(zip(*columns, strict=True))
        if n
    }


def decompose(cells: Iterable[Cell], group_1: str, group_2: str) -> Decomposition[Stratum] | None:
    """The parts of the gap between two groups over the strata; None unless both have clients."""
    table = _table(cells)
    return split_gap(table.get(group_1, {}), table.get(group_2, {}))


def _table(cells: Iterable[Cell]) -> Table:
    """Cells added up by group and stratum; cells without clients do not exist."""
    table: dict[str, dict[Stratum, Counts]] = defaultdict(dict)
    for cell in cells:
        if cell.clients:
            _add(table[cell.group], cell.stratum, (cell.repeats, cell.clients))
    return dict(table)


def _merged(table: Table, merge: Callable[[Stratum], Stratum]) -> Table:
    """The table over coarser strata."""
    coarser: dict[str, dict[Stratum, Counts]] = {group: {} for group in table}
    for group, strata in table.items():
        for stratum, counts in strata.items():
            _add(coarser[group], merge(stratum), counts)
    return coarser


def _chain(table: Table) -> dict[Stratum, Counts]:
    """Counts of all groups together."""
    chain: dict[Stratum, Counts] = {}
    for strata in table.values():
        for stratum, counts in strata.items():
            _add(chain, stratum, counts)
    return chain


def _add(strata: dict[Stratum, Counts], stratum: Stratum, counts: Counts) -> None:
    before = strata.get(stratum)
    strata[stratum] = counts if before is None else (before[0] + counts[0], before[1] + counts[1])


def _adjusted(strata: Mapping[Stratum, Counts], weights: Mapping[Stratum, float], phi: float) -> AdjustedRate:
    """Weighted mean of a group's rates; its variance takes q = (x + 1/2) / (n + 1), never 0 or 1."""
    rate = math.fsum(weight * strata[stratum][0] / strata[stratum][1] for stratum, weight in weights.items())
    variance = 0.0
    for stratum, weight in weights.items():
        x, n = strata[stratum]
        q = (x + 0.5) / (n + 1)
        variance += weight**2 * q * (1 - q) / n
    half = Z * math.sqrt(phi * variance)
    rate = min(rate, 1.0)
    return AdjustedRate(rate, (max(0.0, rate - half), min(1.0, rate + half)))


def _indirect(clients: int, observed: int, expected: float, variance: float, chain_rate: float) -> IndirectResult:
    """One group's repeats against those expected at the chain's rates."""
    if expected == 0:
        return IndirectResult(clients, observed, expected, variance, None, None)
    rate, low, high = (min(count / expected * chain_rate, 1.0) for count in (observed, *_byar(observed)))
    return IndirectResult(clients, observed, expected, variance, rate, (low, high))


def _byar(count: int) -> tuple[float, float]:
    """Byar's approximation to the exact 95 % Poisson interval of a count."""
    low = count * (1 - 1 / (9 * count) - Z / (3 * math.sqrt(count))) ** 3 if count else 0.0
    more = count + 1
    return low, more * (1 - 1 / (9 * more) + Z / (3 * math.sqrt(more))) ** 3
