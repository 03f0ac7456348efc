"""Folding leaves every answer as it is, and few blocks."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.facts import period_cache, refresh
from core.reporting.facts.layout import LAYOUTS
from core.reporting.facts.reading import BlockReader
from core.reporting.models import CachedPeriod, ClientFacts, FactBlock
from core.reporting.question import BREAKDOWNS, Question
from core.reporting.report import Report
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit, void_visit
from tests.core.reporting.kept_facts import kept_facts

YEAR = (date(2025, 1, 1), date(2026, 1, 1))
OTHER = (date(2025, 1, 5), date(2025, 9, 9))


def answers() -> list[Report]:
    return [answer(Question(start=start, end=end, by=by)) for start, end in (YEAR, OTHER) for by in BREAKDOWNS]


def test_folding_changes_no_answer(salon: dict[str, Store], hq_user: User) -> None:
    answers()
    client, store = Client.objects.order_by("id")[0], salon["S001"]
    for number in range(12):
        visit = record_visit(
            acting_user=hq_user,
            store=store,
            client=client,
            day=date(2025, 3, 1) + timedelta(days=number),
            lines=[NewLine(amount=Decimal(10))],
        )
        if number % 3 == 0:
            void_visit(acting_user=hq_user, visit_id=visit.pk)
    before = answers()
    period_cache.fold()
    assert answers() == before
    through = CachedPeriod.objects.values_list("through_id", flat=True).distinct().get()
    assert through == FactBlock.objects.order_by("-id").values_list("id", flat=True)[0]
    CachedPeriod.objects.all().delete()
    assert answers() == before


def test_folding_all_of_a_month_leaves_the_facts_and_nothing_else(
    salon: dict[str, Store], hq_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.reporting.facts.writing.FOLD_ABOVE", 0.0)
    client = Client.objects.order_by("id")[0]
    for number in range(3):
        record_visit(
            acting_user=hq_user,
            store=salon["S001"],
            client=client,
            day=date(2025, 3, 1 + number),
            lines=[NewLine(amount=Decimal(10))],
        )
    period_cache.fold()
    with connection.cursor() as cursor:
        blocks = [
            block
            for of_categories in (False, True)
            for block in BlockReader(cursor).read(
                [*LAYOUTS[max(LAYOUTS)]],
                start=date(2025, 3, 1),
                end=date(2025, 4, 1),
                of_categories=of_categories,
            )
        ]
    assert [block.sign for block in blocks] == [1, 1]
    in_march = [fact for fact in kept_facts() if (fact.day.year, fact.day.month) == (2025, 3)]
    assert sum(len(block.columns["day"]) for block in blocks) == len(in_march)


def test_many_clients_at_once_are_written_as_few_are(salon: dict[str, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    before = answers()
    clients = list(Client.objects.values_list("id", flat=True))
    written = FactBlock.objects.count()
    monkeypatch.setattr(refresh, "MANY_CLIENTS", 1)
    refresh.refresh_clients(clients)
    # Nothing differs, so nothing is written.
    assert FactBlock.objects.count() == written
    ClientFacts.objects.all().delete()
    FactBlock.objects.all().delete()
    refresh.refresh_clients(clients)
    assert answers() == before


def test_a_client_who_comes_back_adds_to_what_is_kept(salon: dict[str, Store], hq_user: User) -> None:
    client = Client.objects.create(ref="new")
    line = NewLine(amount=Decimal(10))
    record_visit(acting_user=hq_user, store=salon["S001"], client=client, day=date(2025, 3, 1), lines=[line])
    before = answer(Question(start=YEAR[0], end=YEAR[1])).total
    record_visit(acting_user=hq_user, store=salon["S001"], client=client, day=date(2025, 3, 9), lines=[line])
    after = answer(Question(start=YEAR[0], end=YEAR[1])).total
    assert (after.clients, after.counts["repeat_clients"]) == (before.clients, before.counts["repeat_clients"] + 1)
