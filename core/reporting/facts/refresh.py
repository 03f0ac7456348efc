"""Keeps the repurchase facts (by client and by month) and the store days current.

Whatever changes visits calls this in its own transaction, with the clients and store days it touched. Clients are
locked in the order of their ids, so that two changes of one client follow each other and none deadlocks.
"""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.reporting.facts import by_client, period_cache, writing
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.changes import changes
from core.reporting.facts.derivation import facts_of
from core.reporting.facts.layout import LAYOUTS
from core.reporting.facts.layout_state import listed_layouts
from core.reporting.facts.lines import lines_of, lines_of_table
from core.reporting.facts.store_days import recount_store_days

# From this many clients on, ids are handed over in tables, and counts of kept periods are dropped.
MANY_CLIENTS = 500
# Visits whose lines are held in memory at a time; those of one client are never parted.
CHUNK = 70_000


def refresh_clients(client_ids: Collection[int], store_days: Collection[tuple[int, date]] = ()) -> None:
    """Makes the facts of these clients anew from their visits, and the line counts of these (store id, day) pairs."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        period_cache.hold_writers_lock()
        if len(client_ids) >= MANY_CLIENTS:
            cursor.execute("CREATE TEMP TABLE refreshed_client (client_id bigint PRIMARY KEY) ON COMMIT DROP")
            cursor.execute("INSERT INTO refreshed_client SELECT unnest(%s::bigint[])", [sorted(client_ids)])
            _refresh_many(cursor, "refreshed_client")
            cursor.execute("DROP TABLE refreshed_client")
        elif client_ids:
            _refresh_few(cursor, sorted(client_ids))
        if store_days:
            pairs = sorted(store_days)
            recount_store_days(
                cursor,
                "SELECT unnest(%s::int[]) AS store_id, unnest(%s::date[]) AS day",
                [[store for store, _ in pairs], [day for _, day in pairs]],
            )


def refresh_clients_from(cursor: CursorWrapper, *, table: str) -> None:
    """The same for all clients of a temporary table (client_id bigint), inside the caller's transaction."""
    period_cache.hold_writers_lock()
    cursor.execute(f"SELECT client_id FROM {table} ORDER BY client_id LIMIT {MANY_CLIENTS}")  # noqa: S608
    few = [client for (client,) in cursor.fetchall()]
    if len(few) < MANY_CLIENTS:
        _refresh_few(cursor, few)
    else:
        _refresh_many(cursor, table)


def refresh_store(store_id: int) -> None:
    """After a change of where a store stands: everyone who ever visited it; kept counts are dropped, as the place of
    known facts may have changed as well."""
    with transaction.atomic(), connection.cursor() as cursor:
        period_cache.hold_writers_lock()
        cursor.execute("SELECT DISTINCT client_id FROM visits_visit WHERE store_id = %s", [store_id])
        refresh_clients([client for (client,) in cursor.fetchall() if client is not None])
        period_cache.drop_all(cursor)


def refresh_all() -> None:
    """Derives everything anew from the visits, in the caller's transaction."""
    with connection.cursor() as cursor:
        period_cache.lock_out_writers()
        for table in ("clientfacts", "factblock", "storeday", "monthlines", "cachedperiod", "factlayout"):
            cursor.execute(f"DELETE FROM reporting_{table}")  # noqa: S608
        cursor.execute(
            "INSERT INTO reporting_factlayout (layout, built_through, is_complete) VALUES (%s, 0, true)", [max(LAYOUTS)]
        )
        cursor.execute(
            "CREATE TEMP TABLE everyone ON COMMIT DROP AS "
            "SELECT DISTINCT client_id FROM visits_visit WHERE client_id IS NOT NULL"
        )
        refresh_clients_from(cursor, table="everyone")
        cursor.execute("DROP TABLE everyone")
        recount_store_days(cursor, "SELECT DISTINCT store_id, day FROM visits_visit")


def _refresh_few(cursor: CursorWrapper, client_ids: list[int]) -> None:
    cursor.execute("SELECT id FROM clients_client WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [client_ids])
    layouts = listed_layouts(cursor)
    new = facts_of(lines_of(cursor, client_ids)) if layouts else {}
    for layout in layouts:
        old = by_client.facts_of_clients(cursor, layout, client_ids)
        replaced(layout, old, new)(cursor)


def _refresh_many(cursor: CursorWrapper, table: str) -> None:
    period_cache.drop_all(cursor)
    cursor.execute(
        f"SELECT count(*) FROM (SELECT id FROM clients_client WHERE id IN (SELECT client_id FROM {table}) "  # noqa: S608
        "ORDER BY id FOR NO KEY UPDATE) AS locked"
    )
    layouts = listed_layouts(cursor)
    if not layouts:
        return
    cursor.execute(
        "CREATE TEMP TABLE client_chunk ON COMMIT DROP AS "  # noqa: S608
        f"SELECT t.client_id, div(sum(count(*)) OVER (ORDER BY t.client_id), {CHUNK})::int AS chunk "
        f"FROM {table} t LEFT JOIN visits_visit v USING (client_id) GROUP BY t.client_id"
    )
    cursor.execute("ANALYZE client_chunk")
    cursor.execute("SELECT DISTINCT chunk FROM client_chunk ORDER BY chunk")
    chunks = [f"client_chunk WHERE chunk = {chunk}" for (chunk,) in cursor.fetchall()]
    cursor.execute("SET LOCAL enable_seqscan = off")
    _refresh_chunks(cursor, layouts, chunks)
    cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    cursor.execute("DROP TABLE client_chunk")


def _refresh_chunks(cursor: CursorWrapper, layouts: Sequence[int], chunks: Sequence[str]) -> None:
    """The database reads a chunk of clients, and writes the one before, in a thread of its own while facts are
    derived here."""

    def read(clients: str) -> tuple[list[Columns], Columns]:
        old = [by_client.facts_of_table(cursor, layout, clients) for layout in layouts]
        return old, lines_of_table(cursor, clients)

    with ThreadPoolExecutor(max_workers=1) as database:
        waiting = deque(database.submit(read, clients) for clients in chunks[:1])
        for following in [*chunks[1:], None]:
            old, lines = waiting.popleft().result()
            if following:
                waiting.append(database.submit(read, following))
            new = facts_of(lines)
            for layout, of_layout in zip(layouts, old, strict=True):
                database.submit(replaced(layout, of_layout, new), cursor).result()


def replaced(layout: int, old: Columns, new: Columns) -> Callable[[CursorWrapper], None]:
    """Writes what differs, by client and by month."""
    removed, added = changes(old, new)
    changed = np.union1d(removed["client_id"], added["client_id"])
    rows = by_client.change(layout, new, changed=changed, stored=old["client_id"])

    def write(cursor: CursorWrapper) -> None:
        if len(changed):
            by_client.write(cursor, layout, rows)
            writing.append(cursor, layout, added=added, removed=removed)

    return write
