"""The SQL that takes in the lines of a visits file, batch by batch.

Every line carries the key of its visit (who the visit is to the file: store, receipt or date, client) and a hash of
what the file says of the line. A visit's digest is the sum of its lines' hashes, which is the same in whatever order
they stand, and to which lines added later can be added. The hashes are PostgreSQL's own, which hash partitioning relies
on to stay the same from one version to the next.
"""

import re

from django.db.backends.utils import CursorWrapper

from core.clients.models import Client
from core.imports.services.kinds.base import insert_columns

_LINE = """
    line bigint, bad boolean, store_id int, {client}, ref text COLLATE "C", day date, start_time time, kind text,
    service_id int, given_category_id int, category_id int, staff_id int, quantity numeric, amount numeric,
    paid_by_card boolean, duration_min int, rating numeric"""
INBOX_COLUMNS = (
    "line, bad, store_id, client, ref, day, start_time, kind, service_id, given_category_id, category_id, staff_id, "
    "quantity, amount, paid_by_card, duration_min, rating"
)
COPY = f"COPY import_inbox ({INBOX_COLUMNS}) FROM STDIN"

# What the file says of a line; where it gives no category, none.
_SAID = (
    "ROW(i.day, i.start_time, i.kind, i.service_id, i.given_category_id, i.staff_id, i.quantity, i.amount, "
    "i.paid_by_card, i.duration_min, i.rating)"
)
_KEY = "md5(concat_ws(chr(31), i.store_id, length(i.client), i.client, coalesce('r' || i.ref, 'd' || i.day)))::uuid"


def make_tables(cursor: CursorWrapper) -> None:
    for table in ("import_inbox", "import_line", "import_visit", "import_new", "affected_client", "affected_store_day"):
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(f"CREATE TEMP TABLE import_inbox ({_LINE.format(client='client text')}) ON COMMIT DROP")
    cursor.execute(
        "CREATE TEMP TABLE import_line (key uuid, high int, low int, "
        f"{_LINE.format(client='client_id bigint')}) ON COMMIT DROP"
    )


def note_unknown_clients(cursor: CursorWrapper, *, per_store: bool) -> list[tuple[int, str, bool]]:
    """Line and number of every row of the batch whose client is not known, and whether it was bad before; all are."""
    cursor.execute(
        "UPDATE import_inbox i SET bad = true FROM (SELECT ctid, bad FROM import_inbox) AS was "  # noqa: S608
        "WHERE was.ctid = i.ctid AND i.client IS NOT NULL AND i.store_id IS NOT NULL "
        f"AND ({_known_client(per_store)}) IS NULL RETURNING i.line, i.client, was.bad"
    )
    return [(int(line), str(client), bool(bad)) for line, client, bad in cursor.fetchall()]


def clients_like(cursor: CursorWrapper, client: str) -> list[str]:
    """Numbers that begin as this one does, in whatever case."""
    half = re.sub(r"([\\%_])", r"\\\1", client[: max(1, len(client) // 2)])
    cursor.execute(
        "SELECT ref FROM clients_client WHERE ref LIKE %s OR ref LIKE %s OR ref LIKE %s LIMIT 1000",
        [f"{half}%", f"{half.upper()}%", f"{half.lower()}%"],
    )
    return [str(ref) for (ref,) in cursor.fetchall()]


def make_clients(cursor: CursorWrapper, *, per_store: bool) -> None:
    """Stubs for the clients of the batch that are not known, in the order they appear in."""
    store = "store_id" if per_store else "NULL::bigint"
    names, defaults = insert_columns(Client, ["ref", "ref_store_id"])
    cursor.execute(
        f"INSERT INTO clients_client (ref, ref_store_id{names}) "  # noqa: S608
        f"SELECT client, store{defaults} FROM ("
        f"SELECT client, {store} AS store, {store} AS store_id, min(line) AS line FROM import_inbox "
        "WHERE NOT bad AND client IS NOT NULL GROUP BY 1, 2, 3) AS i "
        f"WHERE ({_known_client(per_store)}) IS NULL ORDER BY line ON CONFLICT DO NOTHING"
    )


def take_in(cursor: CursorWrapper, *, per_store: bool) -> None:
    cursor.execute(
        f"""INSERT INTO import_line
            SELECT {_KEY}, (said >> 32)::int, (said << 32 >> 32)::int, i.line, i.bad, i.store_id,
                   ({_known_client(per_store)}), i.ref, i.day,
                   i.start_time, i.kind, i.service_id, i.given_category_id, i.category_id, i.staff_id, i.quantity,
                   i.amount, i.paid_by_card, i.duration_min, i.rating
            FROM import_inbox i
            CROSS JOIN LATERAL hash_record_extended({_SAID}, 0) AS said"""  # noqa: S608
    )
    cursor.execute("TRUNCATE import_inbox")


def _known_client(per_store: bool) -> str:  # noqa: FBT001
    """A query for each row, and written so that the only index for it is the one by number: the planner has no figures
    on clients made in this very transaction, and would scan them all or look them up by store."""
    store = "i.store_id" if per_store else "0"
    return f"SELECT c.id FROM clients_client c WHERE c.ref = i.client AND coalesce(c.ref_store_id, 0) = {store}"  # noqa: S608
