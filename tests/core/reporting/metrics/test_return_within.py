"""M2 on a small chain: who is counted, until when, and where there is no rate."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from lifelines import KaplanMeierFitter

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.question import Question
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tests.core.reporting.plain import plain_m2

YEAR = Question(metric="return_within", start=date(2025, 1, 1), end=date(2026, 1, 1), by="store", within=90)


@pytest.fixture
def regulars(salon: dict[str, Store], hq_user: User) -> None:
    """40 clients of S001, first met over the autumn; each second one comes again, some after the year is over."""
    for store in salon.values():
        store.complete_through = date(2026, 1, 31)
        store.save()
    for number in range(40):
        client = Client.objects.create(ref=f"regular-{number}")
        first = date(2025, 8, 10) + timedelta(days=3 * number)
        days = [first, first + timedelta(days=10 + number)] if number % 2 else [first]
        for day in days:
            record_visit(
                acting_user=hq_user,
                store=salon["S001"],
                client=client,
                day=day,
                lines=[NewLine(amount=Decimal(10))],
            )


def test_value_and_interval_are_those_of_lifelines_on_the_clients(regulars: None, salon: dict[str, Store]) -> None:
    report = answer(YEAR)
    assert report.as_of == date(2026, 1, 31)
    plain = plain_m2(start=YEAR.start, end=YEAR.end, by="store", scope="chain", basis="visit", as_of=date(2026, 1, 31))
    assert {group.key: group.clients for group in report.groups} == {key: len(found) for key, found in plain.items()}
    group = next(group for group in report.groups if group.key == "S001")
    clients = plain["S001"]
    fitted = KaplanMeierFitter().fit(
        [client.days if client.gap is None else client.gap for client in clients],
        [client.gap is not None for client in clients],
        timeline=range(91),
    )
    assert group.value == pytest.approx(1 - fitted.survival_function_at_times(90).iloc[0])
    low, high = fitted.confidence_interval_.loc[90].tolist()
    assert group.ci95 == pytest.approx((1 - high, 1 - low))
    assert group.counts["not_mature"] == sum(client.days < 90 for client in clients) > 0
    assert ("not_mature", "") in [(code, "") for code, _sentence in report.notes]


def test_who_comes_back_after_the_period_has_come_back(regulars: None) -> None:
    december = replace(YEAR, start=date(2025, 11, 1), by="none", within=60)
    returned = answer(december).total.counts["returned"]
    again = answer(replace(december, metric="repurchase_rate", within=None)).total.counts["repeat_clients"]
    assert returned > again


def test_days_after_the_as_of_date_are_not_used(regulars: None, salon: dict[str, Store]) -> None:
    before = answer(YEAR).total
    for store in (salon["S002"], salon["S003"]):
        Store.objects.filter(pk=store.pk).update(complete_through=date(2026, 1, 20))
    after = answer(YEAR)
    assert after.as_of == date(2026, 1, 20)
    assert after.total.counts["followed"] < before.counts["followed"]
    assert after.total.counts["returned"] < before.counts["returned"]


def test_clients_of_a_stale_store_are_left_out_and_the_share_is_told(regulars: None, salon: dict[str, Store]) -> None:
    whole = answer(YEAR)
    Store.objects.filter(pk=salon["S003"].pk).update(complete_through=date(2025, 12, 31))
    report = answer(YEAR)
    assert report.stale_stores == ("S003",)
    assert [group.key for group in report.groups if group.clients] == ["S001", "S002"]
    left_out = report.total.counts["left_out"]
    assert report.total.clients + left_out == whole.total.clients
    assert "stale_stores_left_out" in [code for code, _sentence in report.notes]


def test_there_is_no_rate_of_fewer_than_30_clients_followed(regulars: None) -> None:
    few = replace(YEAR, start=date(2025, 12, 1), by="none")
    total = answer(few).total
    assert (total.value, total.ci95) == (None, None)
    assert total.counts["followed"] < 30


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (replace(YEAR, within=None), "unknown_horizon"),
        (replace(YEAR, within=45), "unknown_horizon"),
        (replace(YEAR, metric="repurchase_rate"), "horizon_not_offered"),
        (replace(YEAR, metric="nothing", within=None), "unknown_metric"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_code(salon: dict[str, Store], question: Question, code: str) -> None:
    with pytest.raises(AppError) as caught:
        answer(question)
    assert caught.value.code == code
