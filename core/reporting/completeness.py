"""How far the data reaches, and how much of it has no client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.shared.reading import report_cursor

# A store more than this many days behind the others does not hold the chain's as-of date back.
STALE_AFTER = timedelta(days=14)


@dataclass(frozen=True)
class Completeness:
    as_of: date | None
    # Codes, in order.
    stale_stores: tuple[str, ...]
    # The first day with a recorded line.
    begins: date | None = None
    # How far each store's data reaches, by code, closed stores' too: the later of its last recorded day and what its
    # till states.
    through: Mapping[str, date] = field(default_factory=dict)


def completeness() -> Completeness:
    """The chain's as-of date: the earliest of its open stores', those without any visit or statement left aside."""
    with report_cursor() as cursor:
        cursor.execute(
            """SELECT s.code, s.closed_on IS NULL, span.first, greatest(s.complete_through, span.last)
               FROM stores_store s CROSS JOIN LATERAL (
                   SELECT min(d.day) AS first, max(d.day) AS last
                   FROM reporting_storeday d WHERE d.store_id = s.id AND d.lines > 0) AS span"""
        )
        rows = cursor.fetchall()
    begins = min((first for _, _, first, _ in rows if first), default=None)
    through = {code: last for code, _, _, last in rows if last}
    is_open = {code: last for code, opened, _, last in rows if opened and last}
    if not is_open:
        return Completeness(None, (), begins, through)
    latest = max(is_open.values())
    stale = tuple(sorted(code for code, day in is_open.items() if latest - day > STALE_AFTER))
    return Completeness(min(day for code, day in is_open.items() if code not in stale), stale, begins, through)


def anonymous_line_share(start: date, end: date) -> float | None:
    """Share of the period's lines that have no client; None without lines."""
    with report_cursor() as cursor:
        cursor.execute(
            "SELECT sum(anonymous_lines), sum(lines) FROM reporting_storeday WHERE day >= %s AND day < %s", [start, end]
        )
        anonymous, lines = cursor.fetchone()
    return int(anonymous) / int(lines) if lines else None
