"""The table that lines of a visits file are copied to.

Every line carries the key of its visit (who the visit is to the file: store, receipt or date, client) and a hash of
what the file says of the line. A visit's digest is the sum of its lines' hashes, which is the same in whatever order
they stand, and to which lines added later can be added. The hashes are PostgreSQL's own, which hash partitioning relies
on to stay the same from one version to the next.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.utils import CursorWrapper

from core.clients.services.loading import add_clients

# From this many lines on, looking all clients through is quicker than looking each one up.
MANY_LINES = 50_000
_TABLES = ("import_line", "import_visit", "affected_known", "affected_client", "affected_store_day")
# concat_ws and dates as text depend on settings, in the eyes of PostgreSQL, and may not stand in a generated column.
_DAY = (
    "extract(year FROM day)::text || '-' || lpad(extract(month FROM day)::text, 2, '0') || '-' || "
    "lpad(extract(day FROM day)::text, 2, '0')"
)
_KEY = (
    "md5(coalesce(store_id || chr(31), '') || coalesce(length(client) || chr(31) || client || chr(31), '') || "
    f"coalesce('r' || ref, 'd' || {_DAY}, ''))::uuid"
)
# What the file says of a line; where it gives no category, none. The hash of a number leaves its sign out.
_LINE_HASH = (
    "hash_record_extended(ROW(day, start_time, kind, service_id, given_category_id, staff_id, quantity, quantity < 0, "
    "amount, amount < 0, paid_by_card, duration_min, rating), 0)"
)
# Where a file lacks a column, its values are the defaults.
_LINE = f"""
    line bigint, bad boolean DEFAULT false, store_id int, client text COLLATE "C", ref text COLLATE "C", day date,
    start_time time, kind text DEFAULT 'service', service_id int, given_category_id int, category_id int, staff_id int,
    quantity numeric DEFAULT 1, amount numeric, paid_by_card boolean DEFAULT false, duration_min int, rating numeric,
    key uuid GENERATED ALWAYS AS ({_KEY}) STORED, line_hash bigint GENERATED ALWAYS AS ({_LINE_HASH}) STORED"""


def make_tables(cursor: CursorWrapper) -> None:
    for table in _TABLES:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(f"CREATE TEMP TABLE import_line ({_LINE}) ON COMMIT DROP")


def make_clients(cursor: CursorWrapper, *, lines: int, per_store: bool) -> int:
    """Stubs for the clients of good lines that are not known, in the order of the file. Returns how many."""
    with client_lookup(cursor, "coalesce(i.store_id, 0)", lines=lines) as (client, join):
        return add_clients(
            cursor,
            "SELECT i.client AS ref, i.store_id AS ref_store_id FROM ("  # noqa: S608
            f"SELECT client, {'store_id' if per_store else 'NULL::int'} AS store_id, min(line) AS line "
            "FROM import_line WHERE NOT bad AND client IS NOT NULL GROUP BY 1, 2) AS i "
            f"{join} WHERE {client} IS NULL ORDER BY i.line",
        )


@contextmanager
def client_lookup(cursor: CursorWrapper, store: str, *, lines: int) -> Iterator[tuple[str, str]]:
    """The id of the known client of a row `i`, as an expression and the join it needs."""
    if lines < MANY_LINES:
        avoided, client, join = "enable_seqscan", f"({known_client(store)})", ""
    else:
        avoided, client = "enable_nestloop", "c.id"
        join = f"LEFT JOIN clients_client c ON c.ref = i.client AND coalesce(c.ref_store_id, 0) = {store}"
    cursor.execute(f"SET LOCAL {avoided} = off")
    yield client, join
    cursor.execute(f"SET LOCAL {avoided} TO DEFAULT")


def known_client(store: str) -> str:
    """A query for each row, and written so that the only index for it is the one by number: the planner has no figures
    on clients made in this very transaction, and would scan them all or look them up by store. The staged column sorts
    by code points, the index as the database does, and serves comparisons of its own collation alone."""
    client = 'i.client COLLATE "default"'
    return f"SELECT c.id FROM clients_client c WHERE c.ref = {client} AND coalesce(c.ref_store_id, 0) = {store}"  # noqa: S608


def clients_like(cursor: CursorWrapper, client: str) -> list[str]:
    """Numbers that begin as this one does, in whatever case."""
    half = re.sub(r"([\\%_])", r"\\\1", client[: max(1, len(client) // 2)])
    cursor.execute(
        "SELECT ref FROM clients_client WHERE ref LIKE %s OR ref LIKE %s OR ref LIKE %s LIMIT 1000",
        [f"{half}%", f"{half.upper()}%", f"{half.lower()}%"],
    )
    return [str(ref) for (ref,) in cursor.fetchall()]
