"""Sums of standard periods, kept from the first time they are asked for.

A change of few clients adds the difference (their old facts taken away, the new ones added) to every kept period it
touches; a change of many drops the periods. A period is summed up while no writer is at work (an advisory lock of the
chain, shared by writers), so that no change falls between the facts read and the period's becoming known.
"""

from datetime import date

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.reporting.report import Basis, Scope
from core.reporting.streams import PLACES, SAME_STORE, SAME_TIER, STREAMS, Sql, first_days
from core.shared.chain import current_chain

_LATERAL = ", ".join(
    f"('{scope}', '{basis}', {s.belongs}, {s.is_new}, {s.prev}, {s.next}, {s.next_location})"
    for (scope, basis), s in STREAMS.items()
)

_TOTAL_COLUMNS = (
    "period_id, category_id, location_id, lead_category_id, is_new, third, "
    "clients, repeat_clients, repeat_same_store, repeat_same_tier"
)


# Adds what changed (facts with a `sign`) to the kept periods it counts in.
ADD_CHANGES = f"""
    INSERT INTO reporting_periodtotal ({_TOTAL_COLUMNS})
    SELECT period_id, category_id, f.location_id, lead_category_id, is_new, third,
           sum(sign), sum(sign * repeats::int), sum(sign * {SAME_STORE}::int), sum(sign * {SAME_TIER}::int)
    FROM (
        SELECT c.sign, p.id AS period_id, c.category_id, c.location_id, c.lead_category_id, stream.is_new,
               (c.day - p.start) * 3 / (p."end" - p.start) AS third,
               stream.next < p."end" AS repeats,
               CASE WHEN stream.next < p."end" THEN stream.next_location_id END AS next_location_id
        FROM changed c
        CROSS JOIN LATERAL (VALUES {_LATERAL}) AS stream (scope, basis, belongs, is_new, prev, next, next_location_id)
        JOIN reporting_keptperiod p ON p.scope = stream.scope AND p.basis = stream.basis
            AND c.day >= p.start AND c.day < p."end" AND stream.prev < p.start
        WHERE stream.belongs
    ) AS f {PLACES}
    GROUP BY period_id, category_id, f.location_id, lead_category_id, is_new, third
    HAVING sum(sign) <> 0 OR sum(sign * repeats::int) <> 0
        OR coalesce(sum(sign * {SAME_STORE}::int), 0) <> 0 OR coalesce(sum(sign * {SAME_TIER}::int), 0) <> 0"""  # noqa: S608


def _lock_key() -> str:
    return f"{current_chain().schema_name}:period totals"


def hold_writers_lock(cursor: CursorWrapper) -> None:
    """Until the transaction ends: facts are being written."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_lock_key()])


def drop_all(cursor: CursorWrapper) -> None:
    cursor.execute("DELETE FROM reporting_periodtotal")
    cursor.execute("DELETE FROM reporting_keptperiod")


def is_standard(start: date, end: date) -> bool:
    """A calendar month, quarter, half-year or year, or twelve months that end with a month."""
    if start.day != 1 or end.day != 1:
        return False
    months = (end.year - start.year) * 12 + end.month - start.month
    return months == 12 or (months in (1, 3, 6) and (start.month - 1) % months == 0)


def kept_period(start: date, end: date, scope: Scope, basis: Basis) -> int | None:
    """The id of the period's sums, summed up now if it is standard and not kept yet; None where the facts must be
    read: another period, or one that cannot be summed up because someone is writing facts."""
    if not is_standard(start, end):
        return None
    key = [start, end, scope, basis]
    find = 'SELECT id FROM reporting_keptperiod WHERE start = %s AND "end" = %s AND scope = %s AND basis = %s'
    with connection.cursor() as cursor:
        cursor.execute(find, key)
        if row := cursor.fetchone():
            return int(row[0])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_lock_key()])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(find, key)
        if row := cursor.fetchone():
            return int(row[0])
        cursor.execute(
            'INSERT INTO reporting_keptperiod (start, "end", scope, basis) VALUES (%s, %s, %s, %s) RETURNING id', key
        )
        (period_id,) = cursor.fetchone()
        _sum_up(cursor, period_id, start, end, scope, basis)
        return int(period_id)


def _sum_up(cursor: CursorWrapper, period_id: int, start: date, end: date, scope: Scope, basis: Basis) -> None:
    category = Sql("category_id AS category_id,")
    facts = first_days(scope, basis, start=start, end=end, which=Sql("true"), extra=category)
    cursor.execute(
        f"""INSERT INTO reporting_periodtotal ({_TOTAL_COLUMNS})
            SELECT %s, category_id, f.location_id, lead_category_id, is_new, third, sum(clients),
                   coalesce(sum(clients) FILTER (WHERE repeats), 0),
                   coalesce(sum(clients) FILTER (WHERE {SAME_STORE}), 0),
                   coalesce(sum(clients) FILTER (WHERE {SAME_TIER}), 0)
            FROM ({facts.text}) AS f {PLACES}
            GROUP BY category_id, f.location_id, lead_category_id, is_new, third""",  # noqa: S608
        [period_id, *facts.params],
    )


def merge() -> None:
    """Folds the added rows of each period into one a place and stratum, and sweeps what belongs to dropped periods."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_lock_key()])
        if not cursor.fetchone()[0]:
            return
        keys = "period_id, category_id, location_id, lead_category_id, is_new, third"
        cursor.execute(
            f"""WITH gone AS (DELETE FROM reporting_periodtotal RETURNING *)
                INSERT INTO reporting_periodtotal ({_TOTAL_COLUMNS})
                SELECT {keys}, sum(clients), sum(repeat_clients), sum(repeat_same_store), sum(repeat_same_tier)
                FROM gone WHERE period_id IN (SELECT id FROM reporting_keptperiod)
                GROUP BY {keys} HAVING sum(clients) <> 0"""  # noqa: S608
        )
