"""How far the data reaches, and how much of it has no client."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

# A store more than this many days behind the others does not hold the chain's as-of date back.
STALE_AFTER = timedelta(days=14)


@dataclass(frozen=True)
class Completeness:
    as_of: date | None
    # Codes, in order.
    stale_stores: tuple[str, ...]


def completeness() -> Completeness:
    """The chain's as-of date: the earliest of its open stores', those without any visit or statement left aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.code, greatest(s.complete_through, (
                   SELECT max(d.day) FROM reporting_storeday d WHERE d.store_id = s.id AND d.lines > 0))
               FROM stores_store s WHERE s.closed_on IS NULL"""
        )
        through = {code: day for code, day in cursor.fetchall() if day is not None}
    if not through:
        return Completeness(None, ())
    latest = max(through.values())
    stale = tuple(sorted(code for code, day in through.items() if latest - day > STALE_AFTER))
    return Completeness(min(day for code, day in through.items() if code not in stale), stale)


def complete_through() -> dict[int, date]:
    """How far each store's data reaches, by store id: the later of its last recorded day and what its till states."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.id, greatest(s.complete_through, (
                   SELECT max(d.day) FROM reporting_storeday d WHERE d.store_id = s.id AND d.lines > 0))
               FROM stores_store s"""
        )
        return {store: day for store, day in cursor.fetchall() if day is not None}


def anonymous_line_share(start: date, end: date) -> float | None:
    """Share of the period's lines that have no client; None without lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(anonymous_lines), sum(lines) FROM reporting_storeday WHERE day >= %s AND day < %s", [start, end]
        )
        anonymous, lines = cursor.fetchone()
    return int(anonymous) / int(lines) if lines else None
