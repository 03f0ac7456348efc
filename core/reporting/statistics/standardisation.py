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

from core.reporting.statistics.proportions import Z, check_counts

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
    """Directly standardised rates of groups; a withheld one is None."""

    level: Level
    coverage: float
    """Share of the chain's clients in the strata compared, at this level (where withheld: at the coarsest)."""
    rates: dict[str, AdjustedRate | None]
    limiting_group: str | None
    """Where withheld, the group whose lack of clients leaves out most of the chain's."""


@dataclass(frozen=True, slots=True)
class IndirectResult:
    """Observed over expected repeats, times the chain's rate."""

    observed: int
    expected: float
    rate: float | None
    """None where no repeat was expected."""
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Raw gap between two groups; mix + rate + unmatched = gap."""

    gap: float
    mix: float
    """What the groups' different shares of clients account for, over the strata both have."""
    rate: float
    """What their different rates account for, over the strata both have."""
    unmatched: float
    """What lies in strata that only one of them has."""


def direct(cells: Iterable[Cell], compared: Collection[str] | None = None) -> DirectResult:
    """Directly standardised rates (Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, ch. 19).

    Weights are the chain's shares of clients in the strata. A stratum with fewer than 5 clients in one of the groups
    compared is left out for all and the weights rescaled; while the strata left hold less than 80 % of the chain's
    clients the thirds, then also the categories are merged, and at last the rates are withheld.

    The groups compared are all that have a client, unless `compared` names some of them; the chain is always all cells.
    Taken to the letter, one group of fewer than 5 clients leaves no stratum, and the comparison is withheld;
    limiting_group names it.
    """
    full = _table(cells)
    groups = sorted(full if compared is None else set(compared) & full.keys())
    if not groups:
        return DirectResult("withheld", 0.0, {}, None)
    coverage, limiting = 0.0, None
    for level, merge in _LEVELS:
        table = _merged(full, merge)
        chain = _chain(table)
        thin = {group: _thin_strata(table[group], chain) for group in groups}
        compared_strata = chain.keys() - set().union(*thin.values())
        total = sum(clients for _, clients in chain.values())
        covered = sum(chain[stratum][1] for stratum in compared_strata)
        coverage = covered / total
        if 100 * covered >= MINIMUM_COVERAGE_PERCENT * total:
            weights = {stratum: chain[stratum][1] / covered for stratum in sorted(compared_strata)}
            rates: dict[str, AdjustedRate | None] = {group: _adjusted(table[group], weights) for group in groups}
            return DirectResult(level, coverage, rates, None)
        left_out = {group: sum(chain[stratum][1] for stratum in strata) for group, strata in thin.items()}
        limiting = max(groups, key=lambda group: left_out[group])
    return DirectResult("withheld", coverage, dict.fromkeys(groups), limiting)


def indirect(groups: Ints, strata: Ints, clients: Ints, repeats: Ints) -> dict[int, IndirectResult]:
    """Indirectly standardised rates: repeats observed / expected from the chain's rates, times the chain's rate.

    Takes cells as columns (there are thousands where a chain has hundreds of stores): each one's group and stratum,
    numbered from 0, its clients and how many of them repeat. Groups without clients are left out.

    Interval by Byar's approximation for the observed count (Breslow, Day (1987), Statistical Methods in Cancer Research
    II, 2.3). A rate above 1 makes no sense and is given as 1.
    """
    if not clients.sum():
        return {}
    chain_rates = np.bincount(strata, repeats) / np.maximum(np.bincount(strata, clients), 1)
    observed = np.bincount(groups, repeats)
    expected = np.bincount(groups, clients * chain_rates[strata])
    chain_rate = float(repeats.sum() / clients.sum())
    present = np.flatnonzero(np.bincount(groups, clients))
    return {group: _indirect(int(observed[group]), float(expected[group]), chain_rate) for group in present.tolist()}


def decompose(cells: Iterable[Cell], group_1: str, group_2: str) -> Decomposition | None:
    """Split the raw gap, rate of group 1 minus rate of group 2; None unless both have clients.

    Kitagawa, E. M. (1955), Journal of the American Statistical Association 50, 1168-1194.
    """
    table = _table(cells)
    if group_1 not in table or group_2 not in table:
        return None
    first, second = table[group_1], table[group_2]
    n_1, n_2 = (sum(n for _, n in strata.values()) for strata in (first, second))
    mix: list[float] = []
    rate: list[float] = []
    for stratum in sorted(first.keys() & second.keys()):
        (x_1, clients_1), (x_2, clients_2) = first[stratum], second[stratum]
        m_1, m_2, p_1, p_2 = clients_1 / n_1, clients_2 / n_2, x_1 / clients_1, x_2 / clients_2
        mix.append((m_1 - m_2) * (p_1 + p_2) / 2)
        rate.append((p_1 - p_2) * (m_1 + m_2) / 2)
    only_1 = [first[stratum] for stratum in first.keys() - second.keys()]
    only_2 = [second[stratum] for stratum in second.keys() - first.keys()]
    return Decomposition(
        gap=sum(x for x, _ in first.values()) / n_1 - sum(x for x, _ in second.values()) / n_2,
        mix=math.fsum(mix),
        rate=math.fsum(rate),
        unmatched=sum(x for x, _ in only_1) / n_1 - sum(x for x, _ in only_2) / n_2,
    )


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


def _thin_strata(strata: Mapping[Stratum, Counts], chain: Mapping[Stratum, Counts]) -> set[Stratum]:
    """The chain's strata in which a group has too few clients to be compared."""
    return {stratum for stratum in chain if strata.get(stratum, (0, 0))[1] < MINIMUM_STRATUM_CLIENTS}


def _adjusted(strata: Mapping[Stratum, Counts], weights: Mapping[Stratum, float]) -> AdjustedRate:
    """Weighted mean of a group's rates; its variance takes q = (x + 1/2) / (n + 1), never 0 or 1."""
    rate = math.fsum(weight * strata[stratum][0] / strata[stratum][1] for stratum, weight in weights.items())
    variance = 0.0
    for stratum, weight in weights.items():
        x, n = strata[stratum]
        q = (x + 0.5) / (n + 1)
        variance += weight**2 * q * (1 - q) / n
    half = Z * math.sqrt(variance)
    rate = min(rate, 1.0)
    return AdjustedRate(rate, (max(0.0, rate - half), min(1.0, rate + half)))


def _indirect(observed: int, expected: float, chain_rate: float) -> IndirectResult:
    """One group's repeats against those expected at the chain's rates."""
    if expected == 0:
        return IndirectResult(observed, expected, None, None)
    rate, low, high = (count / expected * chain_rate for count in (observed, *_byar(observed)))
    return IndirectResult(observed, expected, min(rate, 1.0), (min(low, 1.0), min(high, 1.0)))


def _byar(count: int) -> tuple[float, float]:
    """Byar's approximation to the exact 95 % Poisson interval of a count."""
    low = count * (1 - 1 / (9 * count) - Z / (3 * math.sqrt(count))) ** 3 if count else 0.0
    more = count + 1
    return low, more * (1 - 1 / (9 * more) + Z / (3 * math.sqrt(more))) ** 3
