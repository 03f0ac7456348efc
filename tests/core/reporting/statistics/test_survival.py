import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reporting.statistics.proportions import clopper_pearson
from core.reporting.statistics.survival import kaplan_meier_return

# Remission in weeks of the patients given 6-mercaptopurine: Freireich et al. (1963), Blood 21, 699-716; the textbook
# example of the Kaplan-Meier estimate with log-log limits.
EVENTS = (6, 6, 6, 7, 10, 13, 16, 22, 23)
CENSORED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
GAPS = (*EVENTS, *(None for _ in CENSORED))
FOLLOWED = (*(35 for _ in EVENTS), *CENSORED)


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
    result = kaplan_meier_return(GAPS, FOLLOWED, week)
    assert result is not None
    assert result.rate == pytest.approx(1 - survival, abs=5e-5)
    assert result.interval == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_clients_not_yet_mature_are_counted_whether_they_returned_or_not() -> None:
    result = kaplan_meier_return([5, None, 40, None], [20, 20, 90, 30], 30)
    assert result is not None
    assert (result.clients, result.followed, result.not_mature) == (4, 2, 2)


def test_nobody_followed_long_enough_gives_no_rate() -> None:
    result = kaplan_meier_return([5, None], [29, 12], 30)
    assert result is not None
    assert (result.rate, result.interval, result.not_mature) == (None, None, 2)


def test_no_clients() -> None:
    assert kaplan_meier_return([], [], 30) is None


def test_where_none_returned_in_time_the_interval_is_clopper_pearsons() -> None:
    result = kaplan_meier_return([31, None, None, None], [60, 60, 45, 10], 30)
    assert result is not None
    assert result.rate == 0
    assert result.interval == clopper_pearson(0, 3)


def test_where_all_returned_the_interval_is_clopper_pearsons() -> None:
    result = kaplan_meier_return([3, 12, 30, None], [60, 60, 45, 10], 30)
    assert result is not None
    assert result.rate == 1
    assert result.interval == clopper_pearson(3, 3)


def test_a_client_first_seen_after_the_as_of_date_is_not_at_risk() -> None:
    result = kaplan_meier_return([3, None, None], [60, 60, -4], 30)
    assert result is not None
    assert result.rate == pytest.approx(0.5)
    assert result.not_mature == 1


@given(st.lists(st.one_of(st.none(), st.integers(1, 90)), min_size=1, max_size=60), st.integers(1, 90))
def test_without_censoring_before_the_horizon_the_rate_is_the_plain_share(gaps: list[int | None], horizon: int) -> None:
    result = kaplan_meier_return(gaps, [100] * len(gaps), horizon)
    assert result is not None
    assert result.rate == pytest.approx(sum(gap is not None and gap <= horizon for gap in gaps) / len(gaps))


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 60)), st.integers(0, 200)), min_size=1, max_size=60),
    st.sampled_from([30, 60, 90]),
)
def test_the_interval_holds_the_rate(clients: list[tuple[int | None, int]], horizon: int) -> None:
    # A return is only seen while the client is followed.
    gaps = [gap if gap is not None and gap <= followed else None for gap, followed in clients]
    result = kaplan_meier_return(gaps, [followed for _, followed in clients], horizon)
    assert result is not None
    assert result.followed + result.not_mature == result.clients == len(clients)
    if result.rate is not None:
        assert result.interval is not None
        assert 0 <= result.interval[0] <= result.rate + 1e-12
        assert result.rate - 1e-12 <= result.interval[1] <= 1
