"""Intervals of one proportion, at 95 %."""

import math

MINIMUM_CLIENTS = 30
"""Below this many clients a rate is marked as a small sample and never ranked."""
Z = 1.959963984540054
"""Of intervals at 95 %: 1.96."""


def is_small_sample(n: int) -> bool:
    """Whether a rate over n clients has to be marked as a small sample."""
    return n < MINIMUM_CLIENTS


def check_counts(x: int, n: int) -> None:
    """Refuse counts that cannot be x clients out of n."""
    if not 0 <= x <= n:
        raise ValueError(f"{x} out of {n} is not a proportion")


def wilson(x: int, n: int) -> tuple[float, float] | None:
    """Wilson's score interval without continuity correction; None when n is 0.

    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.
    """
    check_counts(x, n)
    if n == 0:
        return None
    rate = x / n
    centre = (x + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * math.sqrt(n * rate * (1 - rate) + Z * Z / 4)
    # At the ends the formula gives exactly 0 and 1; rounding must not take the estimate out of its own interval.
    low = 0.0 if x == 0 else min(centre - half, rate)
    high = 1.0 if x == n else max(centre + half, rate)
    return low, high


def clopper_pearson(x: int, n: int) -> tuple[float, float] | None:
    """Exact binomial interval from beta quantiles; None when n is 0.

    Clopper, C. J., Pearson, E. S. (1934), Biometrika 26, 404-413.
    """
    # Metrics are known to every command, which would load it for nothing: 30 MB and a fifth of a second.
    from scipy import special

    check_counts(x, n)
    if n == 0:
        return None
    low = 0.0 if x == 0 else float(special.betaincinv(x, n - x + 1, 0.025))
    high = 1.0 if x == n else float(special.betaincinv(x + 1, n - x, 0.975))
    return low, high


def widened(interval: tuple[float, float] | None, about: float | None, by: float) -> tuple[float, float] | None:
    """The interval with its limits `by` times as far from the value, cut to [0, 1]."""
    if interval is None or about is None or by == 1:
        return interval
    low, high = interval
    return max(0.0, about - by * (about - low)), min(1.0, about + by * (high - about))
