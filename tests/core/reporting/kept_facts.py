"""Reads the facts back."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from core.reporting.facts.by_client import facts_of_clients
from core.reporting.facts.derivation import EPOCH
from core.reporting.models import ClientFacts


@dataclass(frozen=True)
class Fact:
    client_id: int
    category_id: int
    day: date
    store_id: int
    is_lead: bool


def kept_facts(*, whole_days: bool = False) -> list[Fact]:
    """In the order of client, category, day; `whole_days` are those of all categories together."""
    with connection.cursor() as cursor:
        columns = facts_of_clients(cursor, list(ClientFacts.objects.values_list("client_id", flat=True)))
    names = ("client_id", "category_id", "day", "store_id", "is_lead")
    facts = [
        Fact(client, category, EPOCH + timedelta(days=day), store, lead)
        for client, category, day, store, lead in zip(*(columns[name].tolist() for name in names), strict=True)
    ]
    facts.sort(key=lambda fact: (fact.client_id, fact.category_id, fact.day, fact.store_id))
    return [fact for fact in facts if fact.category_id == 0] if whole_days else facts
