"""The estimate against a published table, plain shares and lifelines, which is used nowhere else."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from core.reporting.statistics.proportions import clopper_pearson
from core.reporting.statistics.survival import ReturnWithin, kaplan_meier_return

# Remission in weeks of the patients given 6-mercaptopurine: Freireich et al. (1963), Blood 21, 699-716; the textbook
# example of the Kaplan-Meier estimate with log-log limits.
EVENTS = (6, 6, 6, 7, 10, 13, 16, 22, 23)
CENSORED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
GAPS = (*EVENTS, *(None for _ in CENSORED))
FOLLOWED = (*(35 for _ in EVENTS), *CENSORED)


def estimated(gaps: Sequence[int | None], followed: Sequence[int], horizon: int) -> ReturnWithin | None:
    """Of clients one by one: days to the return, where it was seen, and days followed."""
    returned, left = np.zeros((2, horizon + 1), int)
    for gap, days in zip(gaps, followed, strict=True):
        if gap is not None and gap <= horizon:
            returned[gap] += 1
        else:
            left[min(days, horizon)] += 1
    whole = [gap for gap, days in zip(gaps, followed, strict=True) if days >= horizon]
    return kaplan_meier_return(
        returned, left, followed=len(whole), followed_returned=sum(gap is not None and gap <= horizon for gap in whole)
    )


@pytest.mark.parametrize(
    ("week", "survival", "low", "high"),
    [
        (6, 0.8571, 0.6197, 0.9516),
        (7, 0.8067, 0.5631, 0.9228),
        (10, 0.7529, 0.5032, 0.8894),
        (13, 0.6902, 0.4316, 0.8491),
        (16, 0.6275, 0.3675, 0.8049),
        (22, 0.5378, 0.2678, 0.7468),
        (23, 0.4482, 0.1881, 0.6801),
        (30, 0.4482, 0.1881, 0.6801),
    ],
)
def test_the_published_estimate_of_remission(week: int, survival: float, low: float, high: float) -> None:
    result = estimated(GAPS, FOLLOWED, week)
    assert result is not None
    assert result.rate == pytest.approx(1 - survival, abs=5e-5)
    assert result.interval == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_nobody_followed_long_enough_gives_no_rate() -> None:
    assert estimated([5, None], [29, 12], 30) is None
    assert estimated([], [], 30) is None


def test_where_none_returned_in_time_the_interval_is_clopper_pearsons() -> None:
    result = estimated([31, None, None, None], [60, 60, 45, 10], 30)
    assert result == ReturnWithin(0, clopper_pearson(0, 3) or (0, 0))


def test_where_all_returned_the_interval_is_clopper_pearsons() -> None:
    result = estimated([3, 12, 30, None], [60, 60, 45, 10], 30)
    assert result == ReturnWithin(1, clopper_pearson(3, 3) or (0, 0))


@given(st.lists(st.one_of(st.none(), st.integers(1, 90)), min_size=1, max_size=60), st.integers(1, 90))
def test_without_censoring_before_the_horizon_the_rate_is_the_plain_share(gaps: list[int | None], horizon: int) -> None:
    result = estimated(gaps, [100] * len(gaps), horizon)
    assert result is not None
    assert result.rate == pytest.approx(sum(gap is not None and gap <= horizon for gap in gaps) / len(gaps))


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 60)), st.integers(0, 200)), min_size=1, max_size=60),
    st.sampled_from([30, 60, 90]),
)
def test_rate_and_interval_are_those_of_lifelines(clients: list[tuple[int | None, int]], horizon: int) -> None:
    # A return is only seen while the client is followed.
    gaps = [gap if gap is not None and gap <= followed else None for gap, followed in clients]
    result = estimated(gaps, [followed for _, followed in clients], horizon)
    if result is None:
        return
    durations = [followed if gap is None else gap for gap, (_, followed) in zip(gaps, clients, strict=True)]
    fitted = KaplanMeierFitter().fit(durations, [gap is not None for gap in gaps], timeline=range(horizon + 1))
    assert result.rate == pytest.approx(1 - fitted.survival_function_at_times(horizon).iloc[0], abs=1e-9)
    assert result.interval[0] - 1e-12 <= result.rate <= result.interval[1] + 1e-12
    if 1e-9 < result.rate < 1 - 1e-9:
        low, high = fitted.confidence_interval_.loc[horizon].tolist()
        assert result.interval == pytest.approx((1 - high, 1 - low), abs=1e-9)
