"""Funnel plot of stores' rates against their clients (Spiegelhalter 2005).

Spiegelhalter, D. J. (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24,
1185-1202: interpolated exact binomial limits (appendix on exact limits), multiplicative overdispersion estimated from
winsorised z-scores.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.reporting.statistics.proportions import check_counts

Position = Literal["inside", "above_95", "below_95", "above_998", "below_998"]

WINSORISED_SHARE = 0.10
TAILS = (0.001, 0.025, 0.975, 0.999)
"""Quantiles of the 99.8 % and 95 % limits, from the lowest line to the highest."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Control limits as rates, one of each for every number of clients."""

    clients: tuple[int, ...]
    lower_998: tuple[float, ...]
    lower_95: tuple[float, ...]
    upper_95: tuple[float, ...]
    upper_998: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Funnel around the chain's rate."""

    chain_rate: float
    phi: float | None
    """Overdispersion estimated from the stores; None without stores, or where the chain's rate is 0 or 1."""
    threshold: float | None
    """Phi up to this value is what chance alone gives; above it the limits are widened."""
    inflation: float
    """Phi as applied to the limits: 1 when it does not exceed the threshold."""
    positions: dict[str, Position]
    """Where stores with at least one client lie between the limits for their numbers of clients, as the plot shows it.

    Interpolation puts the upper limits a little within the smallest count that reaches the quantile, so with few
    clients a store where all repeat can lie above them by chance alone: a small sample's is nothing to judge by.
    """

    def limits(self, clients: Sequence[int]) -> Limits:
        """Limits for a curve over numbers of clients, each at least 1."""
        lines = _limits(np.asarray(clients, dtype=np.int64), self.chain_rate, self.inflation)
        lower_998, lower_95, upper_95, upper_998 = (tuple(line) for line in lines.tolist())
        return Limits(tuple(int(n) for n in clients), lower_998, lower_95, upper_95, upper_998)


def funnel(stores: Mapping[str, tuple[int, int]], chain_rate: float) -> Funnel:
    """Place stores, each (repeats, clients), in the funnel around the chain's rate."""
    if not 0 <= chain_rate <= 1:
        raise ValueError(f"{chain_rate} is not a rate")
    for x, n in stores.values():
        check_counts(x, n)
    present = {key: counts for key, counts in stores.items() if counts[1] > 0}
    repeats = np.array([x for x, _ in present.values()], dtype=np.float64)
    clients = np.array([n for _, n in present.values()], dtype=np.int64)
    rates = repeats / clients
    phi = _overdispersion(rates, clients, chain_rate)
    threshold = _threshold(len(present)) if phi is not None else None
    inflation = phi if phi is not None and threshold is not None and phi > threshold else 1.0
    positions = _positions(rates, _limits(clients, chain_rate, inflation))
    return Funnel(chain_rate, phi, threshold, inflation, dict(zip(present, positions, strict=True)))


def _overdispersion(rates: NDArray[np.float64], clients: NDArray[np.int64], chain_rate: float) -> float | None:
    """Mean of the squared z-scores, once the 10 % at either end are pulled in to the next one."""
    if len(rates) == 0 or chain_rate in {0.0, 1.0}:
        return None
    z = np.sort((rates - chain_rate) / np.sqrt(chain_rate * (1 - chain_rate) / clients))
    cut = int(WINSORISED_SHARE * len(z))
    winsorised = np.clip(z, z[cut], z[len(z) - 1 - cut])
    return float(np.mean(winsorised**2))


def _threshold(stores: int) -> float:
    """Without overdispersion phi has mean 1 and variance 2/I; two standard deviations above is more than chance."""
    return 1 + 2 * math.sqrt(2 / stores)


def _limits(clients: NDArray[np.int64], rate: float, inflation: float) -> NDArray[np.float64]:
    """Limits, one row for each of TAILS: exact ones, widened about the chain's rate, within [0, 1]."""
    if np.any(clients < 1):
        raise ValueError("A limit needs at least one client.")
    if rate in {0.0, 1.0}:
        return np.full((len(TAILS), len(clients)), rate)
    exact = _interpolated_quantiles(clients, rate)
    return np.clip(rate + math.sqrt(inflation) * (exact - rate), 0.0, 1.0)


def _interpolated_quantiles(clients: NDArray[np.int64], rate: float) -> NDArray[np.float64]:
    """Quantiles of a binomial proportion, made continuous: (r - alpha) / n.

    r is the smallest count with P(R <= r) >= p, and alpha = (P(R <= r) - p) / P(R = r) how far r overshoots.
    """
    p = np.array(TAILS)[:, np.newaxis]
    n = np.broadcast_to(clients, (len(TAILS), len(clients)))
    count = _binomial_quantile(p, n, rate)
    at = special.bdtr(count, n, rate)
    below = np.where(count > 0, special.bdtr(np.maximum(count - 1, 0), n, rate), 0.0)
    return np.asarray((count - (at - p) / (at - below)) / n, dtype=np.float64)


def _binomial_quantile(p: NDArray[np.float64], n: NDArray[np.int64], rate: float) -> NDArray[np.float64]:
    """Smallest counts whose cumulative probability reaches p.

    From the Cornish-Fisher approximation, seldom off by more than one, to the exact count by single steps: five times
    faster than inverting the distribution function.
    """
    z = special.ndtri(p)
    near = n * rate + z * np.sqrt(n * rate * (1 - rate)) + (1 - 2 * rate) * (z * z - 1) / 6
    count = np.clip(np.rint(near), 0, n)
    while np.any(short := special.bdtr(count, n, rate) < p):
        count = np.where(short, count + 1, count)
    while np.any(over := (count > 0) & (special.bdtr(np.maximum(count - 1, 0), n, rate) >= p)):
        count = np.where(over, count - 1, count)
    return np.asarray(count, dtype=np.float64)


def _positions(rates: NDArray[np.float64], limits: NDArray[np.float64]) -> list[Position]:
    """Where each rate lies; a rate on a limit counts as within it."""
    lower_998, lower_95, upper_95, upper_998 = limits
    names: list[Position] = []
    for index, rate in enumerate(rates):
        if rate > upper_998[index]:
            names.append("above_998")
        elif rate < lower_998[index]:
            names.append("below_998")
        elif rate > upper_95[index]:
            names.append("above_95")
        elif rate < lower_95[index]:
            names.append("below_95")
        else:
            names.append("inside")
    return names
