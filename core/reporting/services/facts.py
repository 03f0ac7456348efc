"""Keeps the repurchase facts, the store days and the sums of kept periods current.

Whatever changes visits calls this in its own transaction, with the clients and store days it touched. Clients are
locked in the order of their ids, so that two changes of one client follow each other and none deadlocks.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.reporting.services import totals
from core.reporting.services.derivation import COLUMNS, DERIVE, ONE_BY_ONE, from_table

# From this many clients on, sums of kept periods are dropped and made again when asked for.
MANY_CLIENTS = 500


def refresh_clients(client_ids: Collection[int], store_days: Collection[tuple[int, date]] = ()) -> None:
    """Makes the facts of these clients anew from their visits, and the line counts of these (store id, day) pairs."""
    with transaction.atomic(), connection.cursor() as cursor:
        if client_ids:
            _refresh(cursor, ONE_BY_ONE, [sorted(client_ids)], many=len(client_ids) >= MANY_CLIENTS)
        if store_days:
            pairs = sorted(store_days)
            _refresh_store_days(
                cursor,
                "SELECT unnest(%s::int[]) AS store_id, unnest(%s::date[]) AS day",
                [[store for store, _ in pairs], [day for _, day in pairs]],
            )


def refresh_clients_from(cursor: CursorWrapper, *, table: str) -> None:
    """The same for all clients of a temporary table (client_id bigint), inside the caller's transaction."""
    cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
    (count,) = cursor.fetchone()
    if count:
        _refresh(cursor, from_table(table), [], many=count >= MANY_CLIENTS)


def refresh_store_days_from(cursor: CursorWrapper, *, table: str) -> None:
    """Counts the lines of all (store_id, day) pairs of a temporary table anew."""
    _refresh_store_days(cursor, f"SELECT store_id, day FROM {table}", [])  # noqa: S608


def refresh_store(store_id: int) -> None:
    """After a change of where a store stands: everyone who ever visited it."""
    with transaction.atomic(), connection.cursor() as cursor:
        totals.hold_writers_lock(cursor)
        clients = "SELECT DISTINCT client_id FROM visits_visit WHERE store_id = %s AND client_id IS NOT NULL"
        _refresh(cursor, clients, [store_id], many=True)


def _refresh(cursor: CursorWrapper, affected: str, params: list[Any], *, many: bool) -> None:
    totals.hold_writers_lock(cursor)
    cursor.execute(
        f"WITH affected AS ({affected}) SELECT count(*) FROM (SELECT id FROM clients_client "  # noqa: S608
        "WHERE id IN (SELECT client_id FROM affected) ORDER BY id FOR NO KEY UPDATE) AS locked",
        params,
    )
    if many:
        _refresh_many(cursor, affected, params)
    else:
        _refresh_few(cursor, affected, params)


def _refresh_few(cursor: CursorWrapper, affected: str, params: list[Any]) -> None:
    cursor.execute(
        f"""WITH affected AS MATERIALIZED ({affected}), {DERIVE},
            gone AS (
                DELETE FROM reporting_visitday USING affected
                WHERE reporting_visitday.client_id = affected.client_id RETURNING reporting_visitday.*
            ), made AS (
                INSERT INTO reporting_visitday ({COLUMNS}) SELECT {COLUMNS} FROM derived RETURNING *
            ), changed AS (SELECT -1 AS sign, * FROM gone UNION ALL SELECT 1 AS sign, * FROM made)
            {totals.ADD_CHANGES}""",  # noqa: S608
        params,
    )


def _refresh_many(cursor: CursorWrapper, affected: str, params: list[Any]) -> None:
    totals.drop_all(cursor)
    cursor.execute(
        f"WITH affected AS MATERIALIZED ({affected}) DELETE FROM reporting_visitday "  # noqa: S608
        "USING affected WHERE reporting_visitday.client_id = affected.client_id",
        params,
    )
    # The planner has no figures on rows loaded in this transaction and would loop where it must hash.
    cursor.execute("SET LOCAL enable_nestloop = off")
    cursor.execute("SET LOCAL work_mem = '256MB'")
    cursor.execute(
        f"WITH affected AS MATERIALIZED ({affected}), {DERIVE} "  # noqa: S608
        f"INSERT INTO reporting_visitday ({COLUMNS}) SELECT {COLUMNS} FROM derived ORDER BY day",
        params,
    )
    cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    cursor.execute("SET LOCAL work_mem TO DEFAULT")


def _refresh_store_days(cursor: CursorWrapper, touched: str, params: list[Any]) -> None:
    """Locks the rows first, in order, so that of two writers the second counts what the first has added."""
    cursor.execute(
        f"INSERT INTO reporting_storeday (store_id, day, lines, anonymous_lines) "  # noqa: S608
        f"SELECT DISTINCT store_id, day, 0, 0 FROM ({touched}) AS touched ORDER BY store_id, day "
        "ON CONFLICT (store_id, day) DO UPDATE SET lines = reporting_storeday.lines",
        params,
    )
    cursor.execute(
        f"""WITH touched AS MATERIALIZED (SELECT DISTINCT store_id, day FROM ({touched}) AS pairs),
            counted AS (
                SELECT t.store_id, t.day, count(l.id) AS lines,
                       count(l.id) FILTER (WHERE v.client_id IS NULL) AS anonymous_lines
                FROM touched t
                LEFT JOIN visits_visit v ON v.store_id = t.store_id AND v.day = t.day AND v.voided_at IS NULL
                LEFT JOIN visits_visitline l ON l.visit_id = v.id
                GROUP BY t.store_id, t.day
            )
            UPDATE reporting_storeday s SET lines = c.lines, anonymous_lines = c.anonymous_lines
            FROM counted c WHERE s.store_id = c.store_id AND s.day = c.day""",  # noqa: S608
        params,
    )
