"""Periods, their names and the year before."""

from datetime import date

import pytest
from django.utils import translation

from core.reporting.periods import Period, last_complete, month_ends, presets, trailing_year, usual_period


@pytest.mark.parametrize(
    ("start", "end", "label"),
    [
        (date(2025, 1, 1), date(2026, 1, 1), "2025"),
        (date(2025, 3, 1), date(2025, 4, 1), "Mar 2025"),
        (date(2025, 1, 1), date(2025, 7, 1), "Jan 2025 to Jun 2025"),
        (date(2025, 4, 1), date(2026, 4, 1), "Apr 2025 to Mar 2026"),
        (date(2025, 3, 4), date(2025, 3, 5), "4 Mar 2025"),
        (date(2025, 3, 4), date(2025, 3, 19), "4–18 Mar 2025"),
        (date(2025, 3, 4), date(2025, 5, 1), "4 Mar – 30 Apr 2025"),
        (date(2025, 12, 4), date(2026, 1, 2), "4 Dec 2025 – 1 Jan 2026"),
    ],
)
def test_a_period_is_named_as_people_name_it(start: date, end: date, label: str) -> None:
    with translation.override("en"):
        assert Period(start, end).label == label


def test_the_year_before_a_leap_day() -> None:
    assert Period(date(2024, 2, 29), date(2024, 3, 1)).year_before() == Period(date(2023, 3, 1), date(2023, 3, 1))


@pytest.mark.parametrize(
    ("start", "end", "phrase"),
    [
        (date(2025, 1, 1), date(2026, 1, 1), "in 2025"),
        (date(2025, 1, 1), date(2025, 7, 1), "from Jan 2025 to Jun 2025"),
        (date(2025, 3, 4), date(2025, 3, 5), "on 4 Mar 2025"),
        (date(2025, 3, 4), date(2025, 3, 19), "from 4 Mar 2025 to 18 Mar 2025"),
    ],
)
def test_a_period_within_a_sentence(start: date, end: date, phrase: str) -> None:
    with translation.override("en"):
        assert Period(start, end).phrase == phrase


def test_presets_are_named_as_of_today_with_their_days() -> None:
    with translation.override("en"):
        offered = presets(date(2026, 11, 29), date(2026, 11, 28), date(2023, 5, 1))
    named = {preset.name or preset.days: preset for preset in offered}
    assert named["Last twelve months"].period == Period(date(2025, 11, 1), date(2026, 11, 1))
    assert (named["This month"].period, named["This month"].days) == (
        Period(date(2026, 11, 1), date(2026, 12, 1)), "1–29 Nov 2026",
    )  # fmt: skip
    assert named["Last quarter"].days == "Jul 2026 to Sep 2026"
    assert named["This year"].days == "1 Jan – 29 Nov 2026"
    assert named["Last year"].days == "2025"
    assert [name for name in named if name.isdigit()] == ["2024", "2023"]
    assert all(preset.has_data for preset in offered)


def test_presets_behind_the_data_say_that_they_have_none() -> None:
    with translation.override("en"):
        offered = {preset.name: preset for preset in presets(date(2026, 11, 29), date(2025, 12, 31), date(2024, 1, 5))}
    assert offered["Last twelve months"].days == "2025"
    assert not offered["This month"].has_data
    assert not offered["This year"].has_data
    assert offered["Last year"].has_data


def test_years_are_offered_back_from_the_data() -> None:
    with translation.override("en"):
        offered = presets(date(2026, 11, 29), date(2018, 12, 31), date(2018, 1, 2))
    assert [preset.days for preset in offered if not preset.name] == ["2018"]


@pytest.mark.parametrize(
    ("period", "complete"),
    [
        (Period(date(2026, 11, 1), date(2026, 12, 1)), Period(date(2026, 10, 1), date(2026, 11, 1))),
        (Period(date(2026, 10, 1), date(2027, 1, 1)), Period(date(2026, 7, 1), date(2026, 10, 1))),
        (Period(date(2026, 1, 1), date(2027, 1, 1)), Period(date(2025, 1, 1), date(2026, 1, 1))),
        (Period(date(2025, 12, 1), date(2026, 12, 1)), Period(date(2025, 11, 1), date(2026, 11, 1))),
        (Period(date(2026, 11, 3), date(2026, 11, 30)), Period(date(2026, 10, 1), date(2026, 11, 1))),
    ],
)
def test_the_last_complete_period_is_of_the_same_kind(period: Period, complete: Period) -> None:
    assert last_complete(period, date(2026, 11, 28), date(2024, 1, 5)) == complete


def test_a_year_that_began_before_the_data_is_not_offered() -> None:
    year = Period(date(2026, 1, 1), date(2027, 1, 1))
    assert last_complete(year, date(2026, 3, 31), date(2025, 2, 2)) == Period(date(2026, 3, 1), date(2026, 4, 1))
    assert last_complete(year, date(2026, 3, 20), date(2026, 3, 2)) is None


@pytest.mark.parametrize(
    ("begins", "period"),
    [
        (date(2026, 11, 1), Period(date(2026, 11, 1), date(2026, 12, 1))),
        (date(2026, 10, 31), Period(date(2025, 11, 1), date(2026, 11, 1))),
    ],
)
def test_pages_open_with_a_period_that_has_data(begins: date, period: Period) -> None:
    assert usual_period(date(2026, 11, 20), begins) == period


def test_a_complete_month_counts_to_the_last_twelve() -> None:
    assert trailing_year(date(2025, 12, 31)) == Period(date(2025, 1, 1), date(2026, 1, 1))
    assert trailing_year(date(2025, 12, 30)) == Period(date(2024, 12, 1), date(2025, 12, 1))


def test_month_ends_go_back_over_the_years() -> None:
    assert month_ends(date(2025, 2, 15), 3) == [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)]
