"""A measured figure beside a named alternative measured in the same run."""

import math
import time
from collections.abc import Callable
from typing import TypedDict


class Row(TypedDict):
    name: str
    value: float
    unit: str
    alternative: str
    alternative_value: float
    ratio: float


def row(name: str, value: float, unit: str, *, than: str, alternative: float) -> Row:
    """`ratio` is how many times the alternative's figure ours is; below 1 it is smaller."""
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "alternative": than,
        "alternative_value": alternative,
        "ratio": value / alternative,
    }


def best_ms(action: Callable[[], object], times: int = 5) -> float:
    """The shortest of several runs, in milliseconds, after one to warm up."""
    action()
    return min(one_ms(action) for _ in range(times))


def one_ms(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def percentile(values: list[float], share: float) -> float:
    """By nearest rank."""
    return sorted(values)[math.ceil(share * len(values)) - 1]
