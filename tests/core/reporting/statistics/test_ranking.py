import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.reporting.statistics.funnel import Expected
from core.reporting.statistics.ranking import LARGEST_SD, Ranking, rank_stores

STORES = st.dictionaries(
    st.sampled_from("abcdefghijkl"),
    st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    max_size=12,
)


def expected_alike(stores: dict[str, tuple[int, int]]) -> list[Expected]:
    """All clients are of one kind."""
    clients = sum(n for _, n in stores.values())
    rate = sum(x for x, _ in stores.values()) / clients if clients else 0.0
    return [Expected(key, n, x, n * rate, n * rate * (1 - rate)) for key, (x, n) in stores.items()]


def ranking(stores: dict[str, tuple[int, int]]) -> Ranking:
    return rank_stores(expected_alike(stores))


def drawn_stores(seed: int, size: int, sd: float) -> dict[str, tuple[int, int]]:
    rng = np.random.default_rng(seed)
    clients = rng.integers(40, 600, size=size)
    rates = np.clip(rng.normal(0.42, sd, size), 0.01, 0.99)
    return {
        f"s{index:03}": (int(rng.binomial(n, rate)), int(n))
        for index, (n, rate) in enumerate(zip(clients, rates, strict=True))
    }


def by_plain_grid(stores: list[Expected]) -> dict[str, tuple[float, float, float]]:
    """Posterior mean and interval of each value: scipy's beta-binomial and beta distributions on a fine even grid."""
    pooled = sum(s.observed for s in stores) / sum(s.clients for s in stores)
    means, sds = np.linspace(0.2, 0.7, 121), (np.arange(60) + 0.5) / 60 * LARGEST_SD
    mean, sd = (axis.ravel() for axis in np.meshgrid(means, sds))
    shapes, found = {}, np.zeros(len(mean))
    for s in stores:
        ratio = s.expected / s.clients / pooled
        rate = mean * ratio
        size = rate * (1 - rate) / (sd * ratio) ** 2 - 1
        shapes[s.key] = (ratio, rate * size, (1 - rate) * size)
        found += stats.betabinom.logpmf(s.observed, s.clients, rate * size, (1 - rate) * size)
    weight = np.exp(found - found.max())
    weight /= weight.sum()
    results, kept = {}, weight > 1e-6
    for s in stores:
        ratio, a, b = shapes[s.key]
        a, b = a + s.observed, b + s.clients - s.observed
        middle = weight @ (a / (a + b))
        points = np.linspace(max(0.0, middle - 0.25), min(1.0, middle + 0.25), 301)
        below = np.array([weight[kept] @ stats.beta.cdf(point, a[kept], b[kept]) for point in points])
        low, high = (float(np.interp(tail, below, points)) / ratio for tail in (0.025, 0.975))
        results[s.key] = (float(weight @ (a / (a + b))) / ratio, low, high)
    return results


@pytest.mark.parametrize(("seed", "size", "sd"), [(1, 6, 0.08), (2, 12, 0.05)])
def test_values_and_intervals_are_those_of_a_plain_grid(seed: int, size: int, sd: float) -> None:
    stores = expected_alike(drawn_stores(seed, size, sd))
    # Of the first store's clients fewer are expected to come back.
    first = stores[0]
    stores[0] = Expected(first.key, first.clients, first.observed, first.expected * 0.8, first.variance)
    result = rank_stores(stores)
    assert result.distinguishable
    plain = by_plain_grid(stores)
    for store in result.stores:
        assert (store.value, *store.interval) == pytest.approx(plain[store.key], abs=1e-3)


def test_ranks_follow_the_value_and_skip_small_samples() -> None:
    result = ranking({"low": (20, 200), "tiny": (25, 25), "high": (160, 200), "mid": (100, 200), "none": (0, 0)})
    assert [(store.key, store.rank) for store in result.stores] == [
        ("high", 1),
        ("mid", 2),
        ("low", 3),
        ("tiny", None),
    ]
    assert [store.rank_interval for store in result.stores] == [(1, 1), (2, 2), (3, 3), None]


