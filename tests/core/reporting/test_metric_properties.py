"""Whatever happens to visits, every metric is what plain counting over the visits says."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.completeness import completeness
from core.reporting.metrics import METRICS
from core.reporting.question import BASES, BREAKDOWNS, Question
from core.reporting.spend_thresholds import set_spend_thresholds
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.core.reporting import plain_metrics
from tests.core.reporting.reading_once import reading_once
from tests.core.reporting.test_counting_properties import NAMES, PERIODS, Cast, Events, undone


def happened(hq_user: User, data: st.DataObject) -> tuple[date, date, str | None]:
    """A history, and what is asked of it."""
    events = Events(Cast.assembled(hq_user), data)
    for name in data.draw(st.lists(st.sampled_from(NAMES), min_size=5, max_size=25)):
        getattr(events, name)()
    start, end = data.draw(st.sampled_from(PERIODS))
    return start, end, data.draw(st.sampled_from([None, None, "f"]))


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_volumes(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    with undone(), reading_once():
        for question in questions("volumes", *happened(hq_user, data)):
            assert volumes(question) == plain_metrics.volumes(question), question


def volumes(question: Question) -> dict[str, dict[str, Any]]:
    document = answer(question).as_json()
    names = (
        "clients", "new_clients", "visits", "visit_days", "net_revenue", "client_revenue", "consumed_value",
        "average_visit", "average_client", "mean_rating", "rated_visits",
    )  # fmt: skip
    groups = document["groups"]
    if document["additive"]:
        for name in names[:7]:
            assert document["total"][name] == sum(group[name] for group in groups), name
    return {
        group["key"]: {name: round(v, 6) if isinstance(v := group[name], float) else v for name in names}
        for group in groups
    }


def questions(metric: str, start: date, end: date, category: str | None) -> Iterator[Question]:
    for by in BREAKDOWNS:
        for scope in METRICS[metric].scopes:
            for basis in BASES:
                yield Question(metric=metric, start=start, end=end, by=by, scope=scope, basis=basis, category=category)


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_revenue_of_repeat_clients(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    with undone(), reading_once():
        for question in questions("repeat_revenue_share", *happened(hq_user, data)):
            names = ("clients", "repeat_clients", "net_revenue", "repeat_revenue")
            groups = answer(question).as_json()["groups"]
            counted = {group["key"]: tuple(group[name] for name in names) for group in groups}
            assert counted == plain_metrics.repeat_revenue(question), question
            for group in groups:
                whole = group["net_revenue"]
                assert group["value"] == (group["repeat_revenue"] / whole if whole > 0 else None)


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_value_segments(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    """Thresholds are such as the amounts of `Events` cross."""
    with undone(), reading_once(), pytest.MonkeyPatch.context() as patch:
        start, end, category = happened(hq_user, data)
        if data.draw(st.booleans()):
            # So that the data reaches back.
            lines = [NewLine(amount=Decimal(7), category=ServiceCategory.objects.get(name="f"))]
            client, store = Client.objects.get(ref="0"), Store.objects.get(code="b")
            record_visit(acting_user=hq_user, store=store, client=client, day=date(2023, 11, 1), lines=lines)
        set_spend_thresholds(high_above=20, mid_from=10, acting_user=hq_user)
        patch.setattr("tests.core.reporting.plain_metrics.HIGH", 2_000)
        patch.setattr("tests.core.reporting.plain_metrics.MID", 1_000)
        begins = completeness().begins
        for question in questions("value_segments", start, end, category):
            groups = answer(question).as_json()["groups"]
            for reading, until in (("year_before", start), ("same_year", end)):
                if begins is None or begins > until - timedelta(days=365):
                    assert all(group["segments"][reading] is None for group in groups)
                    continue
                counted = {
                    group["key"]: {
                        name: (one["clients"], one["repeat_clients"], one["net_revenue"])
                        for name, one in group["segments"][reading].items()
                        if one["clients"]
                    }
                    for group in groups
                }
                assert counted == plain_metrics.segments(question, reading=reading), question


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_cycles(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    with undone(), reading_once():
        for question in questions("cycle", *happened(hq_user, data)):
            groups = answer(question).as_json()["groups"]
            if (question.end - question.start).days < 365:
                assert all(group["classes"] is None and group["value"] is None for group in groups)
                continue
            counted = {
                group["key"]: {name: one["clients"] for name, one in group["classes"].items()}
                for group in groups
                if group["classes"]
            }
            assert counted == plain_metrics.cycles(question), question


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_satisfaction(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    with undone(), reading_once():
        for question in questions("satisfaction", *happened(hq_user, data)):
            groups = answer(question).as_json()["groups"]
            for reading in ("first_rating", "mean_before_repeat"):
                counted = {
                    group["key"]: {
                        name: (one["clients"], one["repeat_clients"])
                        for name, one in group["bands"][reading].items()
                        if one["clients"]
                    }
                    for group in groups
                }
                assert counted == plain_metrics.bands(question, reading=reading), question


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_cohorts(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    with undone(), reading_once():
        start, end, category = happened(hq_user, data)
        Store.objects.update(complete_through=data.draw(st.sampled_from([None, date(2025, 3, 8), date(2025, 4, 30)])))
        as_of = completeness().as_of
        for question in questions("cohorts", start, end, category):
            groups = answer(question).as_json()["groups"]
            if as_of is None:
                assert not groups
                continue
            plain = plain_metrics.cohorts(question, as_of)
            assert {group["key"] for group in groups} == plain.keys()
            for group in groups:
                months = {row["month"]: row for row in group["cohorts"]}
                assert months.keys() == plain[group["key"]].keys()
                for month, (clients, cells) in plain[group["key"]].items():
                    assert months[month]["clients"] == clients
                    shown = {cell["column"]: cell for cell in months[month]["cells"]}
                    assert shown.keys() == cells.keys(), question
                    for column, cell in cells.items():
                        _same_cell(shown[column], cell, clients)


def _same_cell(shown: dict[str, Any], cell: plain_metrics.Cell, clients: int) -> None:
    followed = [day for day, of in cell.seen if of == 29]
    returned = [day for day, _of in cell.seen if day is not None]
    assert (shown["followed"], shown["returned"]) == (len(followed), len(returned))
    assert shown["open"] == (len(followed) < clients)
    if len(followed) == clients:
        assert shown["value"] == len(returned) / clients
    elif not followed:
        assert shown["value"] is None
    else:
        curve = KaplanMeierFitter().fit(
            [of if day is None else day for day, of in cell.seen], [day is not None for day, _of in cell.seen]
        )
        assert shown["value"] == pytest.approx(1 - curve.survival_function_at_times(29).iloc[0])
