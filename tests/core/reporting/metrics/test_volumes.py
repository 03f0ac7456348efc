"""M8 on a small chain: what has no client counts in the revenue alone."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from core.accounts.models import User
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.facts.building import build_layout
from core.reporting.models import AnonymousDay, FactLayout
from core.reporting.question import Question
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import move_visit, record_visit, return_line, void_visit

MARCH = Question(metric="volumes", start=date(2025, 3, 1), end=date(2025, 4, 1))


@pytest.fixture
def service(store: Store) -> Service:
    nails = ServiceCategory.objects.create(name="nails")
    return Service.objects.create(code="n", name="n", category=nails)


def record(user: User, store: Store, service: Service, client: Client | None, day: int, *amounts: str) -> Any:
    lines = [NewLine(amount=Decimal(amount), service=service) for amount in amounts]
    return record_visit(acting_user=user, store=store, client=client, day=date(2025, 3, day), lines=lines)


def total(question: Question = MARCH) -> dict[str, Any]:
    document: dict[str, Any] = answer(question).as_json()["total"]
    return document


def test_worked_example(hq_user: User, store: Store, service: Service) -> None:
    client = Client.objects.create(ref="1")
    record(hq_user, store, service, client, 1, "100.50")
    record(hq_user, store, service, client, 1, "20")
    record(hq_user, store, service, client, 9, "0.01")
    record(hq_user, store, service, None, 9, "7")
    card = [NewLine(amount=Decimal(30), service=service, paid_by_card=True, rating=Decimal("4.6"))]
    record_visit(
        acting_user=hq_user, store=store, client=Client.objects.create(ref="2"), day=date(2025, 3, 2), lines=card
    )
    assert total() == {
        "clients": 2,
        "new_clients": 2,
        "visits": 4,
        "visit_days": 3,
        "net_revenue": 12_751,
        "client_revenue": 12_051,
        "consumed_value": 3_000,
        "average_visit": 3_013,
        "average_client": 6_026,
        "mean_rating": 4.6,
        "rated_visits": 1,
        "value": 4,
        "ci95": None,
        "small_sample": False,
    }
    bought = total(replace(MARCH, basis="purchase"))
    assert (bought["clients"], bought["visits"], bought["visit_days"]) == (1, 3, 2)
    assert (bought["net_revenue"], bought["consumed_value"]) == (12_751, 3_000)


def test_what_has_no_client_follows_each_change(hq_user: User, store: Store, service: Service) -> None:
    def amounts() -> tuple[int, int]:
        by_category = answer(replace(MARCH, by="category")).groups
        assert sum(group.counts["net_revenue"] for group in by_category) == total()["net_revenue"]
        return total()["net_revenue"], total(replace(MARCH, category="nails"))["net_revenue"]

    visit = record(hq_user, store, service, None, 9, "7", "5")
    assert amounts() == (1200, 1200)
    line = visit.lines.order_by("id")[0]
    return_line(acting_user=hq_user, line_id=line.pk, day=date(2025, 3, 20), quantity=Decimal(1), amount=Decimal(3))
    assert amounts() == (900, 900)
    load_services_with(service, "hair")
    assert amounts() == (900, 0)
    client = Client.objects.create(ref="1")
    there = {"store": store, "day": date(2025, 3, 9), "start_time": time(0)}
    move_visit(acting_user=hq_user, visit_id=visit.pk, client=client, **there)  # type: ignore[arg-type]
    assert total()["client_revenue"] == 1200
    void_visit(acting_user=hq_user, visit_id=visit.pk)
    assert total()["client_revenue"] == 0


def load_services_with(service: Service, category: str) -> None:
    """As an import or an edit does it."""
    from django.db import connection

    from core.catalogue.signals import services_recategorised

    with connection.cursor() as cursor:
        Service.objects.filter(pk=service.pk).update(category=ServiceCategory.objects.create(name=category))
        services_recategorised.send(Service, cursor=cursor, services=[service.pk])


def test_until_it_is_counted_the_visits_answer(hq_user: User, store: Store, service: Service) -> None:
    record(hq_user, store, service, None, 9, "7")
    FactLayout.objects.all().delete()
    AnonymousDay.objects.all().delete()
    assert total()["net_revenue"] == 700
    while build_layout():
        pass
    assert AnonymousDay.objects.get().net_revenue == 700
    assert total()["net_revenue"] == 700


def test_lines_without_a_client_are_of_no_tier_and_neither_new_nor_returning(
    hq_user: User, store: Store, service: Service
) -> None:
    record(hq_user, store, service, None, 9, "7")
    for by in ("acquisition", "member_tier", "staff"):
        (group,) = answer(replace(MARCH, by=by)).groups  # type: ignore[arg-type]
        assert (group.key, group.clients, group.counts["net_revenue"]) == ("(none)", 0, 700)