def test_a_store_is_ranked_by_what_is_expected_of_its_clients() -> None:
    """`late` has a lower rate than the others, with clients of whom fewer are expected to come back."""
    plain = {"a": (80, 200), "b": (60, 200), "c": (100, 200), "d": (70, 200)}
    stores = [Expected(key, n, x, 77.5, 47.0) for key, (x, n) in plain.items()]
    result = rank_stores([*stores, Expected("late", 200, 60, 30.0, 25.0)])
    assert result.stores[0].key == "late"
    assert result.stores[0].rank == 1


def test_equal_stores_share_a_rank() -> None:
    result = ranking({"b": (160, 200), "a": (160, 200), "c": (20, 200)})
    assert [(store.key, store.rank) for store in result.stores] == [("a", 1), ("b", 1), ("c", 3)]
    assert result.stores[0].rank_interval == (1, 2)


def test_small_stores_take_part_in_the_model() -> None:
    stores = {"a": (90, 200), "b": (85, 200), "c": (95, 200)}
    assert not ranking(stores).distinguishable
    assert ranking(stores | {f"small {index}": (20 * (index % 2), 20) for index in range(6)}).distinguishable


@pytest.mark.parametrize(
    "stores",
    [
        {},
        {"empty": (0, 0)},
        {"b": (40, 100), "a": (80, 200), "c": (4, 10)},
        {"a": (0, 50), "b": (0, 500)},
        {"a": (50, 50), "b": (500, 500)},
        {"a": (20, 50)},
        {"a": (1, 1), "b": (0, 1), "c": (1, 1)},
    ],
)
def test_without_evidence_of_variance_there_is_no_ranking(stores: dict[str, tuple[int, int]]) -> None:
    assert ranking(stores) == Ranking(distinguishable=False)


def test_a_store_of_which_no_repeat_is_expected_has_no_value() -> None:
    stores = expected_alike({"a": (160, 200), "b": (20, 200)})
    result = rank_stores([*stores, Expected("nobody", 40, 0, 0.0, 0.0)])
    assert {store.key for store in result.stores} == {"a", "b"}


def test_stores_drawn_at_one_rate_are_mostly_not_told_apart_and_others_are() -> None:
    alike = [ranking(drawn_stores(seed, 40, 0.0)).distinguishable for seed in range(20)]
    # The boundary of the parameter is reached about half the time.
    assert 4 <= sum(alike) <= 16
    assert all(ranking(drawn_stores(seed, 40, 0.1)).distinguishable for seed in range(5))


@settings(max_examples=25)
@given(STORES)
def test_values_lie_in_their_intervals_and_ranks_in_theirs(stores: dict[str, tuple[int, int]]) -> None:
    result = ranking(stores)
    ranks = [store.rank for store in result.stores if store.rank is not None]
    assert ranks == sorted(ranks)
    for store in result.stores:
        assert 0 <= store.interval[0] <= store.value <= store.interval[1] <= 1
        assert (store.rank is None) == (stores[store.key][1] < 30)
        if store.rank_interval:
            assert 1 <= store.rank_interval[0] <= store.rank_interval[1] <= len(ranks)


@settings(max_examples=25)
@given(STORES)
def test_there_is_a_ranking_where_a_beta_binomial_beats_one_rate(stores: dict[str, tuple[int, int]]) -> None:
    """By scipy's beta-binomial distribution at many means and deviations."""
    present = [counts for counts in stores.values() if counts[1]]
    repeats, clients = sum(x for x, _ in present), sum(n for _, n in present)
    if not 0 < repeats < clients:
        return
    x, n = (np.array(column) for column in zip(*present, strict=True))
    alike = float(np.sum(stats.binom.logpmf(x, n, repeats / clients)))
    best = -np.inf
    for sd in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2):
        for mean in np.linspace(0.02, 0.98, 49):
            size = mean * (1 - mean) / sd**2 - 1
            if size > 0.05:
                best = max(best, float(np.sum(stats.betabinom.logpmf(x, n, mean * size, (1 - mean) * size))))
    if best > alike + 1e-4:
        assert ranking(stores).distinguishable
