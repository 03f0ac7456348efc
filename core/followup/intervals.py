"""How many days usually lie between a client's visits.

Gaps between visit days are looked at as logarithms, since a client who comes every 90 days varies by more days than one
who comes every 9. With x_ij the log of client i's j-th gap, a one-way random effects model:

    x_ij = θ_i + e_ij,   θ_i ~ N(μ, τ²),   e_ij ~ N(0, σ²)

σ² and τ² come from the analysis of variance for unequal numbers of gaps n_i, μ from the means weighted by
1 / (τ² + σ² / n_i) (Searle, Casella and McCulloch, Variance Components, 1992, sections 3.6 and 3.3). A client's θ_i is
estimated by its posterior mean, with those of the chain in place of the parameters: empirical Bayes (Efron and Morris,
Journal of the American Statistical Association 70, 1975), the best linear unbiased predictor of Robinson (Statistical
Science 6, 1991):

    θ̂_i = B_i x̄_i + (1 − B_i) μ,   B_i = τ² / (τ² + σ² / n_i)

The usual interval is exp θ̂_i, the median gap, in whole days. A client with fewer than three visit days in the two years
up to the last one has no gaps to speak of: the interval of the last service counts if it has one, else the usual gap
after that service's category, else the chain's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.reporting.facts.arrays import number
from core.reporting.facts.binary_copy import Columns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# With so many visit days a client has gaps of the own to go by.
OWN_DAYS = 3
# Clients from whom on variances, and the gap after a category, are estimated.
ENOUGH = 30
# The variance within and between clients until then: one gap of a client weighs as much as the chain.
UNKNOWN = 0.25


@dataclass(frozen=True)
class Gaps:
    """Days from one visit day to the next of the same client, by the row of that client."""

    client: Ints
    log: Floats
    # Of the visit day before the gap.
    category_id: NDArray[np.int32]


@dataclass(frozen=True)
class Pace:
    """How the clients of a chain come: μ, τ² and σ² of the model, and the usual gap after a category, by its id."""

    mean: float
    between: float
    within: float
    by_category: Mapping[int, float]
    # Whether enough clients went into the variances.
    is_estimated: bool

    @property
    def usual_days(self) -> float:
        return float(np.exp(self.mean))


def gaps_of(days: Columns, client: Ints) -> Gaps:
    """`days` are visit days, ordered by client and day; `client` numbers the client of each."""
    same = client[1:] == client[:-1]
    length = np.diff(days["day"].astype(np.int64))[same]
    return Gaps(client[:-1][same], np.log(length.astype(np.float64)), days["category_id"][:-1][same])


def estimate_pace(gaps: Gaps) -> Pace | None:
    """None without a gap."""
    if not len(gaps.log):
        return None
    _clients, which, counts = np.unique(gaps.client, return_inverse=True, return_counts=True)
    means = np.bincount(which, gaps.log) / counts
    between, within, is_estimated = _variances(gaps.log, which, counts, means)
    weights = 1 / (between + within / counts) if between + within else np.ones(len(counts))
    mean = float(np.average(means, weights=weights))
    return Pace(mean, between, within, _after_categories(gaps), is_estimated)


def _variances(log: Floats, which: Ints, counts: Ints, means: Floats) -> tuple[float, float, bool]:
    clients, size = len(counts), len(log)
    repeated = int((counts > 1).sum())
    if repeated < ENOUGH:
        return UNKNOWN, UNKNOWN, False
    within = float(((log - means[which]) ** 2).sum() / (size - clients))
    mean_square = float((counts * (means - log.mean()) ** 2).sum() / (clients - 1))
    per_client = (size - float((counts**2).sum()) / size) / (clients - 1)
    return max(0.0, (mean_square - within) / per_client), within, True


def _after_categories(gaps: Gaps) -> dict[int, float]:
    """The mean over clients of each one's mean log gap: whoever comes often counts once as well."""
    _pairs, first, pair, counts = np.unique(
        number(gaps.category_id, gaps.client), return_index=True, return_inverse=True, return_counts=True
    )
    means = np.bincount(pair, gaps.log) / counts
    categories, of_pair, clients = np.unique(gaps.category_id[first], return_inverse=True, return_counts=True)
    usual = np.exp(np.bincount(of_pair, means) / clients)
    return {
        int(category): float(days)
        for category, days, count in zip(categories, usual, clients, strict=True)
        if count >= ENOUGH
    }


def own_intervals(gaps: Gaps, clients: int, pace: Pace) -> Floats:
    """For each of so many clients, by number, exp θ̂: the chain's where a client has no gap."""
    counts = np.bincount(gaps.client, minlength=clients)
    means = np.bincount(gaps.client, gaps.log, minlength=clients) / np.maximum(counts, 1)
    # Where nothing varies, whatever a client has is known for sure.
    own = (counts > 0).astype(np.float64)
    spread = counts * pace.between + pace.within
    np.divide(counts * pace.between, spread, out=own, where=spread > 0)
    return np.exp(own * means + (1 - own) * pace.mean)


def whole_days(intervals: Floats) -> Ints:
    """At least one."""
    return np.maximum(1, np.floor(intervals + 0.5)).astype(np.int64)
