"""What is cached of counts, and when it is counted again."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache

from core.accounts.models import User
from core.clients.models import Client
from core.reporting import grouped_counts
from core.reporting.answers import answer
from core.reporting.data import Data
from core.reporting.question import Question
from core.reporting.trend import trend
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit

# No standard period, so that the cache alone keeps it.
QUESTION = Question(start=date(2025, 1, 5), end=date(2025, 12, 31), by="store")


def count_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each time that facts are counted."""
    counted: list[str] = []
    original = grouped_counts._counted
    monkeypatch.setattr(grouped_counts, "_counted", lambda *args: counted.append("") or original(*args))
    return counted


def test_a_question_is_counted_once_until_a_visit_is_recorded(
    salon: dict[str, Store], hq_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    counted = count_again(monkeypatch)
    before = answer(QUESTION).total
    assert answer(QUESTION).total == before
    assert len(counted) == 1
    client = Client.objects.create(ref="new")
    lines = [NewLine(amount=Decimal(10))]
    record_visit(acting_user=hq_user, store=salon["S001"], client=client, day=date(2025, 3, 1), lines=lines)
    assert answer(QUESTION).total.clients == before.clients + 1
    assert len(counted) == 2


def test_a_trend_is_worked_out_once_and_its_counts_are_not_cached(
    salon: dict[str, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    counted = count_again(monkeypatch)
    lines = trend(QUESTION, Data())
    assert lines == trend(QUESTION, Data())
    assert lines[0].points
    assert len(counted) == 1
    assert not [key for key in cache._cache if "counts:" in key]  # type: ignore[attr-defined]


def test_a_large_value_is_left_out_of_the_cache(salon: dict[str, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(grouped_counts, "LARGEST", 10)
    counted = count_again(monkeypatch)
    assert answer(QUESTION).total == answer(QUESTION).total
    assert len(counted) == 2
