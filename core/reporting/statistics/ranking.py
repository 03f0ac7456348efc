"""Ranking of stores: beta-binomial model around what is expected of each store's clients, fully Bayesian.

A store's rate over its expected one, times the chain's rate, is its value: what the store's rate would be with the
chain's clients. Stores' rates are drawn from beta distributions; their values have a common mean and a standard
deviation between stores. Both have flat priors, the deviation's over (0, 0.2] (Gelman, A. (2006), Prior distributions
for variance parameters in hierarchical models, Bayesian Analysis 1, 515-534). Posteriors integrate over both by
Gauss-Legendre quadrature; given both, a store's rate is beta distributed again (Skellam, J. G. (1948), Journal of the
Royal Statistical Society B 10, 257-261). Ranks are those of joint draws (Goldstein, H., Spiegelhalter, D. J. (1996),
Journal of the Royal Statistical Society A 159, 385-443).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from core.reporting.statistics.funnel import Expected
from core.reporting.statistics.proportions import is_small_sample

Floats = NDArray[np.float64]

LARGEST_SD = 0.2
SMALLEST_SD = 5e-4
"""Below it a beta-binomial is a binomial distribution to all digits that logarithms of gamma functions leave."""
NO_GAIN = 1e-6
"""A log-likelihood this little above that of one common rate is that of one common rate."""
MOST_CERTAIN = 0.999
"""A rate of a store is expected to be no higher, where its clients are such that nearly all come back."""
LOOKS, NODES = 64, 24
NEGLIGIBLE = 20.0
"""Log-likelihoods so far below the best one have no weight."""
REACH = 8.0
"""So many standard errors to either side of the likely mean, nothing is left out."""
DRAWS, SEED = 4000, 20251130
TAILS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class RankedStore:
    """A store's value and rank with their 95 % intervals; no rank for a small sample."""

    key: str
    value: float
    interval: tuple[float, float]
    rank: int | None
    rank_interval: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Stores by value, highest first; those never ranked after them, by key."""

    distinguishable: bool
    """False where the likelihood gains nothing over one common rate: stores cannot be told apart, and none is here."""
    stores: tuple[RankedStore, ...] = ()


@dataclass(frozen=True, slots=True)
class _Grid:
    """Means and standard deviations of stores' values, with their posterior weights."""

    mean: Floats
    sd: Floats
    weight: Floats


