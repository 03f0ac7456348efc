"""M2, return within N days, by Kaplan-Meier."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.reporting.statistics.proportions import clopper_pearson, normal_quantile


@dataclass(frozen=True, slots=True)
class ReturnWithin:
    """Share of clients who return within a horizon; rate and interval are None where nobody was followed so long."""

    horizon: int
    clients: int
    followed: int
    """Clients followed for the whole horizon or more."""
    not_mature: int
    """Clients followed for less."""
    rate: float | None
    interval: tuple[float, float] | None


def kaplan_meier_return(
    gaps: Sequence[int | None], followed: Sequence[int], horizon: int, confidence: float = 0.95
) -> ReturnWithin | None:
    """1 - S(horizon), interval by the log-log transform of Greenwood's variance; None without clients.

    `gaps` are days from each client's first day to the next one, None where it is not seen; `followed` are days from
    the first day to the as-of date, where a client who has not returned is censored. One censored on a day is still at
    risk on it. Where S is 0 or 1 the interval is Clopper-Pearson's on the clients followed for the whole horizon.
    Kaplan, E. L., Meier, P. (1958), Journal of the American Statistical Association 53, 457-481; Kalbfleisch, J. D.,
    Prentice, R. L. (1980), The Statistical Analysis of Failure Time Data, 1.3 (the transform).
    """
    if not gaps:
        return None
    follow_up = np.asarray(followed, dtype=np.int64)
    returned = np.array([gap is not None for gap in gaps])
    durations = np.where(returned, np.array([gap or 0 for gap in gaps], dtype=np.int64), follow_up)
    mature = follow_up >= horizon
    counts = (len(gaps), int(mature.sum()), int((~mature).sum()))
    if counts[1] == 0:
        return ReturnWithin(horizon, *counts, rate=None, interval=None)
    survival, variance_sum = _product_limit(durations, returned, horizon)
    if 0 < survival < 1:
        half = normal_quantile(confidence) * math.sqrt(variance_sum) / abs(math.log(survival))
        interval = 1 - survival ** math.exp(-half), 1 - survival ** math.exp(half)
    else:
        back = int((mature & returned & (durations <= horizon)).sum())
        interval = clopper_pearson(back, counts[1], confidence) or (0.0, 1.0)
    return ReturnWithin(horizon, *counts, rate=1 - survival, interval=interval)


def _product_limit(durations: NDArray[np.int64], returned: NDArray[np.bool_], horizon: int) -> tuple[float, float]:
    """S(horizon), and Greenwood's sum of d / (n * (n - d)) over the days up to it."""
    days, events = np.unique(durations[returned & (durations <= horizon)], return_counts=True)
    at_risk = len(durations) - np.searchsorted(np.sort(durations), days, side="left")
    stayed = at_risk - events
    if np.any(stayed == 0):
        return 0.0, 0.0
    return float(np.prod(stayed / at_risk)), float(np.sum(events / (at_risk * stayed)))
