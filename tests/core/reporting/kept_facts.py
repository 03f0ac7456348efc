"""Reads the facts back."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.db import connection

from core.reporting.facts.by_client import stored_facts
from core.reporting.facts.derivation import EPOCH
from core.reporting.facts.layout import LAYOUTS
from core.reporting.models import ClientFacts


@dataclass(frozen=True)
class Fact:
    client_id: int
    category_id: int
    day: date
    store_id: int
    is_lead: bool
    is_visit: bool
    net_revenue: int
    consumed_value: int
    ratings: int
    rating_count: int
    first_rating: int
    is_first_rated: bool
    visits: int


def kept_facts(*, whole_days: bool = False, layout: int = max(LAYOUTS)) -> list[Fact]:
    """In the order of client, category, day; `whole_days` are those of all categories together."""
    with connection.cursor() as cursor:
        columns = stored_facts(cursor, layout, ClientFacts._meta.db_table)
    names = [field.name for field in fields(Fact)]
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    facts = [_fact(dict(zip(names, row, strict=True))) for row in rows]
    facts.sort(key=lambda fact: (fact.client_id, fact.category_id, fact.day, fact.store_id))
    return [fact for fact in facts if fact.category_id == 0] if whole_days else facts


def _fact(row: dict[str, Any]) -> Fact:
    return Fact(**row | {"day": EPOCH + timedelta(days=row["day"])})
