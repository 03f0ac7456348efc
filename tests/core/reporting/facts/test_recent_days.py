"""Each client's last visit and recent days, held against the visits themselves, through changes of every kind."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from core.accounts.models import User
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import EPOCH
from core.reporting.facts.recent_days import WINDOW, recent_days_of_sample, recent_days_of_store
from core.reporting.facts.refresh import refresh_all
from core.reporting.models import ClientFacts, FactLayout
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import move_visit, record_visit, void_visit
from tenants.models import Chain

LATER = date(2030, 1, 1)
Day = tuple[int, date, int, int, bool]


def days_of(columns: Columns) -> list[Day]:
    names = ("client_id", "day", "service_id", "net_revenue", "is_visit")
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    return [(client, EPOCH + timedelta(days=day), *more) for client, day, *more in rows]


def plain_days() -> dict[int, list[Day]]:
    """By store of the last visit, by a loop over the visits."""
    by_client: dict[int, dict[date, list[Visit]]] = defaultdict(lambda: defaultdict(list))
    for visit in Visit.objects.filter(voided_at=None).select_related("store").prefetch_related("lines"):
        if visit.client_id:
            by_client[visit.client_id][visit.day].append(visit)
    found: dict[int, list[Day]] = defaultdict(list)
    for client, days in sorted(by_client.items()):
        lead = {day: kept for day, visits in days.items() if (kept := _lead(visits))}
        if not lead:
            continue
        last = max(lead)
        for day in sorted(day for day in days if day > last - timedelta(days=WINDOW)):
            paid = sum(one.amount for visit in days[day] for one in visit.lines.all() if not one.paid_by_card)
            service = _first_service(lead[day]) if day in lead else 0
            found[lead[last].store_id].append((client, day, service, int(paid * 100), day in lead))
    return found


def _kept(visit: Visit) -> list[int]:
    return [line.service_id or 0 for line in sorted(visit.lines.all(), key=lambda one: one.pk) if line.quantity > 0]


def _first_service(visit: Visit) -> int:
    return _kept(visit)[0]


def _lead(visits: list[Visit]) -> Visit | None:
    kept = [visit for visit in visits if _kept(visit)]
    return min(kept, key=lambda one: (one.start_time, one.store.code, one.pk)) if kept else None


def assert_right(stores: list[Store]) -> None:
    plain = plain_days()
    with connection.cursor() as cursor:
        for store in stores:
            assert days_of(recent_days_of_store(cursor, store.pk, before=LATER)) == plain.get(store.pk, [])
        everyone = sorted(day for days in plain.values() for day in days)
        assert sorted(days_of(recent_days_of_sample(cursor, 100))) == everyone


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_they_follow_the_visits(chain: Chain, hq_user: User, store: Store, seed: int) -> None:
    chance = random.Random(seed)
    other = open_store(code="S9", name="Other", city="X", city_tier="一线", region="E")
    clients = [Client.objects.create(ref=f"R{number}") for number in range(5)]
    category = ServiceCategory.objects.create(name="Hair")
    services = [Service.objects.create(code=f"H{n}", name=f"H{n}", category=category) for n in range(2)]

    def day() -> date:
        return date(2023, 1, 1) + timedelta(days=chance.randrange(1000))

    def line() -> NewLine:
        sign = chance.choice([1, 1, 1, -1])
        paid, service = chance.randrange(2) == 0, chance.choice(services)
        return NewLine(service=service, quantity=Decimal(sign), amount=Decimal(sign * 7), paid_by_card=paid)

    for step in range(60):
        record_visit(
            acting_user=hq_user, store=chance.choice([store, other]), client=chance.choice(clients), day=day(),
            lines=[line() for _ in range(chance.randint(1, 3))],
        )  # fmt: skip
        if step % 6 == 5:
            visit = chance.choice(list(Visit.objects.filter(voided_at=None)))
            void_visit(acting_user=hq_user, visit_id=visit.pk)
        if step % 7 == 5:
            visit = chance.choice(list(Visit.objects.filter(voided_at=None)))
            move_visit(
                acting_user=hq_user, visit_id=visit.pk, client=chance.choice(clients), store=other, day=day(),
                start_time=visit.start_time,
            )  # fmt: skip
    assert_right([store, other])
    refresh_all()
    assert_right([store, other])
    # As long as no layout tells, the visits do.
    ClientFacts.objects.all().delete()
    FactLayout.objects.all().delete()
    assert_right([store, other])


def test_who_came_on_that_day_is_left_out(chain: Chain, hq_user: User, store: Store) -> None:
    client = Client.objects.create(ref="R")
    record_visit(
        acting_user=hq_user, store=store, client=client, day=date(2025, 5, 1), lines=[NewLine(amount=Decimal(5))]
    )
    with connection.cursor() as cursor:
        assert not days_of(recent_days_of_store(cursor, store.pk, before=date(2025, 5, 1)))
        assert len(days_of(recent_days_of_store(cursor, store.pk, before=date(2025, 5, 2)))) == 1


def test_a_chain_without_clients_has_none(chain: Chain) -> None:
    with connection.cursor() as cursor:
        assert not days_of(recent_days_of_sample(cursor, 10))
