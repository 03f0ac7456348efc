import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.reporting.statistics.funnel import funnel

RATE = st.floats(0.001, 0.999)


def reference_limit(p: float, n: int, rate: float) -> float:
    """The paper's formula, a point at a time."""
    r = int(stats.binom.ppf(p, n, rate))
    at, below = stats.binom.cdf(r, n, rate), stats.binom.cdf(r - 1, n, rate)
    return float((r - (at - p) / (at - below)) / n)


def test_limits_of_two_clients_by_hand() -> None:
    # P(R <= r) = 1/4, 3/4, 1. At 0.975, r = 2 and alpha = (1 - 0.975) / (1/4) = 0.1; below, alpha = 0.9 ends under 0.
    limits = funnel({}, 0.5).limits([2])
    assert limits.clients == (2,)
    assert limits.upper_95 == pytest.approx((0.95,))
    assert limits.upper_998 == pytest.approx(((2 - 0.004) / 2,))
    assert limits.lower_95 == limits.lower_998 == (0.0,)


@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=20), RATE)
def test_limits_are_interpolated_exact_quantiles(clients: list[int], rate: float) -> None:
    limits = funnel({}, rate).limits(clients)
    for p, line in (
        (0.001, limits.lower_998),
        (0.025, limits.lower_95),
        (0.975, limits.upper_95),
        (0.999, limits.upper_998),
    ):
        expected = [min(max(reference_limit(p, n, rate), 0.0), 1.0) for n in clients]
        assert line == pytest.approx(expected, abs=1e-7)


@given(st.integers(1, 10_000), RATE)
def test_limits_are_nested_about_the_rate_unless_one_client_decides(n: int, rate: float) -> None:
    limits = funnel({}, rate).limits([n])
    assert 0 <= limits.lower_998[0] <= limits.lower_95[0] <= limits.upper_95[0] <= limits.upper_998[0] <= 1
    assert limits.lower_95[0] <= rate


def test_limits_tend_to_the_normal_ones() -> None:
    limits = funnel({}, 0.4).limits([1_000_000])
    sd = math.sqrt(0.4 * 0.6 / 1_000_000)
    assert limits.upper_95[0] == pytest.approx(0.4 + 1.959964 * sd, abs=1e-6)
    assert limits.lower_998[0] == pytest.approx(0.4 - 3.090232 * sd, abs=1e-6)


def test_a_limit_needs_a_client() -> None:
    with pytest.raises(ValueError, match="at least one client"):
        funnel({}, 0.4).limits([10, 0])


def test_positions_and_stores_without_clients() -> None:
    stores = {"in": (40, 100), "up": (51, 100), "far up": (60, 100), "down": (29, 100), "far down": (20, 100)}
    # Enough stores at the chain's rate keep the others from counting as overdispersion.
    plain = {f"plain {index}": (40, 100) for index in range(40)}
    result = funnel(stores | plain | {"empty": (0, 0)}, 0.4)
    assert result.inflation == 1
    assert {key: result.positions[key] for key in stores} == {
        "in": "inside",
        "up": "above_95",
        "far up": "above_998",
        "down": "below_95",
        "far down": "below_998",
    }
    assert "empty" not in result.positions


def test_a_store_with_one_client_can_lie_above_the_limits() -> None:
    # P(R <= 0) = 0.58, so the upper 95 % limit is 1 - 0.025 / 0.42 although 42 % of such stores have a rate of 1.
    assert funnel({"one": (1, 1)}, 0.42).positions == {"one": "above_998"}


def test_overdispersion_is_winsorised_and_widens_the_limits_about_the_rate() -> None:
    rng = np.random.default_rng(7)
    rates = np.clip(rng.normal(0.4, 0.15, 57), 0.02, 0.98)
    stores = {f"s{index}": (int(rng.binomial(200, rate)), 200) for index, rate in enumerate(rates)}
    stores["outlier"] = (200, 200)
    result = funnel(stores, 0.4)
    z = np.array([(x / n - 0.4) / math.sqrt(0.4 * 0.6 / n) for x, n in stores.values()])
    expected = float(np.mean(np.asarray(stats.mstats.winsorize(z, limits=(0.1, 0.1))) ** 2))
    assert result.phi == pytest.approx(expected)
    assert result.threshold == pytest.approx(1 + 2 * math.sqrt(2 / 58))
    assert result.inflation == result.phi
    wide, exact = result.limits([500]), funnel({}, 0.4).limits([500])
    assert wide.upper_95[0] - 0.4 == pytest.approx((exact.upper_95[0] - 0.4) * math.sqrt(expected))
    assert 0.4 - wide.lower_998[0] == pytest.approx((0.4 - exact.lower_998[0]) * math.sqrt(expected))


def test_chance_alone_does_not_widen_the_limits() -> None:
    rng = np.random.default_rng(3)
    result = funnel({str(index): (int(rng.binomial(300, 0.4)), 300) for index in range(100)}, 0.4)
    assert result.phi is not None
    assert result.threshold is not None
    assert 0.4 < result.phi < result.threshold
    assert result.inflation == 1
    assert result.limits([300]) == funnel({}, 0.4).limits([300])


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_where_all_or_none_repeat_the_funnel_is_a_line(rate: float) -> None:
    result = funnel({"a": (int(10 * rate), 10)}, rate)
    assert result.phi is None
    assert result.inflation == 1
    assert result.positions["a"] == "inside"
    assert result.limits([1, 50]).upper_998 == result.limits([1, 50]).lower_998 == (rate, rate)


def test_no_stores() -> None:
    result = funnel({}, 0.4)
    assert (result.phi, result.threshold, result.positions) == (None, None, {})


def test_what_is_no_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="not a rate"):
        funnel({}, 1.2)
    with pytest.raises(ValueError, match="not a proportion"):
        funnel({"a": (3, 2)}, 0.5)
