"""How far the data reaches, seen from a period and from today."""

from datetime import date

import pytest
from django.utils import translation

from core.reporting.completeness import Completeness
from core.reporting.freshness import Freshness, freshness
from core.reporting.periods import Period

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.reporting.freshness.chain_today", lambda: date(2026, 11, 29))


def seen(period: Period, as_of: date, *, clients: int = 0) -> Freshness:
    with translation.override("en"):
        fresh = freshness(period, Completeness(as_of, (), date(2024, 1, 5)), clients=clients)
    assert fresh is not None
    return fresh


def test_a_chain_without_visits_has_none() -> None:
    assert freshness(NOVEMBER, Completeness(None, ()), clients=0) is None


def test_a_running_month_covers_what_has_come() -> None:
    fresh = seen(NOVEMBER, date(2026, 11, 28), clients=10)
    assert (fresh.code, fresh.is_stale, fresh.is_beyond) == ("period_not_over", False, False)
    assert "1–28 Nov 2026" in fresh.sentence
    assert fresh.offered == Period(date(2026, 10, 1), date(2026, 11, 1))


def test_a_month_behind_the_data_has_none() -> None:
    fresh = seen(NOVEMBER, date(2025, 12, 31))
    assert (fresh.code, fresh.is_stale, fresh.is_beyond) == ("no_data_yet", True, True)
    assert fresh.sentence == "There is no data since 31 Dec 2025."
    with translation.override("en"):
        assert fresh.behind == "The data ends on 31 Dec 2025, 333 days ago."
    assert fresh.offered == Period(date(2025, 12, 1), date(2026, 1, 1))


def test_a_month_that_only_some_stores_have_is_no_month_without_data() -> None:
    fresh = seen(NOVEMBER, date(2026, 10, 25), clients=3)
    assert (fresh.code, fresh.is_beyond) == ("period_not_over", False)


def test_a_year_before_the_data_has_none() -> None:
    fresh = seen(Period(date(2010, 1, 1), date(2011, 1, 1)), date(2026, 11, 28))
    assert (fresh.code, fresh.is_beyond) == ("no_data_before", True)
    assert fresh.sentence == "There is no data before 5 Jan 2024."


def test_of_a_period_that_the_data_has_nothing_is_said() -> None:
    fresh = seen(Period(date(2025, 1, 1), date(2026, 1, 1)), date(2026, 11, 26), clients=5)
    assert (fresh.code, fresh.sentence, fresh.offered, fresh.is_stale) == (None, "", None, False)
