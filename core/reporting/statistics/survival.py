"""Return within a number of days, by Kaplan-Meier on counts by day."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.reporting.statistics.proportions import Z, clopper_pearson

Counts = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class ReturnWithin:
    """Share of clients who return within a horizon, and its interval."""

    rate: float
    interval: tuple[float, float]


def kaplan_meier_return(
    returned: Counts, censored: Counts, *, followed: int, followed_returned: int
) -> ReturnWithin | None:
    """1 - S(horizon), interval by the log-log transform of Greenwood's variance; None where nobody was followed for the
    whole horizon.

    `returned` and `censored` are numbers of clients by day, from 0 through the horizon: who returned that day, and
    whose follow-up ended that day without it (or who had not returned at the horizon). Who is censored on a day is
    still at risk on it. `followed` were followed for the whole horizon or more, of whom `followed_returned` returned
    within it: where S is 0 or 1 the interval is Clopper-Pearson's on them.
    Kaplan, E. L., Meier, P. (1958), Journal of the American Statistical Association 53, 457-481; Kalbfleisch, J. D.,
    Prentice, R. L. (1980), The Statistical Analysis of Failure Time Data, 1.3 (the transform).
    """
    if not followed:
        return None
    survival, variance_sum = _product_limit(returned, censored)
    if 0 < survival < 1:
        half = Z * math.sqrt(variance_sum) / abs(math.log(survival))
        interval = 1 - survival ** math.exp(-half), 1 - survival ** math.exp(half)
    else:
        interval = clopper_pearson(followed_returned, followed) or (0.0, 1.0)
    return ReturnWithin(1 - survival, interval)


def _product_limit(returned: Counts, censored: Counts) -> tuple[float, float]:
    """S at the horizon, and Greenwood's sum of d / (n * (n - d)) over the days up to it."""
    gone = np.cumsum(returned + censored)
    at_risk = np.concatenate(([gone[-1]], gone[-1] - gone[:-1]))
    days = np.flatnonzero(returned)
    events, at_risk = returned[days], at_risk[days]
    stayed = at_risk - events
    if np.any(stayed == 0):
        return 0.0, 0.0
    return float(np.prod(stayed / at_risk)), float(np.sum(events / (at_risk * stayed)))
