"""Funnel of stores: repeats observed against those expected of their clients (Spiegelhalter 2005).

Spiegelhalter, D. J. (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24,
1185-1202: z-scores of observed against expected, interpolated exact binomial limits (appendix on exact limits),
multiplicative overdispersion estimated from winsorised z-scores. The estimate is divided by what winsorising leaves of
standard normal scores, which is below 1.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.reporting.statistics.proportions import check_counts, is_small_sample

Position = Literal["inside", "above_95", "below_95", "above_998", "below_998"]

WINSORISED_PERCENT = 10
TAILS = (0.001, 0.025, 0.975, 0.999)
"""Quantiles of the 99.8 % and 95 % limits, from the lowest line to the highest."""
NORMAL = tuple(float(special.ndtri(tail)) for tail in TAILS)
SMALL_EXPECTED = 5
"""Where fewer repeats, or fewer clients who do not repeat, are expected, limits are exact binomial ones."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A store's clients and repeats, and how many repeats are expected of such clients, with their variance."""

    key: str
    clients: int
    observed: int
    expected: float
    variance: float

    def __post_init__(self) -> None:
        check_counts(self.observed, self.clients)

    @property
    def z(self) -> float | None:
        """None where chance has no part in what is expected."""
        return (self.observed - self.expected) / math.sqrt(self.variance) if self.variance > 0 else None


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
    """Funnel around what is expected."""

    chain_rate: float
    phi: float | None
    """Overdispersion estimated from the stores; None where no store has a z-score."""
    stores: dict[str, Expected]
    """With at least one client, by key."""
    positions: dict[str, Position]
    """Where stores of 30 clients or more lie between the limits; a small sample's is nothing to judge by."""

    @property
    def applied(self) -> float:
        """Phi as it widens the limits: never below 1."""
        return max(1.0, self.phi or 1.0)

    def limits(self, clients: Sequence[int]) -> Limits:
        """Limits for a curve over numbers of clients who repeat at the chain's rate, each at least 1."""
        if any(n < 1 for n in clients):
            raise ValueError("A limit needs at least one client.")
        lines = [
            [limit / n for limit in _limits(Expected("", n, 0, n * rate, n * rate * (1 - rate)), self.applied)]
            for n, rate in ((n, self.chain_rate) for n in clients)
        ]
        lower_998, lower_95, upper_95, upper_998 = zip(*lines, strict=True)
        return Limits(tuple(clients), lower_998, lower_95, upper_95, upper_998)


def funnel(stores: Iterable[Expected], chain_rate: float) -> Funnel:
    """Place stores in the funnel around what is expected of them."""
    if not 0 <= chain_rate <= 1:
        raise ValueError(f"{chain_rate} is not a rate")
    present = {store.key: store for store in stores if store.clients > 0}
    phi = _overdispersion([store.z for store in present.values() if store.z is not None])
    applied = max(1.0, phi or 1.0)
    positions = {key: _position(store, applied) for key, store in present.items() if not is_small_sample(store.clients)}
    return Funnel(chain_rate, phi, present, positions)


def at_one_rate(stores: Iterable[Expected], rate: float) -> list[Expected]:
    """The same stores where all clients are expected to repeat at one rate: the funnel of raw rates."""
    return [Expected(s.key, s.clients, s.observed, s.clients * rate, s.clients * rate * (1 - rate)) for s in stores]


def _overdispersion(scores: Sequence[float]) -> float | None:
    """Mean of the squared z-scores, once the 10 % at either end are pulled in to the next one, over what it is by
    chance alone."""
    if not scores:
        return None
    z = np.sort(np.asarray(scores))
    cut = len(z) * WINSORISED_PERCENT // 100
    winsorised = np.clip(z, z[cut], z[len(z) - 1 - cut])
    return float(np.mean(winsorised**2)) / winsorised_normal(len(z), cut)


@lru_cache(maxsize=1024)
def winsorised_normal(count: int, cut: int) -> float:
    """The mean of the squares of so many standard normal scores, `cut` of them pulled in at either end, as expected.

    Of order statistics (David, H. A., Nagaraja, H. N. (2003), Order Statistics, 2.1): a score between the cut ones
    counts once, the innermost two stand for those cut as well. Integrated by the trapezoidal rule, which for so smooth
    a function leaves no error to speak of.
    """
    if cut == 0:
        return 1.0
    z, step = np.linspace(-10.0, 10.0, 8001, retstep=True)
    below = special.ndtr(z)
    inner = special.bdtr(count - 1 - cut, count - 1, below) - special.bdtr(cut - 1, count - 1, below)
    edge = special.bdtr(cut, count - 1, below) - special.bdtr(cut - 1, count - 1, below)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return float(np.sum(z * z * density * (inner + 2 * cut * edge)) * step)


def _limits(store: Expected, applied: float) -> list[float]:
    """Limits of the repeats, from the lowest to the highest, widened about what is expected, within what can be."""
    n, expected = store.clients, store.expected
    if store.variance <= 0:
        return [expected] * len(TAILS)
    if min(expected, n - expected) < SMALL_EXPECTED:
        distances = interpolated_quantiles(n, expected / n) - expected
    else:
        distances = np.array(NORMAL) * math.sqrt(store.variance)
    widened = expected + math.sqrt(applied) * distances
    return [float(limit) for limit in np.clip(widened, 0.0, n)]


def interpolated_quantiles(clients: int, rate: float) -> NDArray[np.float64]:
    """Quantiles of a binomial count, made continuous: r - alpha.

    r is the smallest count with P(R <= r) >= p, and alpha = (P(R <= r) - p) / P(R = r) how far r overshoots.
    """
    p = np.array(TAILS)
    counts = np.arange(clients + 1)
    reached = special.bdtr(counts, clients, rate)
    r = np.minimum(np.searchsorted(reached, p), clients)
    below = np.where(r > 0, reached[np.maximum(r - 1, 0)], 0.0)
    return np.asarray(r - (reached[r] - p) / (reached[r] - below), dtype=np.float64)


def _position(store: Expected, applied: float) -> Position:
    """Where the repeats lie; on a limit counts as within it."""
    lower_998, lower_95, upper_95, upper_998 = _limits(store, applied)
    if store.observed > upper_998:
        return "above_998"
    if store.observed < lower_998:
        return "below_998"
    if store.observed > upper_95:
        return "above_95"
    return "below_95" if store.observed < lower_95 else "inside"
