"""How far the data reaches, and how much of it has no client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.reporting.periods import add_months
from core.shared.chain import chain_today
from core.shared.replica import report_cursor

# A store more than this many days behind the others does not hold the chain's as-of date back.
STALE_AFTER = timedelta(days=14)

_LINES = """
    SELECT sum(anonymous_lines), sum(lines) FROM (
        SELECT anonymous_lines, lines FROM reporting_monthlines WHERE month >= %s AND month < %s
        UNION ALL
        SELECT of_edge.anonymous_lines, of_edge.lines
        FROM unnest(%s::date[], %s::date[]) AS edge (since, until) CROSS JOIN stores_store s
        CROSS JOIN LATERAL (
            SELECT sum(d.anonymous_lines) AS anonymous_lines, sum(d.lines) AS lines FROM reporting_storeday d
            WHERE d.store_id = s.id AND d.day >= edge.since AND d.day < edge.until) AS of_edge) AS counted"""


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
    # Their first recorded days, of those that have one.
    first: Mapping[str, date] = field(default_factory=dict)


def completeness() -> Completeness:
    """The chain's as-of date: the earliest of its open stores', those without any visit or statement left aside."""
    with report_cursor() as cursor:
        cursor.execute(
            """SELECT s.code, s.closed_on IS NULL OR s.closed_on > %s, span.first,
                      greatest(s.complete_through, span.last)
               FROM stores_store s CROSS JOIN LATERAL (
                   SELECT min(d.day) AS first, max(d.day) AS last
                   FROM reporting_storeday d WHERE d.store_id = s.id AND d.lines > 0) AS span
               WHERE s.merged_into_id IS NULL""",
            [chain_today()],
        )
        rows = cursor.fetchall()
    begins = min((first for _, _, first, _ in rows if first), default=None)
    through = {code: last for code, _, _, last in rows if last}
    firsts = {code: first for code, _, first, _ in rows if first}
    is_open = {code: last for code, opened, _, last in rows if opened and last}
    if not is_open:
        return Completeness(None, (), begins, through, firsts)
    latest = max(is_open.values())
    stale = tuple(sorted(code for code, day in is_open.items() if latest - day > STALE_AFTER))
    as_of = min(day for code, day in is_open.items() if code not in stale)
    return Completeness(as_of, stale, begins, through, firsts)


def complete_through(store_id: int) -> date | None:
    """How far that store's data reaches; None where it has none."""
    with report_cursor() as cursor:
        cursor.execute(
            """SELECT greatest(s.complete_through, (
                   SELECT max(d.day) FROM reporting_storeday d WHERE d.store_id = s.id AND d.lines > 0))
               FROM stores_store s WHERE s.id = %s""",
            [store_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def anonymous_line_share(start: date, end: date) -> float | None:
    """Share of the period's lines that have no client; None without lines."""
    first, last = add_months((start - timedelta(days=1)).replace(day=1), 1), end.replace(day=1)
    # Whole months, then the days before and after them.
    edges = [(start, first), (last, end)] if first < last else [(start, end)]
    edges = [(since, until) for since, until in edges if since < until]
    with report_cursor() as cursor:
        cursor.execute(_LINES, [first, last, *map(list, zip(*edges, strict=True))] if edges else [first, last, [], []])
        anonymous, lines = cursor.fetchone()
    return int(anonymous) / int(lines) if lines else None
