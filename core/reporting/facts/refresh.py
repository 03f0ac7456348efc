"""Keeps the repurchase facts (by client and by month) and the store days current.

Whatever changes visits calls this in its own transaction, with the clients and store days it touched. Clients are
locked in the order of their ids, and before anything of the facts, so that two changes of one client follow each other
and none deadlocks.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.reporting.facts import by_client, period_cache, writing
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.change_log import differing, note_change
from core.reporting.facts.derivation import facts_of
from core.reporting.facts.layout import LAYOUTS, listed_layouts
from core.reporting.facts.lines import lines_of, listed
from core.reporting.facts.store_days import recount_store_days

# From this many clients on, counts of kept periods are dropped.
MANY_CLIENTS = 500
# Visits whose lines are held in memory at a time; those of one client are never parted.
CHUNK = 35_000
# Visits of a chunk are read from the first id to the last where ids are at most so many times as many.
SPREAD = 2


def refresh_clients(client_ids: Collection[int], store_days: Collection[tuple[int, date]] = ()) -> None:
    """Makes the facts of these clients anew from their visits, and the line counts of these (store id, day) pairs."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        clients = listed(client_ids)
        lock_clients(cursor, clients)
        if client_ids:
            _refresh(cursor, clients, many=len(client_ids) >= MANY_CLIENTS)
        if store_days:
            pairs = sorted(store_days)
            recount_store_days(
                cursor,
                "SELECT unnest(%s::int[]) AS store_id, unnest(%s::date[]) AS day",
                [[store for store, _ in pairs], [day for _, day in pairs]],
            )


def refresh_clients_from(cursor: CursorWrapper, *, table: str) -> bool:
    """The same for all clients of a temporary table (client_id bigint), inside the caller's transaction. Whether they
    are many, whose facts stand in many blocks until these are folded."""
    cursor.execute(f"SELECT client_id FROM {table} LIMIT {MANY_CLIENTS}")  # noqa: S608
    client_ids = [client for (client,) in cursor.fetchall()]
    many = len(client_ids) >= MANY_CLIENTS
    clients = table if many else listed(client_ids)
    lock_clients(cursor, clients)
    _refresh(cursor, clients, many=many)
    return many


def refresh_store(store_id: int) -> None:
    """After a change of where a store stands: everyone who ever visited it; kept counts are dropped, as the place of
    known facts may have changed as well."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT client_id FROM visits_visit WHERE store_id = %s", [store_id])
        refresh_clients([client for (client,) in cursor.fetchall() if client is not None])
        period_cache.drop_all(cursor)


def refresh_all() -> None:
    """Derives everything anew from the visits, in the caller's transaction."""
    everyone = "(SELECT id AS client_id FROM clients_client) AS everyone"
    with connection.cursor() as cursor:
        lock_clients(cursor, everyone)
        period_cache.lock_out_writers()
        for table in (
            "clientfacts",
            "factblock",
            "storeday",
            "anonymousday",
            "monthlines",
            "cachedperiod",
            "factlayout",
            "factchange",
        ):
            cursor.execute(f"DELETE FROM reporting_{table}")  # noqa: S608
        cursor.execute(
            "INSERT INTO reporting_factlayout (layout, built_through, is_complete) VALUES (%s, 0, true)", [max(LAYOUTS)]
        )
        _refresh(cursor, everyone, many=True)
        recount_store_days(cursor, "SELECT DISTINCT store_id, day FROM visits_visit")


def lock_clients(cursor: CursorWrapper, clients: str) -> None:
    """Locks the clients of a table before their facts are written, and then the facts against whoever locks out
    writers: services hold clients already when they have facts refreshed."""
    cursor.execute(
        f"SELECT count(*) FROM (SELECT id FROM clients_client WHERE id IN (SELECT client_id FROM {clients}) "  # noqa: S608
        "ORDER BY id FOR NO KEY UPDATE) AS locked"
    )
    period_cache.hold_writers_lock()


