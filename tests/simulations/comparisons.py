"""How often comparisons are wrong where the truth is known: `python -m tests.simulations.comparisons`, some minutes.

Prints, for chains drawn by chance: how often the test of city tiers finds a difference where there is none, how often a
store like all others lies outside the 95 % limits of the funnel (also one opened late), how often the ranking's
intervals hold a store's true value and rank, and how often a change's interval holds the true change.
"""

import sys
from collections.abc import Callable

import numpy as np

from core.reporting.statistics.change import contributions, of_stores, summed_variances
from core.reporting.statistics.funnel import Expected, funnel
from core.reporting.statistics.homogeneity import store_test
from core.reporting.statistics.proportions import Z
from core.reporting.statistics.ranking import rank_stores

RNG = np.random.default_rng(20251130)
RATE = 0.42
# How often clients come back by kind: new and returning × third of the period, and the shares of these kinds.
KINDS = np.array([0.6, 0.45, 0.25, 0.5, 0.35, 0.15])
SHARES, SHARES_LATE = [0.2, 0.2, 0.1, 0.2, 0.2, 0.1], [0, 0, 0.5, 0, 0, 0.5]


def share(hits: Callable[[], float], draws: int) -> float:
    return float(np.mean([hits() for _ in range(draws)]))


def rates(sd: float, stores: int) -> np.ndarray:
    return np.clip(RNG.normal(RATE, sd, stores), 0.01, 0.99)


def tiers_found_different(sd: float, stores: int) -> bool:
    """Three tiers whose stores are all drawn alike."""
    tiers = {}
    for tier in "123":
        clients = RNG.integers(80, 250, stores)
        repeats = RNG.binomial(clients, rates(sd, stores))
        tiers[tier] = list(zip(repeats.tolist(), clients.tolist(), strict=True))
    test = store_test(tiers)
    return test is not None and test.beyond_chance


def stores_outside(stores: int) -> list[bool]:
    """All do the same; the last one opened late and met only clients of the last third."""
    clients = RNG.multinomial(150, SHARES, stores)
    clients[-1] = RNG.multinomial(60, SHARES_LATE)
    repeats = RNG.binomial(clients, KINDS)
    p = repeats.sum(0) / np.maximum(clients.sum(0), 1)
    units = [
        Expected(str(i), int(n.sum()), int(x.sum()), float((n * p).sum()), float((n * p * (1 - p)).sum()))
        for i, (n, x) in enumerate(zip(clients, repeats, strict=True))
    ]
    found = funnel(units, float(repeats.sum() / clients.sum()))
    return [found.positions[str(i)] != "inside" for i in range(stores)]


def ranking_holds(sd: float, stores: int) -> list[tuple[bool, bool]]:
    """For each store, whether its value and its rank lie in their intervals; empty where there is no ranking."""
    true = rates(sd, stores)
    repeats = RNG.binomial(150, true)
    p = repeats.sum() / (150 * stores)
    units = [Expected(str(i), 150, int(x), 150 * p, 150 * p * (1 - p)) for i, x in enumerate(repeats)]
    held = []
    for store in rank_stores(units).stores:
        value, low_high = true[int(store.key)], store.rank_interval or (0, 0)
        rank = 1 + int((true > value).sum())
        held.append((store.interval[0] <= value <= store.interval[1], low_high[0] <= rank <= low_high[1]))
    return held


def change_holds(stores: int, sd_of_stores: float) -> bool:
    """Clients of whom half come in both years, and are as prone to come back in either; the stores of a place change by
    chance, and the place as a whole does not."""
    count = 120 * stores
    prone, store = RNG.beta(2, 3, count), np.arange(count) % stores
    drift = RNG.normal(0, sd_of_stores, stores)
    seen = [RNG.random(count) < 0.75, RNG.random(count) < 0.75]
    came = [RNG.random(count) < np.clip(prone + sign * drift[store] / 2, 0, 1) for sign in (1, -1)]
    parts, ids, places = [], [], []
    means = []
    for which, sign in enumerate((1, -1)):
        rows = np.flatnonzero(seen[which])
        repeats = came[which][rows].astype(np.int64)
        nothing = np.zeros(len(rows), np.int64)
        parts.append(sign * contributions(repeats, np.ones(len(rows), np.int64), nothing, 1))
        ids.append(rows)
        places.append(store[rows])
        means.append(repeats.mean())
    joined, none = np.concatenate(parts), np.zeros(sum(map(len, parts)), np.int64)
    by_client = summed_variances(joined, np.concatenate(ids), none, 1)
    by_store = summed_variances(joined, np.concatenate(places), none, 1)
    variance = of_stores(by_client, by_store, np.array([stores]))[0]
    return bool(abs(means[0] - means[1]) <= Z * np.sqrt(variance))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    for sd in (0.04, 0.05, 0.06):
        for stores in (4, 12):
            wrong = share(lambda sd=sd, n=stores: tiers_found_different(sd, n), 4000)  # type: ignore[misc]
            say(f"three tiers of {stores} stores that differ by {sd}: found different {wrong:.1%}")
    for stores in (6, 12, 36, 100):
        outside = np.array([stores_outside(stores) for _ in range(2000)])
        say(f"{stores} stores alike: outside {outside[:, :-1].mean():.1%}, opened late {outside[:, -1].mean():.1%}")
    for stores in (6, 8, 12):
        for sd in (0.03, 0.05, 0.08):
            held = np.array([one for _ in range(500) for one in ranking_holds(sd, stores)])
            values, ranks = held.mean(axis=0)
            say(f"{stores} stores that differ by {sd}: values held {values:.1%}, ranks {ranks:.1%}")
    for stores in (1, 2, 3, 4, 6, 12, 30):
        for sd in (0.0, 0.05):
            kept = share(lambda n=stores, sd=sd: change_holds(n, sd), 2000)  # type: ignore[misc]
            say(f"a place of {stores} stores that change by {sd}: change held {kept:.1%}")


if __name__ == "__main__":
    main()
