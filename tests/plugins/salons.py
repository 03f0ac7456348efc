"""A small chain with known rates, for tests of what is shown of it."""

import html
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from core.accounts.models import User
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.reporting.facts.refresh import refresh_clients
from core.staff.models import StaffMember
from core.stores.models import Store
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain

# Code, name, city, tier, region; of 40 clients in 2024 and of 40 others in 2025, how many come back.
STORES = (
    ("S001", "上海静安店", "上海", "一线", "华东", 20, 24),
    ("S002", "合肥万象店", "合肥", "二线", "华东", 20, 20),
    ("S003", "保定时代店", "保定", "三线", "华北", 14, 14),
)
CLIENTS = 40


def text_of(response: Any) -> str:
    """What a page says, without its markup."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", html.unescape(plain))


@pytest.fixture
def english(hq_user: User, manager_user: User) -> None:
    """The users read English."""
    cache.clear()
    User.objects.update(language="en")


@pytest.fixture
def salon(chain: Chain, store: Store) -> dict[str, Store]:
    """Stores by code; `store` is the first of them. In 2025, 58 of 120 clients come back, in 2024, 54 of 120."""
    return make_salon()


def make_salon() -> dict[str, Store]:
    """In the chain entered."""
    stores = {}
    for code, name, city, tier, region, *_ in STORES:
        made, created = Store.objects.get_or_create(code=code)
        made.name, made.complete_through = name, date(2025, 12, 31)
        made.save()
        if created:
            made.locations.create(city=city, city_tier=tier, region=region)
        stores[code] = made
    visits = [visit for number, row in enumerate(STORES) for visit in _visits(stores[row[0]], number, row[5:])]
    visits.append(Visit(store=stores["S001"], day=date(2025, 6, 1), ref="anonymous"))
    _record(visits)
    return stores


def open_sisters(each: int = 2) -> None:
    """Beside each of the salon's stores others with as many clients, of whom as many come back: enough stores to test
    whether city tiers differ."""
    visits = []
    for number, (code, name, city, tier, region, *quotas) in enumerate(STORES):
        for sister in range(1, each + 1):
            store = Store.objects.create(code=f"{code}-{sister}", name=f"{name}{sister}")
            store.complete_through = date(2025, 12, 31)
            store.save()
            store.locations.create(city=city, city_tier=tier, region=region)
            visits += _visits(store, number + 10 * sister, tuple(quotas))
    _record(visits)


def bring_back_more(salon: dict[str, Store], by: User) -> None:
    """Eight more of S001's clients of 2025 come back, 32 of 40: with sisters, the tiers differ beyond chance."""
    for client in Client.objects.filter(store=salon["S001"], ref__startswith="S001-2025-").order_by("-ref")[:8]:
        lines = [NewLine(amount=Decimal("198.00"))]
        record_visit(acting_user=by, store=salon["S001"], client=client, day=date(2025, 12, 20), lines=lines)


def _visits(store: Store, number: int, quotas: tuple[int, ...]) -> list[Visit]:
    """With their clients, recorded; the visits are not yet."""
    clients, visits = [], []
    for year, quota in zip((2024, 2025), quotas, strict=True):
        for index in range(CLIENTS):
            client = Client(
                ref=f"{store.code}-{year}-{index:02}",
                name=f"客{year % 100}{number}{index:02}",
                phone=f"1380{year}{number}{index:02}",
                store=store,
            )
            clients.append(client)
            first = date(year, 1, 5) + timedelta(days=index * 6)
            days = [first, first + timedelta(days=30)] if index < quota else [first]
            visits += [Visit(store=store, client=client, day=day, ref=f"{client.ref}-{day}") for day in days]
    Client.objects.bulk_create(clients)
    return visits


def _record(visits: list[Visit]) -> None:
    facial, _created = ServiceCategory.objects.get_or_create(name="面部护理")
    service, _created = Service.objects.get_or_create(code="F1", defaults={"name": "补水护理", "category": facial})
    people = {
        store: StaffMember.objects.create(code=f"E-{store.code}", name=f"{store.name}员工", store=store)
        for store in {visit.store for visit in visits}
    }
    Visit.objects.bulk_create(visits)
    VisitLine.objects.bulk_create(
        VisitLine(visit=v, service=service, category=facial, staff=people[v.store], amount=Decimal("198.00"))
        for v in visits
    )
    clients = {visit.client.pk for visit in visits if visit.client}
    refresh_clients(sorted(clients), {(visit.store_id, visit.day) for visit in visits})
