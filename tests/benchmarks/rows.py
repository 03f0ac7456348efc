"""A measured figure beside a named alternative measured in the same run, or beside the most it may be."""

import math
import time
from collections.abc import Callable
from typing import NotRequired, TypedDict

# The alternative of a budget: a figure above it fails the run.
ALLOWED = "allowed"


class Row(TypedDict):
    name: str
    value: float
    unit: str
    alternative: str
    alternative_value: float
    ratio: float
    # Milliseconds of processor time: here, and in the database's backend.
    cpu: NotRequired[tuple[float, float]]


def row(
    name: str, value: float, unit: str, *, than: str, alternative: float, cpu: tuple[float, float] | None = None
) -> Row:
    """`ratio` is how many times the alternative's figure ours is; below 1 it is smaller."""
    made: Row = {
        "name": name,
        "value": value,
        "unit": unit,
        "alternative": than,
        "alternative_value": alternative,
        "ratio": value / alternative if alternative else math.inf,
    }
    return {**made, "cpu": cpu} if cpu else made


def is_missed(measured: Row) -> bool:
    return measured["alternative"] == ALLOWED and measured["ratio"] > 1


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
