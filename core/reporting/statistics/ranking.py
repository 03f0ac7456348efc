"""Empirical-Bayes ranking of stores: beta-binomial model, fitted by marginal maximum likelihood over all stores.

A store's rate is drawn from a beta distribution with mean mu and intraclass correlation rho = 1 / (a + b + 1); its
posterior is Beta(a + x, b + n - x). Skellam, J. G. (1948), Journal of the Royal Statistical Society B 10, 257-261
(the model); Griffiths, D. A. (1973), Biometrics 29, 637-648 (its likelihood as sums of logarithms).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from core.reporting.statistics.proportions import check_counts, is_small_sample, wilson

GAMMA_BOUNDS = (1e-9, 10.0)
"""Range searched for gamma = 1 / (a + b). Where all or none repeat in every store it would go to infinity, and the
posteriors would lose their width; at 10 (a correlation of 0.91) they keep one."""
GAMMA_STARTS = (1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 1.0, 10.0)
NO_GAIN = 1e-6
"""A log-likelihood this little above the binomial one is the binomial one: no variance between stores."""


@dataclass(frozen=True, slots=True)
class RankedStore:
    """A store's own rate and its posterior; rank is None for a small sample, or where there is no ranking."""

    key: str
    repeats: int
    clients: int
    rate: float
    posterior_mean: float
    interval: tuple[float, float]
    small_sample: bool
    rank: int | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Stores by posterior mean, highest first; those never ranked after them, by key."""

    distinguishable: bool
    """False where the estimated variance between stores is zero: they cannot be told apart, and there is no ranking."""
    mean: float | None
    """Mean of the distribution of stores' rates; None without clients."""
    rho: float
    """Intraclass correlation, 0 where stores cannot be told apart."""
    between_sd: float
    """Standard deviation of the true rates between stores."""
    stores: tuple[RankedStore, ...]


