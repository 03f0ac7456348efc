"""Builds a new layout of facts beside the one that answers, client by client in the order of their ids.

The chain's row in `FactLayout` says how far it is. From the moment it is there writers keep both layouts current for
the clients they touch; the builder comes to all others. Each piece is a transaction that locks its clients as writers
do, compares what is stored with the visits and writes the difference: interrupted, it goes on with the next piece.
"""

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.reporting.facts import by_client, period_cache
from core.reporting.facts.anonymous import recount_all
from core.reporting.facts.derivation import facts_of
from core.reporting.facts.layout import LAYOUTS
from core.reporting.facts.lines import clients_between, last_of_chunk, lines_of
from core.reporting.facts.refresh import lock_clients, replaced

# Visits whose clients are locked at a time: recording for one of them waits for about half a second.
PIECE = 25_000
# Rows of former layouts deleted at a time.
DELETED = 20_000


def build_layout() -> bool:
    """Does a piece of what is left to do until the newest layout answers and the others are deleted.

    Returns whether there is more to do at once: not where it has to wait for a moment in which no one writes.
    """
    newest = max(LAYOUTS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT built_through, is_complete FROM reporting_factlayout WHERE layout = %s", [newest])
        row = cursor.fetchone()
        if row is None:
            return _begin(cursor, newest)
        built_through, is_complete = row
        if is_complete:
            return _delete_some(cursor, "layout < %s", newest)
        through = last_of_chunk(cursor, built_through, PIECE)
        if through is None:
            return _complete(cursor, newest)
        _build(cursor, newest, built_through, through)
        return True


def _begin(cursor: CursorWrapper, layout: int) -> bool:
    """Rows there may be of an earlier beginning are deleted first, the last ones while no one adds any. What is without
    a client is counted then, too: a former release, which takes the layout off the list, has not kept that current."""
    if _delete_some(cursor, "layout = %s", layout):
        return True
    if not period_cache.no_one_writes():
        return False
    if not _delete_some(cursor, "layout = %s", layout):
        cursor.execute(
            "INSERT INTO reporting_factlayout (layout, built_through, is_complete) VALUES (%s, 0, false)", [layout]
        )
        recount_all(cursor)
    return True


def _build(cursor: CursorWrapper, layout: int, built_through: int, through: int) -> None:
    clients = clients_between(built_through, through)
    lock_clients(cursor, clients)
    cursor.execute(
        "UPDATE reporting_factlayout SET built_through = %s WHERE layout = %s AND built_through = %s",
        [through, layout, built_through],
    )
    if not cursor.rowcount:
        # Another builder did it, or a process of another release took the layout off the list.
        return
    cursor.execute("SET LOCAL enable_seqscan = off")
    stored = by_client.stored_facts(cursor, layout, clients)
    replaced(layout, stored, facts_of(lines_of(cursor, clients)))(cursor)
    cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")


def _complete(cursor: CursorWrapper, layout: int) -> bool:
    """From then on the layout answers. Former ones that writers at work have read are deleted as they are left."""
    cursor.execute("UPDATE reporting_factlayout SET is_complete = true WHERE layout = %s", [layout])
    if cursor.rowcount:
        cursor.execute("DELETE FROM reporting_factlayout WHERE layout < %s", [layout])
    return True


def _delete_some(cursor: CursorWrapper, condition: str, layout: int) -> bool:
    """Whether there were any. What writers at work hold is left for another time: they may wait for the rest."""
    period_cache.hold_writers_lock()
    deleted = 0
    for table in ("reporting_factblock", "reporting_clientfacts", "reporting_cachedperiod"):
        cursor.execute(
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608
            f"SELECT ctid FROM {table} WHERE {condition} LIMIT %s FOR UPDATE SKIP LOCKED))",
            [layout, DELETED],
        )
        deleted += cursor.rowcount
    return deleted > 0
