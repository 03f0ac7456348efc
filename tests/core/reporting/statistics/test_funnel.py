import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.reporting.statistics.funnel import (
    Expected,
    Funnel,
    at_one_rate,
    funnel,
    interpolated_quantiles,
    winsorised_normal,
)

RATE = st.floats(0.001, 0.999)


def store(key: str, observed: int, clients: int, rate: float) -> Expected:
    return Expected(key, clients, observed, clients * rate, clients * rate * (1 - rate))


def funnel_of(stores: dict[str, tuple[int, int]], rate: float) -> Funnel:
    return funnel([store(key, x, n, rate) for key, (x, n) in stores.items()], rate)


def reference_limit(p: float, n: int, rate: float) -> float:
    """Spiegelhalter's formula by scipy's binomial distribution, a point at a time."""
    r = int(stats.binom.ppf(p, n, rate))
    at, below = stats.binom.cdf(r, n, rate), stats.binom.cdf(r - 1, n, rate)
    return float(r - (at - p) / (at - below))


def test_quantiles_of_two_clients_by_hand() -> None:
    # P(R <= r) = 1/4, 3/4, 1. At 0.975, r = 2 and alpha = (1 - 0.975) / (1/4) = 0.1; below, alpha = 0.9 ends under 0.
    assert interpolated_quantiles(2, 0.5)[2:] == pytest.approx((1.9, 2 - 0.004))
    limits = funnel([], 0.5).limits([2])
    assert limits.upper_95 == pytest.approx((0.95,))
    assert limits.lower_95 == limits.lower_998 == (0.0,)


@given(st.integers(1, 20_000), RATE)
def test_small_expected_counts_have_interpolated_exact_limits_and_others_normal_ones(n: int, rate: float) -> None:
    found = funnel([], rate).limits([n])
    lines = (found.lower_998[0], found.lower_95[0], found.upper_95[0], found.upper_998[0])
    ends = (0.001, 0.025, 0.975, 0.999)
    if min(n * rate, n - n * rate) < 5:
        expected = [reference_limit(p, n, rate) / n for p in ends]
    else:
        expected = [float(stats.norm.ppf(p, rate, math.sqrt(rate * (1 - rate) / n))) for p in ends]
    assert lines == pytest.approx([min(max(limit, 0.0), 1.0) for limit in expected], abs=1e-7)


def test_a_limit_needs_a_client() -> None:
    with pytest.raises(ValueError, match="at least one client"):
        funnel([], 0.4).limits([10, 0])


def test_what_is_expected_follows_the_clients_of_a_store() -> None:
    """Half of the clients come back at 0.2, half at 0.6, as numbers of the strata by hand."""
    mixed = Expected("a", 200, 50, 100 * 0.2 + 100 * 0.6, 100 * 0.16 + 100 * 0.24)
    found = funnel([mixed], 0.4)
    z = (50 - 80) / math.sqrt(40)
    assert found.stores["a"].z == pytest.approx(z)
    assert found.phi == pytest.approx(z * z)
    assert found.applied == found.phi
    assert found.positions == {"a": "inside"}


def test_positions_and_stores_without_clients() -> None:
    stores = {"in": (40, 100), "up": (51, 100), "far up": (60, 100), "down": (29, 100), "far down": (20, 100)}
    # Enough stores at the chain's rate keep the others from counting as overdispersion.
    plain = {f"plain {index}": (40, 100) for index in range(40)}
    result = funnel_of(stores | plain | {"empty": (0, 0)}, 0.4)
    assert result.applied == 1
    assert {key: result.positions[key] for key in stores} == {
        "in": "inside",
        "up": "above_95",
        "far up": "above_998",
        "down": "below_95",
        "far down": "below_998",
    }
    assert "empty" not in result.stores


def test_nobody_is_marked_below_thirty_clients() -> None:
    result = funnel_of({"small": (29, 29), "large": (30, 30)} | {str(i): (40, 100) for i in range(40)}, 0.4)
    assert "small" in result.stores
    assert "small" not in result.positions
    assert result.positions["large"] == "above_998"


def winsorised_by_sorting(scores: Sequence[float]) -> float:
    """By scipy.stats.mstats.winsorize, divided by the mean of many standard normal samples."""
    return float(np.mean(np.asarray(stats.mstats.winsorize(np.array(scores), limits=(0.1, 0.1))) ** 2))


@pytest.mark.parametrize("count", [10, 19, 25, 60, 300])
def test_what_winsorising_leaves_of_normal_scores_is_that_of_many_samples(count: int) -> None:
    scores = np.sort(np.random.default_rng(count).normal(size=(40_000, count)), axis=1)
    cut = count // 10
    pulled = np.clip(scores, scores[:, [cut]], scores[:, [count - 1 - cut]])
    assert winsorised_normal(count, cut) == pytest.approx(float(np.mean(pulled**2)), rel=0.006)


def test_few_stores_are_not_winsorised() -> None:
    assert winsorised_normal(9, 0) == 1
    scores = [0.5, -1.0, 2.0]
    result = funnel([Expected(str(i), 100, 50, 50 - 5 * z, 25.0) for i, z in enumerate(scores)], 0.5)
    assert result.phi == pytest.approx(sum(z * z for z in scores) / 3)


def test_overdispersion_is_winsorised_and_widens_the_limits_about_what_is_expected() -> None:
    rng = np.random.default_rng(7)
    rates = np.clip(rng.normal(0.4, 0.15, 57), 0.02, 0.98)
    stores = {f"s{index}": (int(rng.binomial(200, rate)), 200) for index, rate in enumerate(rates)}
    stores["outlier"] = (200, 200)
    result = funnel_of(stores, 0.4)
    z = [(x - n * 0.4) / math.sqrt(0.4 * 0.6 * n) for x, n in stores.values()]
    expected = winsorised_by_sorting(z) / winsorised_normal(58, 5)
    assert result.phi == pytest.approx(expected)
    wide = result.limits([500])
    assert wide.upper_95[0] - 0.4 == pytest.approx(1.959964 * math.sqrt(expected * 0.24 / 500), abs=1e-7)
    assert 0.4 - wide.lower_998[0] == pytest.approx(3.090232 * math.sqrt(expected * 0.24 / 500), abs=1e-7)


def test_less_spread_than_chance_gives_narrows_nothing() -> None:
    result = funnel_of({str(index): (40, 100) for index in range(20)}, 0.4)
    assert (result.phi, result.applied) == (0, 1)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_where_all_or_none_repeat_the_funnel_is_a_line(rate: float) -> None:
    result = funnel_of({"a": (int(40 * rate), 40)}, rate)
    assert (result.phi, result.applied, result.stores["a"].z) == (None, 1, None)
    assert result.positions["a"] == "inside"
    assert result.limits([1, 50]).upper_998 == result.limits([1, 50]).lower_998 == (rate, rate)


def test_raw_rates_are_those_around_one_rate() -> None:
    (raw,) = at_one_rate([Expected("a", 200, 50, 80.0, 40.0)], 0.3)
    assert (raw.expected, raw.variance) == pytest.approx((60.0, 42.0))


def test_no_stores() -> None:
    result = funnel([], 0.4)
    assert (result.phi, result.applied, result.positions) == (None, 1, {})


def test_what_is_no_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="not a rate"):
        funnel([], 1.2)
    with pytest.raises(ValueError, match="not a proportion"):
        store("a", 3, 2, 0.5)
