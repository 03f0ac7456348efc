"""The parts of a gap between two groups: from whom they are of, and from how often the same kinds of clients repeat."""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Kind = TypeVar("Kind", bound=Hashable)
Counts = tuple[int, int]
"""(repeats, clients)"""
_NOBODY: Counts = (0, 0)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What clients of one kind add to the parts of a gap; over all kinds each part adds up."""

    first: Counts
    second: Counts
    mix: float
    """Against the mean rate of both groups: more of a kind that repeats less than they do lowers a group's rate."""
    rate: float
    unmatched: float

    @property
    def total(self) -> float:
        return self.mix + self.rate + self.unmatched


@dataclass(frozen=True, slots=True)
class Decomposition(Generic[Kind]):
    """Raw gap between two groups; mix + rate + unmatched = gap."""

    gap: float
    mix: float
    """What the groups' different shares of clients account for, over the kinds both have."""
    rate: float
    """What their different rates account for, over the kinds both have."""
    unmatched: float
    """What lies in kinds that only one of them has."""
    kinds: Mapping[Kind, Contribution]


def split_gap(first: Mapping[Kind, Counts], second: Mapping[Kind, Counts]) -> Decomposition[Kind] | None:
    """Split the raw gap, rate of the first group minus rate of the second; None unless both have clients.

    Kitagawa, E. M. (1955), Journal of the American Statistical Association 50, 1168-1194.
    """
    (x_1, n_1), (x_2, n_2) = _total(first), _total(second)
    if not n_1 or not n_2:
        return None
    mean = (x_1 / n_1 + x_2 / n_2) / 2
    kinds = {
        kind: _contribution(first.get(kind, _NOBODY), second.get(kind, _NOBODY), n_1, n_2, mean)
        for kind in first.keys() | second.keys()
    }
    return Decomposition(
        gap=x_1 / n_1 - x_2 / n_2,
        mix=math.fsum(one.mix for one in kinds.values()),
        rate=math.fsum(one.rate for one in kinds.values()),
        unmatched=math.fsum(one.unmatched for one in kinds.values()),
        kinds=kinds,
    )


def _total(counts: Mapping[Kind, Counts]) -> Counts:
    return sum(x for x, _ in counts.values()), sum(n for _, n in counts.values())


def _contribution(first: Counts, second: Counts, n_1: int, n_2: int, mean: float) -> Contribution:
    """Taking the mean from the rates leaves the sum over all kinds alone, as both groups' shares add up to 1."""
    (x_1, clients_1), (x_2, clients_2) = first, second
    m_1, m_2 = clients_1 / n_1, clients_2 / n_2
    if not clients_1 or not clients_2:
        return Contribution(first, second, mix=-(m_1 - m_2) * mean, rate=0.0, unmatched=x_1 / n_1 - x_2 / n_2)
    p_1, p_2 = x_1 / clients_1, x_2 / clients_2
    mix = (m_1 - m_2) * ((p_1 + p_2) / 2 - mean)
    return Contribution(first, second, mix=mix, rate=(p_1 - p_2) * (m_1 + m_2) / 2, unmatched=0.0)
