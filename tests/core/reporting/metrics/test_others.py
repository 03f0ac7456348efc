"""Boundaries of M4 to M7 and M9, by hand."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.question import Question
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit

YEAR = Question(metric="cycle", start=date(2025, 1, 1), end=date(2026, 1, 1))


@pytest.fixture
def visit(hq_user: User, store: Store) -> Any:
    nails = ServiceCategory.objects.create(name="nails")

    def record(ref: str, day: date, amount: str = "10", rating: str | None = None, *, card: bool = False) -> None:
        line = NewLine(
            amount=Decimal(amount), category=nails, rating=Decimal(rating) if rating else None, paid_by_card=card
        )
        client, _made = Client.objects.get_or_create(ref=ref)
        record_visit(acting_user=hq_user, store=store, client=client, day=day, lines=[line])

    return record


def document(question: Question) -> dict[str, Any]:
    found: dict[str, Any] = answer(question).as_json()
    return found


@pytest.mark.parametrize(
    ("gaps", "name"), [((31,), "high"), ((32,), "mid"), ((31, 32), "mid"), ((92,), "mid"), ((93,), "low")]
)
def test_cycle_is_told_by_the_mean_gap(visit: Any, gaps: tuple[int, ...], name: str) -> None:
    day = date(2025, 1, 5)
    visit("1", day)
    for gap in gaps:
        day += timedelta(days=gap)
        visit("1", day)
    classes = document(YEAR)["total"]["classes"]
    assert {key for key, one in classes.items() if one["clients"]} == {name}


def test_a_short_period_tells_no_cycle(visit: Any) -> None:
    for day in (1, 9):
        visit("1", date(2025, 3, day))
    found = document(replace(YEAR, end=date(2025, 12, 31)))
    assert (found["total"]["value"], found["total"]["classes"]) == (None, None)
    assert "period_too_short" in found["notes"]
    assert document(YEAR)["total"]["value"] == 1


@pytest.mark.parametrize(
    ("spent", "name"),
    [("5000.01", "high"), ("5000", "mid"), ("1500", "mid"), ("1499.99", "potential"), (None, "potential")],
)
def test_segments_by_the_year_before(visit: Any, spent: str | None, name: str) -> None:
    visit("early", date(2024, 1, 2))
    visit("early", date(2024, 1, 1))
    visit("1", date(2024, 1, 2), spent or "9000", card=spent is None)
    visit("1", date(2025, 3, 1))
    visit("2", date(2025, 3, 1))
    found = document(replace(YEAR, metric="value_segments"))
    segments = found["total"]["segments"]["year_before"]
    assert {key: one["clients"] for key, one in segments.items() if one["clients"]} == {name: 1, "new": 1}
    assert found["total"]["value"] == (0.5 if name == "high" else 0)


def test_segments_are_withheld_where_the_data_is_too_short(visit: Any) -> None:
    visit("1", date(2024, 1, 3))
    visit("1", date(2025, 3, 1))
    found = document(replace(YEAR, metric="value_segments"))
    assert found["total"]["segments"]["year_before"] is None
    assert found["total"]["segments"]["same_year"]["potential"]["clients"] == 1
    assert (found["total"]["value"], found["total"]["ci95"]) == (None, None)
    assert "history_before_too_short" in found["notes"]
    assert "history_too_short" not in found["notes"]


def test_ratings_of_the_return_do_not_count_in_the_mean(visit: Any) -> None:
    visit("1", date(2025, 3, 1), rating="4.4")
    visit("1", date(2025, 3, 9), rating="5")
    visit("2", date(2025, 3, 1))
    visit("2", date(2025, 3, 9), rating="4.8")
    bands = document(replace(YEAR, metric="satisfaction"))["total"]["bands"]
    first = {key: one["clients"] for key, one in bands["first_rating"].items() if one["clients"]}
    mean = {key: one["clients"] for key, one in bands["mean_before_repeat"].items() if one["clients"]}
    assert first == {"below_4.5": 1, "4.8-5": 1}
    assert mean == {"below_4.5": 1, "unrated": 1}


def test_too_few_stores_have_no_coefficient(visit: Any) -> None:
    visit("1", date(2025, 3, 1), rating="4.4")
    found = document(replace(YEAR, metric="satisfaction"))["correlation"]
    assert (found["r"], found["reason"], found["cells"]) == (None, "too_few_cells", 0)


def test_revenue_of_those_who_come_back(visit: Any) -> None:
    visit("1", date(2025, 3, 1), "60")
    visit("1", date(2025, 3, 9), "15")
    visit("2", date(2025, 3, 1), "25")
    assert document(replace(YEAR, metric="repeat_revenue_share"))["total"]["value"] == 0.75
    with pytest.raises(AppError) as caught:
        answer(replace(YEAR, metric="repeat_revenue_share", scope="store"))
    assert caught.value.code == "scope_not_offered"


def test_cohort_cells_are_open_until_everyone_is_followed(visit: Any, store: Store) -> None:
    visit("1", date(2025, 3, 1))
    visit("1", date(2025, 3, 31))
    visit("2", date(2025, 3, 10))
    question = replace(YEAR, metric="cohorts")
    for through, expected in ((date(2025, 5, 8), False), (date(2025, 5, 7), True)):
        Store.objects.filter(pk=store.pk).update(complete_through=through)
        (row,) = document(question)["total"]["cohorts"]
        assert row["cells"][0]["open"] is expected
        assert row["cells"][0]["value"] == 0.5
        assert row["month"] == "2025-03"
        assert row["uncertain"]
