"""Periods, their names and the year before."""

from datetime import date

import pytest
from django.utils import translation

from core.reporting.periods import Period, month_ends, presets, trailing_year


@pytest.mark.parametrize(
    ("start", "end", "label"),
    [
        (date(2025, 1, 1), date(2026, 1, 1), "2025"),
        (date(2025, 3, 1), date(2025, 4, 1), "Mar 2025"),
        (date(2025, 1, 1), date(2025, 7, 1), "Jan 2025 to Jun 2025"),
        (date(2025, 4, 1), date(2026, 4, 1), "Apr 2025 to Mar 2026"),
        (date(2025, 3, 4), date(2025, 3, 5), "4 Mar 2025"),
        (date(2025, 3, 4), date(2025, 3, 19), "4 Mar 2025 to 18 Mar 2025"),
    ],
)
def test_a_period_is_named_as_people_name_it(start: date, end: date, label: str) -> None:
    with translation.override("en"):
        assert Period(start, end).label == label


def test_the_year_before_a_leap_day() -> None:
    assert Period(date(2024, 2, 29), date(2024, 3, 1)).year_before() == Period(date(2023, 3, 1), date(2023, 3, 1))


def test_presets_are_seen_from_the_data() -> None:
    with translation.override("en"):
        periods = dict(presets(date(2025, 8, 20), date(2023, 5, 1)))
    assert periods["Last twelve months"] == Period(date(2024, 8, 1), date(2025, 8, 1))
    assert periods["This month"] == Period(date(2025, 8, 1), date(2025, 9, 1))
    assert periods["Last quarter"] == Period(date(2025, 4, 1), date(2025, 7, 1))
    assert periods["This half-year"] == Period(date(2025, 7, 1), date(2026, 1, 1))
    assert [name for name in periods if name.isdigit()] == ["2025", "2024", "2023"]


def test_a_complete_month_counts_to_the_last_twelve() -> None:
    assert trailing_year(date(2025, 12, 31)) == Period(date(2025, 1, 1), date(2026, 1, 1))
    assert trailing_year(date(2025, 12, 30)) == Period(date(2024, 12, 1), date(2025, 12, 1))


def test_month_ends_go_back_over_the_years() -> None:
    assert month_ends(date(2025, 2, 15), 3) == [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)]
