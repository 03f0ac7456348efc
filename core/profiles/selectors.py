"""Clients for the pages: who may be seen, found by name, phone or number; a client's visits."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.appointments.models import Appointment
from core.balances.models import OpeningBalance
from core.clients.models import Client
from core.shared.figures import day, month_day
from core.shared.file_fields import Field, Value, fields_of
from core.stores.access import visible_stores
from core.visits.models import Visit, VisitLine

MOST_FOUND = 50


def clients_seen_by(user: User) -> QuerySet[Client]:
    """All of them for who sees all stores; else those who belong to a store the user sees, or have visited it, booked
    or bought a card there."""
    if user.sees_all_stores:
        return Client.objects.all()
    stores = list(visible_stores(user).values_list("pk", flat=True))
    there = {"client": OuterRef("pk"), "store__in": stores}
    came = Exists(Visit.objects.filter(**there)) | Exists(Appointment.objects.filter(**there))
    bought = Exists(OpeningBalance.objects.filter(**there))
    return Client.objects.filter(Q(store__in=stores) | Q(ref_store__in=stores) | came | bought)


def find_clients(clients: QuerySet[Client], text: str) -> list[Client]:
    """At most fifty whose name holds the text, or whose number or phone begins with it; the newest without a text."""
    text = text.strip()
    found = clients.select_related("store")
    if not text:
        return list(found.order_by("-pk")[:MOST_FOUND])
    # Empty names and phones are in no index, which the database has to be told.
    by_name = Q(name__icontains=text) & ~Q(name="")
    by_phone = Q(phone__startswith=text) & ~Q(phone="")
    return list(found.filter(by_name | by_phone | Q(ref__startswith=text)).order_by("name", "ref")[:MOST_FOUND])


def client_facts(client: Client) -> list[tuple[str | Promise, str]]:
    """What is known of the client beside name and number, as label and text."""
    plain = [field for field in fields_of("clients") if field.column and field.name not in {"client_ref", "name"}]
    facts = ((field, getattr(client, field.column) or _without_year(field, client)) for field in plain)
    return [(field.label, _as_text(field, value)) for field, value in facts if value not in {None, ""}]


def _without_year(field: Field, client: Client) -> str:
    """A birthday of which month and day alone are known."""
    return month_day(client.birthday) if field.value is Value.BIRTH_DATE and client.birthday else ""


def _as_text(field: Field, value: Any) -> str:
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(field.choices.get(value, value))


def visits_seen_by(user: User, client: Client) -> QuerySet[Visit]:
    """The client's visits with their lines, the latest first; those at the stores the user sees."""
    visits = Visit.objects.filter(client=client)
    if not user.sees_all_stores:
        visits = visits.filter(store__in=visible_stores(user))
    lines = VisitLine.objects.select_related("service__category", "category", "staff").order_by("pk")
    return (
        visits.select_related("store").prefetch_related(Prefetch("lines", lines)).order_by("-day", "-start_time", "-pk")
    )


@dataclass(frozen=True)
class Paid:
    """What a visit came to: paid now, and consumed from a card, which is never added to it."""

    revenue: Decimal
    consumed: Decimal


def paid(visit: Visit) -> Paid:
    lines = visit.lines.all()
    return Paid(
        revenue=sum((line.amount for line in lines if not line.paid_by_card), Decimal(0)),
        consumed=sum((line.amount for line in lines if line.paid_by_card), Decimal(0)),
    )
