"""Pearson's r over cells of stores, its interval by drawing stores again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

DRAWS, SEED = 2000, 20_260_101
FEWEST = 8

Reason = Literal["too_few_cells", "too_few_stores", "no_variance"]


@dataclass(frozen=True)
class Correlation:
    """With the reason where there is no coefficient."""

    r: float | None
    interval: tuple[float, float] | None
    cells: int
    stores: int
    reason: Reason | None = None


def correlation(cells: Sequence[tuple[str, float, float]]) -> Correlation:
    """Of (store, x, y): cells of one store are not independent, so that whole stores are drawn (2,000 draws, percentile
    interval). Field, C. A., Welsh, A. H. (2007), Journal of the Royal Statistical Society B 69, 369-390."""
    names = sorted({store for store, _x, _y in cells})
    number = len(cells), len(names)
    if len(cells) < FEWEST:
        return Correlation(None, None, *number, "too_few_cells")
    if len(names) < FEWEST:
        return Correlation(None, None, *number, "too_few_stores")
    x, y = np.array([(x, y) for _store, x, y in cells], float).T
    # Moments about the mean: those about 0 would lose digits.
    x, y = x - x.mean(), y - y.mean()
    which = np.searchsorted(names, [store for store, _x, _y in cells])
    moments = np.array([np.bincount(which, v, len(names)) for v in (np.ones(len(x)), x, y, x * x, y * y, x * y)]).T
    r = float(_coefficients(moments.sum(axis=0)))
    if np.isnan(r):
        return Correlation(None, None, *number, "no_variance")
    random = np.random.default_rng(SEED)
    drawn = random.multinomial(len(names), np.full(len(names), 1 / len(names)), DRAWS) @ moments
    of_draws = _coefficients(drawn.T)
    low, high = np.nanquantile(of_draws, (0.025, 0.975)).tolist()
    return Correlation(r, (low, high), *number)


def _coefficients(moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """From sums of 1, x, y, x², y², xy; nan where one of the two does not vary."""
    n, x, y, xx, yy, xy = moments
    spread_x, spread_y, both = n * xx - x * x, n * yy - y * y, n * xy - x * y
    varies = (spread_x > 1e-12 * n * n) & (spread_y > 1e-12 * n * n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(varies, np.clip(both / np.sqrt(spread_x * spread_y), -1, 1), np.nan)
