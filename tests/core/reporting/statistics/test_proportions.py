import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from core.reporting.statistics.proportions import MINIMUM_CLIENTS, Z, clopper_pearson, is_small_sample, wilson

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_values_newcombe_published(x: int, n: int, low: float, high: float) -> None:
    # Newcombe, R. G. (1998), Statistics in Medicine 17, 857-872, table I.
    assert wilson(x, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_clopper_pearson_gives_the_values_newcombe_published(x: int, n: int, low: float, high: float) -> None:
    assert clopper_pearson(x, n) == pytest.approx((low, high), abs=5e-5)


def test_no_clients_no_interval() -> None:
    assert wilson(0, 0) is None
    assert clopper_pearson(0, 0) is None


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_impossible_counts_are_refused(x: int, n: int) -> None:
    with pytest.raises(ValueError, match="not a proportion"):
        wilson(x, n)
    with pytest.raises(ValueError, match="not a proportion"):
        clopper_pearson(x, n)


def test_a_sample_is_small_below_thirty() -> None:
    assert MINIMUM_CLIENTS == 30
    assert is_small_sample(29)
    assert not is_small_sample(30)


@given(COUNTS)
def test_intervals_are_those_of_scipy(counts: tuple[int, int]) -> None:
    test = stats.binomtest(*counts)
    reference = test.proportion_ci(0.95, method="wilson")
    assert wilson(*counts) == pytest.approx((reference.low, reference.high), abs=1e-12)
    reference = test.proportion_ci(0.95, method="exact")
    assert clopper_pearson(*counts) == pytest.approx((reference.low, reference.high), abs=1e-8)


@given(COUNTS)
def test_intervals_hold_the_estimate_and_stay_within_0_and_1(counts: tuple[int, int]) -> None:
    x, n = counts
    for interval in (wilson(x, n), clopper_pearson(x, n)):
        assert interval is not None
        assert 0 <= interval[0] <= x / n <= interval[1] <= 1


@given(COUNTS)
def test_more_repeats_move_the_interval_up(counts: tuple[int, int]) -> None:
    x, n = counts
    here = wilson(x, n)
    assert here is not None
    assert here[0] < here[1]
    if x < n:
        above = wilson(x + 1, n)
        assert above is not None
        assert above[0] > here[0]
        assert above[1] > here[1]


def test_intervals_are_at_95_percent() -> None:
    assert float(special.ndtri(0.975)) == Z


def test_a_command_that_computes_no_interval_loads_no_scipy() -> None:
    program = "import sys; import core.reporting.statistics.survival; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
