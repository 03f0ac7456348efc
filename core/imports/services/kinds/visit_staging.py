"""The SQL that takes in the lines of a visits file, batch by batch.

Every line carries the key of its visit (who the visit is to the file: store, receipt or date, client) and a hash of
what the file says of the line. A visit's digest is the sum of its lines' hashes, which is the same in whatever order
they stand, and to which lines added later can be added. The hashes are PostgreSQL's own, which hash partitioning relies
on to stay the same from one version to the next.
"""

import re
from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

from core.clients.models import Client
from core.imports.services.kinds.base import insert_columns

_TABLES = ("import_inbox", "import_line", "import_visit", "affected_client", "affected_store_day")
# Where a file lacks a column, its values are these.
_INBOX = """
    line bigint, bad boolean DEFAULT false, store_id int, client text, ref text COLLATE "C", day date, start_time time,
    kind text DEFAULT 'service', service_id int, given_category_id int, category_id int, staff_id int,
    quantity numeric DEFAULT 1, amount numeric, paid_by_card boolean DEFAULT false, duration_min int, rating numeric"""
_LINE = """
    key uuid, high int, low int, line bigint, bad boolean, store_id int, client text COLLATE "C", ref text COLLATE "C",
    day date, start_time time, kind text, service_id int, category_id int, staff_id int, quantity numeric,
    amount numeric, paid_by_card boolean, duration_min int, rating numeric"""

_KEY = "md5(concat_ws(chr(31), i.store_id, length(i.client), i.client, coalesce('r' || i.ref, 'd' || i.day)))::uuid"
# What the file says of a line; where it gives no category, none. The hash of a number leaves its sign out.
_SAID = (
    "ROW(i.day, i.start_time, i.kind, i.service_id, i.given_category_id, i.staff_id, i.quantity, i.quantity < 0, "
    "i.amount, i.amount < 0, i.paid_by_card, i.duration_min, i.rating)"
)
_TAKE_IN = f"""
    INSERT INTO import_line
    SELECT {_KEY}, (said >> 32)::int, (said << 32 >> 32)::int, line, bad, store_id, client, ref, day, start_time, kind,
           service_id, category_id, staff_id, quantity, amount, paid_by_card, duration_min, rating
    FROM (SELECT i.*, hash_record_extended({_SAID}, 0) AS said FROM import_inbox i OFFSET 0) AS i"""  # noqa: S608


def make_tables(cursor: CursorWrapper) -> None:
    for table in _TABLES:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(f"CREATE TEMP TABLE import_inbox ({_INBOX}) ON COMMIT DROP")
    cursor.execute(f"CREATE TEMP TABLE import_line ({_LINE}) ON COMMIT DROP")


def take_in(cursor: CursorWrapper) -> None:
    cursor.execute(_TAKE_IN)
    cursor.execute("TRUNCATE import_inbox")


def make_clients(cursor: CursorWrapper, clients: Sequence[tuple[str, int | None]]) -> None:
    """Stubs for those of these numbers (with the store that counts them, if one does) that are not known."""
    names, defaults = insert_columns(Client, ["ref", "ref_store_id"])
    cursor.execute(
        f"INSERT INTO clients_client (ref, ref_store_id{names}) "  # noqa: S608
        f"SELECT i.client, i.store_id{defaults} "
        "FROM unnest(%s::text[], %s::bigint[]) WITH ORDINALITY AS i (client, store_id, number) "
        f"WHERE ({known_client('coalesce(i.store_id, 0)')}) IS NULL ORDER BY number ON CONFLICT DO NOTHING",
        [[ref for ref, _store in clients], [store for _ref, store in clients]],
    )


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