def _refresh(cursor: CursorWrapper, clients: str, *, many: bool) -> None:
    """Of clients that are locked."""
    if many:
        period_cache.drop_all(cursor)
    layouts = listed_layouts(cursor)
    if not layouts:
        return
    if not many:
        old, lines = _read(cursor, layouts, _Clients(clients))
        new = facts_of(lines)
        for layout, of_layout in zip(layouts, old, strict=True):
            replaced(layout, of_layout, new)(cursor)
        return
    chunks = _chunks(cursor, clients)
    cursor.execute("SET LOCAL enable_seqscan = off")
    if chunks:
        _refresh_chunks(cursor, layouts, chunks)
    cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    cursor.execute("DROP TABLE client_chunk")


@dataclass(frozen=True)
class _Clients:
    """A table of clients, and where their visits lie, as `lines_of` takes both."""

    table: str
    near: tuple[int, int] | None = None


def _chunks(cursor: CursorWrapper, clients: str) -> list[_Clients]:
    """In the order of their ids, in which the visits of an import lie too."""
    cursor.execute(
        "CREATE TEMP TABLE client_chunk ON COMMIT DROP AS SELECT t.client_id, "  # noqa: S608
        f"div(sum(count(*)) OVER (ORDER BY t.client_id), {CHUNK})::int AS chunk, "
        "count(v.id) AS visits, min(v.id) AS first, max(v.id) AS last "
        f"FROM (SELECT client_id FROM {clients}) t LEFT JOIN visits_visit v USING (client_id) GROUP BY t.client_id"
    )
    cursor.execute("ANALYZE client_chunk")
    cursor.execute(
        "SELECT chunk, min(first), max(last), max(last) - min(first) < sum(visits) * %s FROM client_chunk "
        "GROUP BY chunk ORDER BY chunk",
        [SPREAD],
    )
    return [
        _Clients(f"client_chunk WHERE chunk = {chunk}", (first, last) if is_near else None)
        for chunk, first, last, is_near in cursor.fetchall()
    ]


def _read(cursor: CursorWrapper, layouts: Sequence[int], clients: _Clients) -> tuple[list[Columns], Columns]:
    """The facts stored in each layout, and the lines."""
    stored = [by_client.stored_facts(cursor, layout, clients.table) for layout in layouts]
    return stored, lines_of(cursor, clients.table, clients.near)


def _refresh_chunks(cursor: CursorWrapper, layouts: Sequence[int], chunks: Sequence[_Clients]) -> None:
    """The database reads a chunk of clients, and writes the one before, in a thread of its own while facts are
    derived here."""
    with ThreadPoolExecutor(max_workers=1) as database:
        reading = database.submit(_read, cursor, layouts, chunks[0])
        for following in [*chunks[1:], None]:
            old, lines = reading.result()
            if following:
                reading = database.submit(_read, cursor, layouts, following)
            new = facts_of(lines)
            for layout, of_layout in zip(layouts, old, strict=True):
                database.submit(replaced(layout, of_layout, new), cursor).result()


def replaced(layout: int, old: Columns, new: Columns) -> Callable[[CursorWrapper], None]:
    """Writes what differs, by client and by month."""
    removed, added = changes(old, new)
    changed = np.union1d(removed["client_id"], added["client_id"])
    former = np.intersect1d(changed, old["client_id"]).tolist()
    rows = by_client.packed(layout, new, changed)

    def write(cursor: CursorWrapper) -> None:
        if len(changed):
            by_client.replace(cursor, layout, former, rows)
            writing.append(cursor, layout, added=added, removed=removed)
            note_change(cursor, removed=removed, added=added)

    return write


def changes(old: Columns, new: Columns) -> tuple[Columns, Columns]:
    """Facts that were removed and facts that were added; one that differs is in both."""
    before = len(old["day"])
    if not before or not len(new["day"]):
        return old, new
    changed = differing(old, new, old)
    return (
        {name: column[changed[:before]] for name, column in old.items()},
        {name: column[changed[before:]] for name, column in new.items()},
    )
