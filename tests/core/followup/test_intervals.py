"""The model held against a computation in loops, and against what has to be so whatever the gaps are."""

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.followup.intervals import ENOUGH, Gaps, Pace, estimate_pace, gaps_of, own_intervals, whole_days

# Gaps in days of each of several clients.
Histories = list[list[int]]
histories = st.lists(st.lists(st.integers(1, 400), min_size=1, max_size=6), min_size=1, max_size=60)


def gaps(clients: Histories, category: int = 1) -> Gaps:
    rows = [(number, math.log(gap)) for number, own in enumerate(clients) for gap in own]
    numbers, logs = zip(*rows, strict=True)
    return Gaps(np.array(numbers), np.array(logs), np.full(len(rows), category, "i4"))


def plain(clients: Histories) -> tuple[float, float, float]:
    """μ, τ² and σ² by loops: the textbook's sums of squares."""
    logs = [[math.log(gap) for gap in own] for own in clients]
    total = [value for own in logs for value in own]
    grand = sum(total) / len(total)
    means = [sum(own) / len(own) for own in logs]
    within = between = 0.25
    if sum(len(own) > 1 for own in logs) >= ENOUGH:
        inside = sum((value - mean) ** 2 for own, mean in zip(logs, means, strict=True) for value in own)
        outside = sum(len(own) * (mean - grand) ** 2 for own, mean in zip(logs, means, strict=True))
        within = inside / (len(total) - len(logs))
        coefficient = (len(total) - sum(len(own) ** 2 for own in logs) / len(total)) / (len(logs) - 1)
        between = max(0.0, (outside / (len(logs) - 1) - within) / coefficient)
    weights = [1 / (between + within / len(own)) if between + within else 1 for own in logs]
    mean = sum(weight * mean for weight, mean in zip(weights, means, strict=True)) / sum(weights)
    return mean, between, within


@given(histories)
def test_the_estimates_are_those_of_the_textbook(clients: Histories) -> None:
    pace = estimate_pace(gaps(clients))
    assert pace is not None
    mean, between, within = plain(clients)
    assert pace.mean == pytest.approx(mean)
    assert pace.between == pytest.approx(between, abs=1e-9)
    assert pace.within == pytest.approx(within, abs=1e-9)
    intervals = own_intervals(gaps(clients), len(clients), pace)
    for own, interval in zip(clients, intervals, strict=True):
        own_mean = sum(map(math.log, own)) / len(own)
        weight = between / (between + within / len(own)) if between + within > 1e-12 else 1
        if between + within > 1e-9:
            assert interval == pytest.approx(math.exp(weight * own_mean + (1 - weight) * mean))


@given(histories)
def test_an_interval_lies_between_the_clients_own_and_the_chains(clients: Histories) -> None:
    pace = estimate_pace(gaps(clients))
    assert pace is not None
    for own, interval in zip(clients, own_intervals(gaps(clients), len(clients), pace), strict=True):
        ends = sorted((math.exp(sum(map(math.log, own)) / len(own)), pace.usual_days))
        assert ends[0] * (1 - 1e-9) <= interval <= ends[1] * (1 + 1e-9)


@given(st.integers(2, 300), st.integers(1, 12), st.floats(0.01, 2), st.floats(0.01, 2))
def test_the_more_gaps_the_closer_to_the_clients_own(gap: int, count: int, between: float, within: float) -> None:
    pace = Pace(math.log(60), between, within, {}, is_estimated=True)
    fewer, more = (own_intervals(gaps([[gap] * n]), 1, pace)[0] for n in (count, count + 1))
    assert abs(math.log(more / gap)) <= abs(math.log(fewer / gap)) + 1e-12


@given(histories, st.integers(2, 5))
def test_in_other_units_it_is_the_same_model(clients: Histories, factor: int) -> None:
    slower = [[gap * factor for gap in own] for own in clients]
    here, there = estimate_pace(gaps(clients)), estimate_pace(gaps(slower))
    assert here is not None
    assert there is not None
    assert there.usual_days == pytest.approx(here.usual_days * factor)
    assert (there.between, there.within) == pytest.approx((here.between, here.within), abs=1e-9)


def test_without_gaps_nothing_is_known() -> None:
    days: Any = {"day": np.array([1, 5]), "category_id": np.array([1, 1])}
    assert estimate_pace(gaps_of(days, np.array([1, 2]))) is None


def test_a_gap_belongs_to_the_category_before_it() -> None:
    days: Any = {"day": np.array([1, 11, 41, 7]), "category_id": np.array([3, 4, 5, 6])}
    found = gaps_of(days, np.array([0, 0, 0, 1]))
    assert found.category_id.tolist() == [3, 4]
    assert np.exp(found.log) == pytest.approx([10, 30])


def test_who_comes_often_counts_once_after_a_category() -> None:
    often, seldom = [10] * 9, [40]
    pace = estimate_pace(gaps([often] * ENOUGH + [seldom] * ENOUGH, category=7))
    assert pace is not None
    assert pace.by_category[7] == pytest.approx(20)


def test_few_clients_say_nothing_of_a_category() -> None:
    pace = estimate_pace(gaps([[10]] * (ENOUGH - 1)))
    assert pace is not None
    assert not pace.by_category
    assert not pace.is_estimated


def test_it_finds_what_gaps_were_drawn_from() -> None:
    random = np.random.default_rng(20250630)
    own = random.normal(math.log(35), 0.5, 4000)
    drawn = [random.normal(one, 0.3, random.integers(1, 9)) for one in own]
    by_client: dict[int, list[float]] = defaultdict(list)
    for number, logs in enumerate(drawn):
        by_client[number] += logs.tolist()
    numbers = np.repeat(np.arange(4000), [len(logs) for logs in drawn])
    found = Gaps(numbers, np.concatenate(drawn), np.zeros(len(numbers), "i4"))
    pace = estimate_pace(found)
    assert pace is not None
    assert pace.usual_days == pytest.approx(35, rel=0.03)
    assert math.sqrt(pace.between) == pytest.approx(0.5, rel=0.05)
    assert math.sqrt(pace.within) == pytest.approx(0.3, rel=0.05)
    # Closer to the truth than each client's own mean.
    estimated = np.log(own_intervals(found, 4000, pace))
    means = np.array([np.mean(logs) for logs in drawn])
    assert ((estimated - own) ** 2).mean() < 0.9 * ((means - own) ** 2).mean()


def test_days_are_whole_and_at_least_one() -> None:
    assert whole_days(np.array([0.2, 1.49, 29.5, 30.4])).tolist() == [1, 1, 30, 30]