class _Model:
    """Of stores with clients of whom some are expected to repeat."""

    def __init__(self, stores: list[Expected]) -> None:
        self.repeats = np.array([store.observed for store in stores], dtype=np.float64)
        self.clients = np.array([store.clients for store in stores], dtype=np.float64)
        self.pooled = float(self.repeats.sum() / self.clients.sum())
        self.ratio = np.array([store.expected / store.clients for store in stores]) / self.pooled

    def shapes(self, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
        """Of the beta distributions of the stores' rates: a row for each mean and deviation, a column a store."""
        rate = np.minimum(np.multiply.outer(mean, self.ratio), MOST_CERTAIN)
        size = rate * (1 - rate) / np.square(np.multiply.outer(sd, self.ratio)) - 1
        # Where so large a deviation cannot be, the largest that can.
        size = np.maximum(size, 0.05)
        return rate * size, (1 - rate) * size

    def likely_mean(self, sd: Floats) -> tuple[Floats, Floats]:
        """About where the mean is at each of these deviations, and its standard error: stores' values weighed by how
        much they say."""
        rate = (self.repeats + self.pooled) / (self.clients + 1)
        of_chance = self.pooled * (1 - self.pooled) / self.clients / self.ratio**2
        weight = 1 / np.add.outer(np.square(sd), of_chance)
        total = weight.sum(axis=1)
        return np.asarray((weight * (rate / self.ratio)).sum(axis=1) / total), 1 / np.sqrt(total)

    def log_likelihood(self, mean: Floats, sd: Floats) -> Floats:
        a, b = self.shapes(mean, sd)
        terms = _log_rising(a, self.repeats) + _log_rising(b, self.clients - self.repeats)
        return np.asarray((terms - _log_rising(a + b, self.clients)).sum(axis=1))

    def log_likelihood_alike(self, mean: float) -> float:
        """Where values do not differ between stores."""
        rate = np.minimum(mean * self.ratio, MOST_CERTAIN)
        return float((self.repeats * np.log(rate) + (self.clients - self.repeats) * np.log1p(-rate)).sum())


def rank_stores(stores: Iterable[Expected]) -> Ranking:
    """Rank stores by value. All with clients take part in the model; those with a small sample are not ranked."""
    present = sorted((s for s in stores if s.clients > 0 and s.expected > 0), key=lambda store: store.key)
    repeats, clients = sum(s.observed for s in present), sum(s.clients for s in present)
    if len(present) < 2 or not 0 < repeats < clients:
        return Ranking(distinguishable=False)
    model = _Model(present)
    start, low, high = _look(model, SMALLEST_SD, LARGEST_SD)
    if _gain(model, start) <= NO_GAIN:
        return Ranking(distinguishable=False)
    _start, low, high = _look(model, low, high)
    grid = _quadrature(model, low, high)
    values, intervals = _posteriors(model, grid)
    ranked = np.array([not is_small_sample(store.clients) for store in present])
    rank_intervals = _rank_intervals(model, grid, ranked)
    return Ranking(distinguishable=True, stores=_in_order(present, values, intervals, rank_intervals))


def _log_rising(start: Floats, count: Floats) -> Floats:
    """Logarithm of start (start + 1) … (start + count - 1)."""
    return np.asarray(special.gammaln(start + count) - special.gammaln(start))


def _look(model: _Model, low: float, high: float) -> tuple[Floats, float, float]:
    """The best of many deviations, with its likely mean, and the range outside which none has any weight."""
    sd, step = np.linspace(low, high, LOOKS, retstep=True)
    mean, _error = model.likely_mean(sd)
    found = model.log_likelihood(mean, sd)
    best = int(np.argmax(found))
    weighty = sd[found > found[best] - NEGLIGIBLE]
    start = np.array([mean[best], sd[best]])
    return start, max(float(weighty[0] - step), SMALLEST_SD), min(float(weighty[-1] + step), LARGEST_SD)


def _gain(model: _Model, start: Floats) -> float:
    """How far the greatest likelihood with a deviation between stores is above that of one common value."""

    def loss(point: Floats) -> float:
        return -float(model.log_likelihood(special.expit(point[:1]), np.exp(point[1:]))[0])

    bounds = [(-12.0, 12.0), (np.log(SMALLEST_SD), np.log(LARGEST_SD))]
    first = np.array([special.logit(start[0]), np.log(start[1])])
    small = np.array([special.logit(model.pooled), np.log(4 * SMALLEST_SD)])
    found = min(float(optimize.minimize(loss, at, bounds=bounds, method="L-BFGS-B").fun) for at in (first, small))
    alike = optimize.minimize_scalar(
        lambda at: -model.log_likelihood_alike(special.expit(at)), bounds=(-12.0, 12.0), options={"xatol": 1e-10}
    )
    return float(alike.fun) - found


def _quadrature(model: _Model, low: float, high: float) -> _Grid:
    """Nodes with their share of the posterior: of the deviation, and for each of it, of the mean, which is the more
    certain the smaller the deviation is. Nodes without weight are left out."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    # A deviation next to none is as good as none: the prior begins at 0.
    sd = low + (high - low) * (nodes + 1) / 2
    likely, error = model.likely_mean(sd)
    first, last = np.maximum(likely - REACH * error, 1e-6), np.minimum(likely + REACH * error, 1 - 1e-6)
    mean = (first[:, np.newaxis] + np.multiply.outer(last - first, (nodes + 1) / 2)).ravel()
    weight = np.multiply.outer(weights * (last - first), weights).ravel()
    sd = np.repeat(sd, NODES)
    found = model.log_likelihood(mean, sd)
    posterior = weight * np.exp(found - found.max())
    kept = posterior > 1e-9 * posterior.sum()
    return _Grid(mean[kept], sd[kept], posterior[kept] / posterior[kept].sum())


def _posteriors(model: _Model, grid: _Grid) -> tuple[Floats, Floats]:
    """Of each store's value the mean, and the ends of the interval."""
    a, b = model.shapes(grid.mean, grid.sd)
    a, b = a + model.repeats, b + model.clients - model.repeats
    means = a / (a + b)
    mean = _averaged(grid.weight, means)
    sd = np.sqrt(_averaged(grid.weight, means * (1 - means) / (a + b + 1) + means**2) - mean**2)
    ends = [_quantile(tail, a, b, grid.weight, mean, sd) for tail in TAILS]
    return np.minimum(mean / model.ratio, 1.0), np.minimum(np.column_stack(ends) / model.ratio[:, np.newaxis], 1.0)


def _averaged(weight: Floats, columns: Floats) -> Floats:
    """Without BLAS, which would start threads for it and keep the other processors spinning."""
    return np.asarray(np.einsum("k,ks->s", weight, columns))


def _quantile(tail: float, a: Floats, b: Floats, weight: Floats, mean: Floats, sd: Floats) -> Floats:
    """Of mixtures of beta distributions, a column each, by Newton's method kept within a shrinking bracket."""
    low, high = np.zeros_like(mean), np.ones_like(mean)
    at = np.clip(mean + special.ndtri(tail) * sd, 1e-9, 1 - 1e-9)
    for _step in range(60):
        error = _averaged(weight, np.asarray(special.betainc(a, b, at), np.float64)) - tail
        low, high = np.where(error < 0, at, low), np.where(error < 0, high, at)
        density = _averaged(weight, np.exp((a - 1) * np.log(at) + (b - 1) * np.log1p(-at) - special.betaln(a, b)))
        with np.errstate(divide="ignore", invalid="ignore"):
            newer = at - error / density
        newer = np.clip(np.where((newer > low) & (newer < high), newer, (low + high) / 2), 1e-12, 1 - 1e-12)
        if np.max(np.abs(newer - at)) < 1e-8:
            return newer
        at = newer
    return at


def _rank_intervals(model: _Model, grid: _Grid, ranked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The ends of each store's interval of ranks, among those that are ranked."""
    rng = np.random.default_rng(SEED)
    a, b = model.shapes(grid.mean, grid.sd)
    drawn = rng.choice(len(grid.weight), DRAWS, p=grid.weight)
    rates = rng.beta(a[drawn] + model.repeats, b[drawn] + model.clients - model.repeats)
    values = (rates / model.ratio)[:, ranked]
    ranks = np.argsort(np.argsort(-values, axis=1), axis=1) + 1
    ends = np.zeros((len(ranked), 2), np.int64)
    if ranked.any():
        ends[ranked] = np.quantile(ranks, TAILS, axis=0, method="inverted_cdf").T
    return ends


def _in_order(
    stores: list[Expected], values: Floats, intervals: Floats, rank_intervals: NDArray[np.int64]
) -> tuple[RankedStore, ...]:
    """Equal values share a rank."""
    order = sorted(range(len(stores)), key=lambda index: (-values[index], stores[index].key))
    large = [index for index in order if not is_small_sample(stores[index].clients)]
    small = [index for index in range(len(stores)) if is_small_sample(stores[index].clients)]
    ranks = {index: 1 + sum(values[other] > values[index] for other in large) for index in large}
    return tuple(
        RankedStore(
            key=stores[index].key,
            value=float(values[index]),
            interval=(float(intervals[index][0]), float(intervals[index][1])),
            rank=int(ranks[index]) if index in ranks else None,
            rank_interval=(int(rank_intervals[index][0]), int(rank_intervals[index][1])) if index in ranks else None,
        )
        for index in [*large, *small]
    )
