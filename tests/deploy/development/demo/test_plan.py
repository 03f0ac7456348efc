"""Plans that are brought up to a day."""

from datetime import date
from typing import Any

import pytest

from deploy.development.demo.generate import generate
from deploy.development.demo.maple import MAPLE
from deploy.development.demo.plan import brought_up_to
from deploy.development.demo.records import Dataset, Visit

TODAY = date(2027, 2, 3)


@pytest.fixture(scope="module")
def written_out() -> Dataset:
    return generate(MAPLE)


@pytest.fixture(scope="module")
def current() -> Dataset:
    return generate(brought_up_to(MAPLE, TODAY))


def of_2025(data: Dataset) -> list[Any]:
    return [said(visit) for visit in data.visits if visit.started_at.year <= 2025]


def said(visit: Visit) -> tuple[object, ...]:
    return visit.store, visit.started_at, visit.client, visit.ref, [str(line) for line in visit.lines]


def test_what_is_written_out_stays(written_out: Dataset, current: Dataset) -> None:
    assert of_2025(current) == of_2025(written_out)
    refs = [client.ref for client in written_out.clients]
    assert [client.ref for client in current.clients][: len(refs)] == refs


def test_records_end_with_the_day(current: Dataset) -> None:
    days = {visit.started_at.date() for visit in current.visits}
    assert max(days) <= TODAY
    assert len([day for day in days if day >= date(2027, 1, 1)]) > 25
    assert max(since for client in current.clients for since, _tier in client.tiers) <= TODAY


def test_only_those_who_came_are_clients(current: Dataset) -> None:
    came = {visit.client for visit in current.visits}
    assert all(client.ref in came for client in current.clients)
    assert all(not client.referrer or client.referrer in came for client in current.clients)
