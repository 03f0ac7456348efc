"""Integer shares and drawing to a fixed number, so that margins come out exactly and not only on average."""

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")


def stream(*names: object) -> Random:
    """A source of randomness of its own for each step, so that changing one step leaves the others as they are."""
    return Random(":".join(str(name) for name in names))  # noqa: S311 - invented data, nothing secret


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in whole numbers by weight, by largest remainder."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    shares = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares


def pick(rng: Random, things: Sequence[Thing], count: int, weight: Callable[[Thing], float]) -> list[Thing]:
    """`count` of the things without replacement, each by its weight (Efraimidis and Spirakis 2006), in their order."""
    keys = [math.log(1.0 - rng.random()) / weight(thing) for thing in things]
    chosen = sorted(sorted(range(len(things)), key=lambda i: -keys[i])[:count])
    return [things[i] for i in chosen]


def fit_total(rng: Random, counts: list[int], total: int, limits: Sequence[tuple[int, int]]) -> None:
    """Raise or lower single counts by one, within their limits, until they add up to the total."""
    missing = total - sum(counts)
    step = 1 if missing > 0 else -1
    while missing:
        free = [i for i, (low, high) in enumerate(limits) if low <= counts[i] + step <= high]
        if not free:
            raise ValueError(f"{missing} more do not fit within the limits")
        for i in rng.sample(free, min(abs(missing), len(free))):
            counts[i] += step
            missing -= step


def draw(rng: Random, options: Sequence[Thing], weights: Sequence[float]) -> Thing:
    return rng.choices(options, weights)[0]