class _Likelihood:
    """Marginal log-likelihood above the binomial one, in logit of the mean and logarithm of gamma.

    With gamma = 1 / (a + b) every term is a logarithm of mu + j * gamma, 1 - mu + j * gamma or 1 + j * gamma, which
    stays exact as gamma goes to 0, where differences of log-gamma functions would lose all their digits.
    """

    def __init__(self, repeats: NDArray[np.int64], clients: NDArray[np.int64]) -> None:
        self.pooled = float(repeats.sum() / clients.sum())
        self._terms = [_exceedances(counts) for counts in (repeats, clients - repeats, clients)]
        self._steps = [np.arange(len(term), dtype=np.float64) for term in self._terms]
        self._binomial = repeats.sum() * math.log(self.pooled) + (clients - repeats).sum() * math.log1p(-self.pooled)

    def loss(self, point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Negative gain over the binomial model, and its gradient."""
        mu, gamma = float(special.expit(point[0])), math.exp(point[1])
        bases = (mu, float(special.expit(-point[0])), 1.0)
        inner = [base + gamma * steps for base, steps in zip(bases, self._steps, strict=True)]
        # Sums of products, not dot products: BLAS would start threads for these and keep the other processors spinning.
        back, away, drawn = (float((term * np.log(x)).sum()) for term, x in zip(self._terms, inner, strict=True))
        ratios = [term / x for term, x in zip(self._terms, inner, strict=True)]
        slopes = [float((ratio * steps).sum()) for ratio, steps in zip(ratios, self._steps, strict=True)]
        by_mu = float(ratios[0].sum() - ratios[1].sum()) * bases[0] * bases[1]
        by_gamma = (slopes[0] + slopes[1] - slopes[2]) * gamma
        return -(back + away - drawn - self._binomial), -np.array([by_mu, by_gamma])


def rank_stores(stores: Mapping[str, tuple[int, int]]) -> Ranking:
    """Rank stores, each (repeats, clients), by posterior mean with its 95 % interval.

    All stores with clients take part in the fit; those with a small sample are not ranked. Where the stores cannot be
    told apart, each gets the rate they have in common, with its Wilson interval.
    """
    for x, n in stores.values():
        check_counts(x, n)
    present = {key: counts for key, counts in sorted(stores.items()) if counts[1] > 0}
    if not present:
        return Ranking(distinguishable=False, mean=None, rho=0.0, between_sd=0.0, stores=())
    repeats = np.array([x for x, _ in present.values()], dtype=np.int64)
    clients = np.array([n for _, n in present.values()], dtype=np.int64)
    fit = _fit(repeats, clients)
    if fit is None:
        return _indistinguishable(present, int(repeats.sum()), int(clients.sum()))
    mean, gamma = fit
    rho = gamma / (1 + gamma)
    return Ranking(
        distinguishable=True,
        mean=mean,
        rho=rho,
        between_sd=math.sqrt(mean * (1 - mean) * rho),
        stores=_ranked(present, _posteriors(mean, gamma, repeats, clients)),
    )


def _fit(repeats: NDArray[np.int64], clients: NDArray[np.int64]) -> tuple[float, float] | None:
    """Mean and gamma of maximum likelihood; None where it is the binomial model, without variance between stores."""
    if len(clients) < 2 or repeats.sum() in {0, clients.sum()}:
        return None
    likelihood = _Likelihood(repeats, clients)
    # The likelihood can have a maximum both at the boundary and inside, hence a coarse look before the search.
    means = (likelihood.pooled, float(np.mean(repeats / clients)))
    starts = [np.array([special.logit(mean), math.log(gamma)]) for gamma in GAMMA_STARTS for mean in means]
    best = min(range(len(starts)), key=lambda index: likelihood.loss(starts[index])[0])
    if best < len(means) and _slope_at_zero(repeats, clients) <= 0:
        return None
    result = optimize.minimize(
        likelihood.loss,
        starts[best],
        jac=True,
        method="L-BFGS-B",
        bounds=[(-30.0, 30.0), (math.log(GAMMA_BOUNDS[0]), math.log(GAMMA_BOUNDS[1]))],
        options={"ftol": 1e-13, "gtol": 1e-7},
    )
    if result.fun > -NO_GAIN:
        return None
    return float(special.expit(result.x[0])), math.exp(result.x[1])


def _slope_at_zero(repeats: NDArray[np.int64], clients: NDArray[np.int64]) -> float:
    """Derivative of the log-likelihood by gamma at the binomial model, as in Tarone (1979), Biometrika 66, 585-590."""
    x, n = repeats.astype(np.float64), clients.astype(np.float64)
    mu = float(x.sum() / n.sum())
    return float((x * (x - 1) / mu + (n - x) * (n - x - 1) / (1 - mu) - n * (n - 1)).sum()) / 2


def _exceedances(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """For j = 0, 1, ... how many of the counts exceed j."""
    return (len(counts) - np.cumsum(np.bincount(counts))[:-1]).astype(np.float64)


def _posteriors(
    mean: float, gamma: float, repeats: NDArray[np.int64], clients: NDArray[np.int64]
) -> list[tuple[float, tuple[float, float]]]:
    """Posterior mean of each store with its 95 % interval."""
    alpha = repeats + mean / gamma
    beta = clients - repeats + (1 - mean) / gamma
    low, high = special.betaincinv(alpha, beta, 0.025), special.betaincinv(alpha, beta, 0.975)
    means = alpha / (alpha + beta)
    return list(zip(means.tolist(), zip(low.tolist(), high.tolist(), strict=True), strict=True))


def _ranked(
    stores: Mapping[str, tuple[int, int]], posteriors: list[tuple[float, tuple[float, float]]]
) -> tuple[RankedStore, ...]:
    """Stores in order; equal posterior means share a rank."""
    unranked = [
        RankedStore(key, x, n, x / n, mean, interval, is_small_sample(n), None)
        for (key, (x, n)), (mean, interval) in zip(stores.items(), posteriors, strict=True)
    ]
    ranked: list[RankedStore] = []
    for store in sorted(unranked, key=lambda store: (-store.posterior_mean, store.key)):
        if not store.small_sample:
            tied = ranked and ranked[-1].posterior_mean == store.posterior_mean
            ranked.append(replace(store, rank=ranked[-1].rank if tied else len(ranked) + 1))
    return (*ranked, *(store for store in unranked if store.small_sample))


def _indistinguishable(stores: Mapping[str, tuple[int, int]], repeats: int, clients: int) -> Ranking:
    """All stores at their common rate: the posterior without variance between them."""
    common = repeats / clients
    interval = wilson(repeats, clients) or (0.0, 1.0)
    return Ranking(
        distinguishable=False,
        mean=common,
        rho=0.0,
        between_sd=0.0,
        stores=tuple(
            RankedStore(key, x, n, x / n, common, interval, is_small_sample(n), None) for key, (x, n) in stores.items()
        ),
    )
