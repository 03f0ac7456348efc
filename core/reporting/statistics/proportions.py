"""Intervals of one proportion."""

import math
from functools import cache

from scipy import special

MINIMUM_CLIENTS = 30
"""Below this many clients a rate is marked as a small sample and never ranked."""


@cache
def normal_quantile(confidence: float) -> float:
    """Two-sided standard normal quantile: 1.96 for 95 %."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, not {confidence}")
    return float(special.ndtri((1 + confidence) / 2))


def is_small_sample(n: int) -> bool:
    """Whether a rate over n clients has to be marked as a small sample."""
    return n < MINIMUM_CLIENTS


def check_counts(x: int, n: int) -> None:
    """Refuse counts that cannot be x clients out of n."""
    if not 0 <= x <= n:
        raise ValueError(f"{x} out of {n} is not a proportion")


def wilson(x: int, n: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """Wilson's score interval without continuity correction; None when n is 0.

    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.
    """
    check_counts(x, n)
    if n == 0:
        return None
    z = normal_quantile(confidence)
    rate = x / n
    centre = (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(n * rate * (1 - rate) + z * z / 4)
    # At the ends the formula gives exactly 0 and 1; rounding must not take the estimate out of its own interval.
    low = 0.0 if x == 0 else min(centre - half, rate)
    high = 1.0 if x == n else max(centre + half, rate)
    return low, high


def clopper_pearson(x: int, n: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """Exact binomial interval from beta quantiles; None when n is 0.

    Clopper, C. J., Pearson, E. S. (1934), Biometrika 26, 404-413.
    """
    check_counts(x, n)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, not {confidence}")
    if n == 0:
        return None
    tail = (1 - confidence) / 2
    low = 0.0 if x == 0 else float(special.betaincinv(x, n - x + 1, tail))
    high = 1.0 if x == n else float(special.betaincinv(x + 1, n - x, 1 - tail))
    return low, high
