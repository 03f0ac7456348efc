"""What was worked out before is taken for an answer only where it still is one, whatever happened meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.compare.change import shown_changes
from core.reporting.data import Data
from core.reporting.facts import period_cache
from core.reporting.grouped_counts import grouped_counts
from core.reporting.metrics import METRICS
from core.reporting.models import FactChange
from core.reporting.place_table import COLUMNS, place_table
from core.reporting.question import Question
from core.reporting.trend import trend
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.core.reporting.test_counting_properties import FIRST_DAY, NAMES, PERIODS, Cast, Events, undone

BREAKDOWNS = ("none", "city_tier", "store", "category", "acquisition")


def asked(code: str, start: date, end: date) -> Question:
    within = next(iter(METRICS[code].horizons), None)
    return Question(metric=code, start=start, end=end, within=within, compare="period_before")


def found(question: Question) -> dict[str, Any]:
    data = Data()
    counts = grouped_counts(question, data)
    return {
        "groups": counts.by_group,
        "total": counts.total(),
        "changes": shown_changes(question, data),
        "trend": trend(question, data),
    }


def freshly(ask: Callable[[], Any]) -> Any:
    """With nothing that was worked out before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Data, "version", lambda *_args: "")
        return ask()


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_they_are_what_is_worked_out_anew(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    with undone():
        events = Events(Cast.assembled(hq_user), data)
        code = data.draw(st.sampled_from(sorted(METRICS)))
        offered = [by for by in BREAKDOWNS if by in METRICS[code].breakdowns or by == "none"]
        by = data.draw(st.sampled_from(offered))
        questions = [replace(asked(code, start, end), by=by) for start, end in PERIODS]
        for name in data.draw(st.lists(st.sampled_from(NAMES), min_size=5, max_size=15)):
            getattr(events, name)()
            for question in questions:
                assert found(question) == freshly(partial(found, question)), (name, question)


def test_a_visit_today_leaves_what_is_known_of_last_year(salon: dict[str, Store], hq_user: User) -> None:
    """Also where it is of a client who came last year, whose facts of then learn of the day after."""
    before = [Data().version((), day) for day in (date(2026, 1, 1), date(2026, 4, 1))]
    client = Client.objects.filter(visits__day__year=2025).order_by("id")[0]
    line = NewLine(amount=Decimal(10))
    record_visit(acting_user=hq_user, store=salon["S001"], client=client, day=date(2026, 3, 2), lines=[line])
    after = [Data().version((), day) for day in (date(2026, 1, 1), date(2026, 4, 1))]
    assert before[0] == after[0]
    assert before[1] != after[1]
    record_visit(acting_user=hq_user, store=salon["S001"], client=client, day=date(2025, 12, 31), lines=[line])
    assert Data().version((), date(2026, 1, 1)) != after[0]


def test_a_visit_without_a_client_is_noted(salon: dict[str, Store], hq_user: User) -> None:
    question = asked("volumes", date(2025, 1, 1), date(2026, 1, 1))
    columns = [COLUMNS["net_revenue"]]
    before = place_table(question, "region", columns, Data()).total["net_revenue"].value
    record_visit(
        acting_user=hq_user,
        store=salon["S001"],
        client=None,
        day=date(2025, 3, 2),
        lines=[NewLine(amount=Decimal(10))],
    )
    after = place_table(question, "region", columns, Data())
    assert before is not None
    assert after.total["net_revenue"].value == before + 1_000
    rows = [row for row in after.rows if row.level == 0]
    assert sum(row.values["net_revenue"].value or 0 for row in rows) == before + 1_000


def test_folding_leaves_them(salon: dict[str, Store], hq_user: User) -> None:
    client, line = Client.objects.order_by("id")[0], NewLine(amount=Decimal(10))
    for number in range(6):
        day = date(2025, 3, 1) + timedelta(days=number // 2)
        record_visit(acting_user=hq_user, store=salon["S001"], client=client, day=day, lines=[line])
    days = [date(2025, 3, 1) + timedelta(days=number) for number in range(5)]
    before = [Data().version((), day) for day in days]
    many = FactChange.objects.count()
    period_cache.fold()
    assert [Data().version((), day) for day in days] == before
    assert FactChange.objects.count() == FactChange.objects.values("day").distinct().count() < many


def test_who_is_followed_longer_than_asked_is_counted_once(salon: dict[str, Store]) -> None:
    """Counts of a period that is long over do not depend on how far the data reaches."""
    metric = METRICS["return_within"]
    question = asked("return_within", FIRST_DAY, FIRST_DAY + timedelta(days=30))
    data = Data()
    grouped_counts(question, data)
    ((_code, selection),) = data.cells
    assert selection.as_of == question.end + timedelta(days=89)
    assert metric.through(selection) == question.end + timedelta(days=90)
