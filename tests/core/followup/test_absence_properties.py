"""The list of a store held against a plain computation over the visits, for random salons."""

import itertools
import math
import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.accounts.models import User
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.followup.absence import absence_of
from core.staff.models import StaffMember
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tests.core.followup.conftest import TODAY
from tests.core.followup.test_intervals import plain

# Client: days overdue, usual interval, spent, staff.
Listed = dict[int, tuple[int, int, Decimal, int]]


def plain_list(store: Store) -> Listed:
    lines: dict[int, dict[date, list[VisitLine]]] = defaultdict(lambda: defaultdict(list))
    stores: dict[tuple[int, date], int] = {}
    for line in VisitLine.objects.select_related("visit__store", "service").order_by("pk"):
        visit: Visit = line.visit
        assert visit.client_id is not None
        lines[visit.client_id][visit.day].append(line)
        stores.setdefault((visit.client_id, visit.day), visit.store_id)
    histories = {client: _gaps(sorted(days)) for client, days in lines.items()}
    mean, between, within = plain([gaps for _client, gaps in sorted(histories.items()) if gaps])
    found: Listed = {}
    for client, days in lines.items():
        last = max(days)
        interval = _interval(histories[client], days[last][0], mean, between, within)
        overdue = (TODAY - last).days - interval
        if stores[client, last] == store.pk and overdue > 0:
            year = TODAY - timedelta(days=365)
            spent = sum((line.amount for day in days for line in days[day] if day > year), Decimal(0))
            found[client] = overdue, interval, spent, _staff(days)
    return found


def _gaps(days: list[date]) -> list[int]:
    recent = [day for day in days if day > days[-1] - timedelta(days=730)]
    return [(after - before).days for before, after in itertools.pairwise(recent)]


def _interval(gaps: list[int], last: VisitLine, mean: float, between: float, within: float) -> int:
    if len(gaps) >= 2:
        weight = between / (between + within / len(gaps))
        own = sum(map(math.log, gaps)) / len(gaps)
        return math.floor(math.exp(weight * own + (1 - weight) * mean) + 0.5)
    assert last.service is not None
    return last.service.interval_days or math.floor(math.exp(mean) + 0.5)


def _staff(days: dict[date, list[VisitLine]]) -> int:
    recent = [day for day in days if day > max(days) - timedelta(days=730)]
    served = Counter(days[day][0].staff_id for day in recent)
    latest = {days[day][0].staff_id: day for day in sorted(recent)}
    best = max(served, key=lambda staff: (served[staff], latest[staff]))
    assert best is not None
    return best


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_list_is_what_the_visits_say(store: Store, hq_user: User, today: date, seed: int) -> None:
    chance = random.Random(seed)
    store.complete_through = today
    store.save()
    stores = [store, open_store(code="S9", name="Other", city="X", city_tier="一线", region="E")]
    staff = [StaffMember.objects.create(code=name, name=name, store=store) for name in "ABC"]
    # No category has so many clients with gaps that it is gone by.
    services = [
        Service.objects.create(
            code=f"V{n}", name=f"V{n}", category=ServiceCategory.objects.create(name=f"C{n}"), interval_days=days
        )
        for n, days in enumerate([None, 20, None, 45, None, None])
    ]
    for number in range(45):
        client = Client.objects.create(ref=f"P{number}")
        usual = chance.choice([10, 20, 40, 90])
        day = today - timedelta(days=chance.randrange(1, 300))
        for _visit in range(chance.choice([1, 2, 3, 5, 9])):
            line = NewLine(
                service=chance.choice(services), staff=chance.choice(staff), amount=Decimal(chance.randrange(1, 900))
            )
            record_visit(acting_user=hq_user, store=chance.choice(stores), client=client, day=day, lines=[line])
            day -= timedelta(days=max(1, round(usual * chance.uniform(0.6, 1.6))))
    for one in stores:
        one.complete_through = today
        one.save()
        listed = {
            client.client_id: (client.overdue, client.usual_days, client.spent, client.staff_id)
            for client in absence_of(one, today=today).clients
        }
        assert listed == plain_list(one)
        assert listed
