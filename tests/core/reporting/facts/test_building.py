"""A layout is built piece by piece while the one before, or the visits, answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.facts import building, from_visits
from core.reporting.facts.building import build_layout
from core.reporting.facts.layout import LAYOUTS
from core.reporting.facts.refresh import refresh_all, refresh_clients
from core.reporting.models import CachedPeriod, ClientFacts, FactBlock, FactLayout
from core.reporting.question import Question
from core.reporting.tasks import build_facts
from core.stores.models import Store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.core.reporting.plain import plain_m1
from tests.core.reporting.stored_sums import stored_sums, visit_sums, without_amounts

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1))
OTHER = Question(start=date(2025, 1, 2), end=date(2025, 12, 1))
CLIENTS = 7


@pytest.fixture
def visits(chain: Chain, hq_user: User, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each client comes once more than the one before, in pieces of a few visits."""
    for number in range(CLIENTS):
        client = Client.objects.create(ref=f"L{number}")
        for visit in range(number):
            _record(hq_user, store, client, date(2025, 1 + number, 1 + 3 * visit))
    monkeypatch.setattr(building, "PIECE", 4)
    monkeypatch.setattr(from_visits, "CHUNK", 4)


@pytest.fixture
def former_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain has facts of a layout of before alone."""
    monkeypatch.setitem(LAYOUTS, 0, without_amounts())  # type: ignore[arg-type]
    monkeypatch.setattr("core.reporting.facts.refresh.LAYOUTS", {0: without_amounts()})
    refresh_all()
    monkeypatch.setattr("core.reporting.facts.refresh.LAYOUTS", LAYOUTS)
    assert FactLayout.objects.values_list("layout", "is_complete").get() == (0, True)


def _record(user: User, store: Store, client: Client, day: date) -> None:
    lines = [NewLine(amount=Decimal("10.50"), rating=Decimal("4.7")), NewLine(amount=Decimal(3), paid_by_card=True)]
    record_visit(acting_user=user, store=store, client=client, day=day, lines=lines)


def _same_as_plain() -> None:
    for question in (YEAR, OTHER):
        plain = plain_m1(start=question.start, end=question.end, by="none", scope="chain", basis="visit")["all"]
        total = answer(question).total
        assert (total.clients, total.counts["repeat_clients"]) == (plain.clients, plain.repeats)
    assert stored_sums() == visit_sums()


@contextmanager
def reading_visits(*, expected: bool) -> Iterator[None]:
    with CaptureQueriesContext(connection) as queries:
        yield
    statements = [query["sql"] for query in queries.captured_queries]
    assert any("visits_visitline" in statement for statement in statements) == expected


def test_a_new_chain_has_its_facts_from_the_start(chain: Chain) -> None:
    assert FactLayout.objects.values_list("layout", "is_complete").get() == (max(LAYOUTS), True)


def test_without_facts_the_visits_answer(visits: None) -> None:
    FactLayout.objects.all().delete()
    refresh_clients(list(Client.objects.values_list("id", flat=True)))
    with reading_visits(expected=True):
        answer(YEAR)
    _same_as_plain()
    assert not CachedPeriod.objects.exists()


def test_a_chain_without_facts_gets_them_piece_by_piece(visits: None, hq_user: User, store: Store) -> None:
    FactLayout.objects.all().delete()
    pieces = 0
    while build_layout():
        pieces += 1
        _record(hq_user, store, Client.objects.order_by("id")[pieces % CLIENTS], date(2025, 10, pieces))
        _same_as_plain()
    assert pieces > CLIENTS / 2
    assert FactLayout.objects.values_list("layout", "is_complete").get() == (max(LAYOUTS), True)
    with reading_visits(expected=False):
        answer(YEAR)
        answer(OTHER)
    _same_as_plain()


def test_the_former_layout_answers_what_it_holds(visits: None, former_layout: None) -> None:
    with reading_visits(expected=False):
        answer(YEAR)
        answer(OTHER)
    assert CachedPeriod.objects.values_list("layout", flat=True).get() == 0
    with reading_visits(expected=True):
        stored_sums()
    _same_as_plain()


def test_the_former_layout_goes_when_the_new_one_is_complete(
    visits: None, former_layout: None, hq_user: User, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "DELETED", 2)
    answer(YEAR)
    seen = set()
    while build_layout():
        seen.add(tuple(FactLayout.objects.order_by("layout").values_list("layout", "is_complete")))
        for client in Client.objects.order_by("id")[:2]:
            _record(hq_user, store, client, date(2025, 11, 1 + len(seen)))
        _same_as_plain()
    assert seen == {((0, True), (max(LAYOUTS), False)), ((max(LAYOUTS), True),)}
    for table in (ClientFacts, FactBlock, CachedPeriod):
        assert set(table.objects.values_list("layout", flat=True)) == {max(LAYOUTS)}
    with reading_visits(expected=False):
        stored_sums()


def test_what_was_left_of_an_earlier_beginning_is_not_counted(visits: None) -> None:
    """Interrupted, and then taken off the list by a process that does not know the layout."""
    FactLayout.objects.update(layout=9)
    refresh_clients(list(Client.objects.values_list("id", flat=True))[:2])
    assert not FactLayout.objects.exists()
    assert ClientFacts.objects.exists()
    ClientFacts.objects.all().delete()
    Visit.objects.order_by("id")[:1].get().lines.all().delete()
    refresh_clients(list(Client.objects.values_list("id", flat=True)))
    build_facts()
    _same_as_plain()
    assert FactLayout.objects.get().is_complete
