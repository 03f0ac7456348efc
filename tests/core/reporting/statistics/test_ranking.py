import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from core.reporting.statistics.proportions import wilson
from core.reporting.statistics.ranking import rank_stores

STORES = st.dictionaries(
    st.sampled_from("abcdefghijkl"),
    st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    max_size=12,
)


def drawn_stores(seed: int, size: int, sd: float) -> dict[str, tuple[int, int]]:
    rng = np.random.default_rng(seed)
    clients = rng.integers(5, 3000, size=size)
    rates = np.clip(rng.normal(0.42, sd, size), 0.01, 0.99)
    return {
        f"s{index:03}": (int(rng.binomial(n, rate)), int(n))
        for index, (n, rate) in enumerate(zip(clients, rates, strict=True))
    }


@pytest.mark.parametrize(("seed", "size", "sd"), [(1, 12, 0.08), (2, 60, 0.05), (3, 40, 0.2)])
def test_fit_and_posteriors_are_those_of_scipy(seed: int, size: int, sd: float) -> None:
    stores = drawn_stores(seed, size, sd)
    x, n = (np.array(column) for column in zip(*stores.values(), strict=True))

    def loss(point: np.ndarray) -> float:
        a, b = np.exp(point)
        return -float(np.sum(stats.betabinom.logpmf(x, n, a, b)))

    found = optimize.minimize(loss, [2.0, 2.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    a, b = np.exp(found.x)
    result = rank_stores(stores)
    assert result.distinguishable
    assert result.mean == pytest.approx(a / (a + b), rel=1e-4)
    assert result.rho == pytest.approx(1 / (a + b + 1), rel=1e-3)
    assert result.between_sd == pytest.approx(stats.beta(a, b).std(), rel=1e-3)
    for store in result.stores:
        posterior = stats.beta(a + store.repeats, b + store.clients - store.repeats)
        assert store.posterior_mean == pytest.approx(posterior.mean(), abs=1e-5)
        assert store.interval == pytest.approx(posterior.interval(0.95), abs=1e-5)


def test_ranks_follow_the_posterior_mean_and_skip_small_samples() -> None:
    result = rank_stores({"low": (20, 200), "tiny": (25, 25), "high": (160, 200), "mid": (100, 200), "none": (0, 0)})
    assert [(store.key, store.rank) for store in result.stores] == [
        ("high", 1),
        ("mid", 2),
        ("low", 3),
        ("tiny", None),
    ]
    assert [store.small_sample for store in result.stores] == [False, False, False, True]


def test_equal_stores_share_a_rank() -> None:
    result = rank_stores({"b": (160, 200), "a": (160, 200), "c": (20, 200)})
    assert [(store.key, store.rank) for store in result.stores] == [("a", 1), ("b", 1), ("c", 3)]


def test_small_stores_take_part_in_the_fit() -> None:
    stores = {"a": (100, 200), "b": (80, 200), "c": (120, 200)}
    with_small = rank_stores(stores | {f"small {index}": (20 * (index % 2), 20) for index in range(6)})
    assert with_small.rho > 5 * rank_stores(stores).rho


def test_stores_alike_cannot_be_told_apart() -> None:
    stores = {"b": (40, 100), "a": (80, 200), "c": (4, 10)}
    result = rank_stores(stores)
    assert not result.distinguishable
    assert (result.rho, result.between_sd) == (0, 0)
    assert result.mean == pytest.approx(124 / 310)
    assert [store.key for store in result.stores] == ["a", "b", "c"]
    assert {store.rank for store in result.stores} == {None}
    assert {store.interval for store in result.stores} == {wilson(124, 310)}


@pytest.mark.parametrize(
    "stores",
    [
        {"a": (0, 50), "b": (0, 500)},
        {"a": (50, 50), "b": (500, 500)},
        {"a": (20, 50)},
        {"a": (1, 1), "b": (0, 1), "c": (1, 1)},
    ],
)
def test_without_evidence_of_variance_there_is_no_ranking(stores: dict[str, tuple[int, int]]) -> None:
    result = rank_stores(stores)
    assert not result.distinguishable
    assert len(result.stores) == len(stores)
    assert all(store.interval[0] <= store.posterior_mean <= store.interval[1] for store in result.stores)


def test_no_stores() -> None:
    result = rank_stores({"empty": (0, 0)})
    assert (result.distinguishable, result.mean, result.stores) == (False, None, ())


def test_stores_where_all_or_none_repeat_are_told_apart() -> None:
    result = rank_stores({"none": (0, 100), "all": (100, 100)})
    assert result.distinguishable
    assert result.rho > 0.9
    assert [store.key for store in result.stores] == ["all", "none"]
    assert result.stores[0].interval[0] > 0.9
    assert result.stores[1].interval[1] < 0.1


def test_stores_drawn_at_one_rate_are_mostly_not_told_apart_and_others_are() -> None:
    alike = [rank_stores(drawn_stores(seed, 40, 0.0)) for seed in range(20)]
    # The boundary of the parameter is reached about half the time; otherwise the variance estimated is next to nothing.
    assert sum(not result.distinguishable for result in alike) >= 5
    assert all(result.between_sd < 0.02 for result in alike)
    assert rank_stores(drawn_stores(5, 40, 0.1)).between_sd == pytest.approx(0.1, abs=0.04)


@given(STORES)
def test_posteriors_lie_between_the_own_rate_and_the_mean(stores: dict[str, tuple[int, int]]) -> None:
    result = rank_stores(stores)
    assert {store.key for store in result.stores} == {key for key, (_, n) in stores.items() if n}
    ranks = [store.rank for store in result.stores if store.rank is not None]
    assert ranks == sorted(ranks)
    for store in result.stores:
        assert result.mean is not None
        low, high = sorted((store.rate, result.mean))
        assert low - 1e-9 <= store.posterior_mean <= high + 1e-9
        assert 0 <= store.interval[0] <= store.posterior_mean <= store.interval[1] <= 1
        assert store.rank is None or (result.distinguishable and store.clients >= 30)


@given(STORES)
def test_no_beta_binomial_beats_the_fit(stores: dict[str, tuple[int, int]]) -> None:
    present = [counts for counts in stores.values() if counts[1]]
    repeats, clients = sum(x for x, _ in present), sum(n for _, n in present)
    if not 0 < repeats < clients:
        return
    x, n = (np.array(column) for column in zip(*present, strict=True))
    result = rank_stores(stores)
    assert result.mean is not None
    if result.distinguishable:
        size = (1 - result.rho) / result.rho
        fitted = np.sum(stats.betabinom.logpmf(x, n, result.mean * size, (1 - result.mean) * size))
    else:
        fitted = np.sum(stats.binom.logpmf(x, n, result.mean))
    for rho in (0.001, 0.01, 0.05, 0.2, 0.5, 0.8):
        for mean in (repeats / clients, result.mean, float(np.mean(x / n))):
            if 0 < mean < 1:
                size = (1 - rho) / rho
                other = np.sum(stats.betabinom.logpmf(x, n, mean * size, (1 - mean) * size))
                assert other <= fitted + 1e-4
