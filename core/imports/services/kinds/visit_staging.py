"""The table that lines of a visits file are copied to.

A line's `client` is the key of the client's number, and `client_as` the number as the file writes it, where that
differs. Every line carries the key of its visit (a hash of who the visit is to the file: store, receipt or date,
client) and a hash of what the file says of the line. A visit's digest is the sum of its lines' hashes, which is the
same in whatever order they stand, and to which lines added later can be added. The hashes are PostgreSQL's own, which
hash partitioning relies on to stay the same from one version to the next.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from core.clients.models import Client
from core.clients.services.loading import add_clients
from core.clients.titles import is_titled_man, without_title
from core.shared.merged import follow_merged

# From this many lines on, looking all clients through is quicker than looking each one up.
MANY_LINES = 50_000
# More zeros than these no number begins with.
MOST_ZEROS = 12
EXAMPLES = 3
_TABLES = ("import_line", "import_client", "import_visit", "affected_known", "affected_client", "affected_store_day")
# `apart` is the day of a line whose receipt is one of several days: each is a visit. The key costs a third of the
# digest that names a visit to later files, which is taken once a visit. Of a million files, each with five million
# visits, one is to be expected in which two visits have one key.
_KEY = "hash_record_extended(ROW(store_id, client, ref, CASE WHEN ref IS NULL THEN day END, apart), 0)"
# What the file says of a line; without a category where it gives a service alone. The hash of a number leaves its sign
# out.
_LINE_HASH = (
    "hash_record_extended(ROW(day, start_time, kind, service_id, category_id, staff_id, quantity, quantity < 0, "
    "amount, amount < 0, paid_by_card, duration_min, rating), 0)"
)
# Where a file lacks a column, its values are the defaults.
_LINE = f"""
    line bigint, bad boolean DEFAULT false, store_id int, client text COLLATE "C", client_as text,
    ref text COLLATE "C", day date, start_time time, kind text DEFAULT 'service', service_id int,
    category_id int, staff_id int, quantity numeric DEFAULT 1, amount numeric,
    paid_by_card boolean DEFAULT false, duration_min int, rating numeric, apart date,
    client_name text, client_phone text, client_gender text, client_birth text,
    key bigint GENERATED ALWAYS AS ({_KEY}) STORED, line_hash bigint GENERATED ALWAYS AS ({_LINE_HASH}) STORED"""


def make_tables(cursor: CursorWrapper) -> None:
    for table in _TABLES:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(f"CREATE TEMP TABLE import_line ({_LINE}) ON COMMIT DROP")


def gather_clients(cursor: CursorWrapper, *, lines: int, per_store: bool, spelled: bool) -> None:
    """A row for each client that the file names: its first good `line`, if any, how many `lines` it has, its number
    `ref` as the first writes it, and the `client_id` of the known one. `spelled`: some lines say how they write it."""
    store = "coalesce(store_id, 0)" if per_store else "0"
    first = "(array_agg(coalesce(client_as, client) ORDER BY line))[1]" if spelled else "client"
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_client")
    with client_lookup(cursor, "i.store", lines=lines) as (client, join):
        cursor.execute(
            f"CREATE TEMP TABLE import_client ON COMMIT DROP AS SELECT i.*, {client} AS client_id FROM ("  # noqa: S608
            f"SELECT client, {store} AS store, {first} AS ref, min(line) FILTER (WHERE NOT bad) AS line, "
            f"count(*) AS lines FROM import_line WHERE client IS NOT NULL GROUP BY 1, 2) AS i {join}"
        )
    follow_merged(cursor, Client, "import_client", "client_id")
    cursor.execute("ANALYZE import_client")


def take_former_numbers(cursor: CursorWrapper, *, per_store: bool) -> None:
    """Lines that name a client by a number from before are of the number that the client has."""
    if Client.known.filter(merged_into__isnull=False, is_former=True).exists():
        store = "f.ref_store_id = l.store_id" if per_store else "f.ref_store_id IS NULL"
        cursor.execute(
            "UPDATE import_line l SET client = k.ref_key FROM clients_client f "  # noqa: S608
            "JOIN clients_client k ON k.id = f.merged_into_id "
            f'WHERE f.is_former AND f.ref_key = l.client COLLATE "default" AND {store}'
        )


def make_clients(cursor: CursorWrapper) -> int:
    """Stubs for the clients of good lines that are not known, in the order of the file. Returns how many."""
    made = add_clients(
        cursor,
        "SELECT ref, client AS ref_key, nullif(store, 0) AS ref_store_id FROM import_client "
        "WHERE client_id IS NULL AND line IS NOT NULL ORDER BY line",
    )
    if made:
        cursor.execute(
            "UPDATE import_client i SET client_id = c.id FROM clients_client c WHERE i.client_id IS NULL "
            'AND c.ref_key = i.client COLLATE "default" AND coalesce(c.ref_store_id, 0) = i.store'
        )
    return made


@dataclass(frozen=True)
class WithoutZeros:
    """Unknown clients of whom the register has exactly one with other leading zeros."""

    clients: int
    lines: int
    examples: tuple[str, ...]
    # All that are unknown are so, and none of those that are known has leading zeros.
    is_plain: bool


def find_without_zeros(cursor: CursorWrapper) -> WithoutZeros:
    """Leaves them in the table `import_zeros`."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_zeros")
    cursor.execute(
        "CREATE TEMP TABLE import_zeros ON COMMIT DROP AS "
        "SELECT i.client, i.store, min(i.ref) AS ref, min(i.lines) AS lines, "
        "min(c.ref_key) AS key, min(c.ref) AS known "
        "FROM import_client i CROSS JOIN generate_series(0, %s) AS zeros JOIN clients_client c "
        "ON c.ref_key = (repeat('0', zeros) || ltrim(i.client, '0')) COLLATE \"default\" "
        # Written so that no join goes by it: it is the same of nearly all, who would be compared each with each.
        "AND coalesce(c.ref_store_id, 0) - i.store = 0 "
        "WHERE i.client_id IS NULL AND i.client ~ '^[0-9]*[1-9][0-9]*$' GROUP BY i.client, i.store HAVING count(*) = 1",
        [MOST_ZEROS],
    )
    cursor.execute(
        "SELECT count(*), coalesce(sum(lines), 0), array_agg(ref || ' → ' || known ORDER BY ref) FROM import_zeros"
    )
    clients, lines, examples = cursor.fetchone()
    if not clients:
        return WithoutZeros(0, 0, (), is_plain=False)
    cursor.execute(
        "SELECT count(*) FILTER (WHERE client_id IS NULL), count(*) FILTER (WHERE client_id IS NOT NULL "
        "AND client LIKE '0%') FROM import_client"
    )
    unknown, with_zeros = cursor.fetchone()
    return WithoutZeros(clients, int(lines), tuple(examples[:EXAMPLES]), is_plain=clients == unknown and not with_zeros)


@dataclass(frozen=True)
class ClientCounts:
    """How many clients there are as their keys are now, by phone (else name) and by name, of how many lines, how many
    of these have a name and no phone, and how many of the phones have several names."""

    clients: int
    phones: int
    names: int
    lines: int
    without_phone: int
    shared: int
    examples: tuple[str, ...]


def count_clients(cursor: CursorWrapper) -> ClientCounts:
    cursor.execute(
        """CREATE TEMP TABLE import_person ON COMMIT DROP AS
           SELECT client, right(nullif(regexp_replace(client_phone, '[^0-9]', '', 'g'), ''), 11) AS phone,
                  nullif(upper(regexp_replace(client_name, '[[:space:]]', '', 'g')), '') AS name, min(line) AS line,
                  count(*) AS lines, min(client_name) AS written
           FROM import_line WHERE NOT bad AND client IS NOT NULL GROUP BY 1, 2, 3"""
    )
    cursor.execute(
        "SELECT count(DISTINCT client), count(DISTINCT coalesce(phone, name)), count(DISTINCT name), "
        "coalesce(sum(lines), 0), coalesce(sum(lines) FILTER (WHERE phone IS NULL AND name IS NOT NULL), 0) "
        "FROM import_person"
    )
    clients, phones, names, lines, without = map(int, cursor.fetchone())
    cursor.execute(
        "SELECT client || ' = ' || string_agg(name, ', ' ORDER BY name), count(*) OVER () FROM ("  # noqa: S608
        f"SELECT client, name, upper(regexp_replace({without_title('min(written)')}, '[[:space:]]', '', 'g')) AS bare, "
        f"{is_titled_man('min(written)')} AS is_man FROM import_person WHERE name IS NOT NULL GROUP BY 1, 2) AS named "
        f"GROUP BY client HAVING count(DISTINCT bare) > 1 OR count(DISTINCT is_man) > 1 ORDER BY 1 LIMIT {EXAMPLES}"
    )
    shared = cursor.fetchall()
    cursor.execute("DROP TABLE import_person")
    return ClientCounts(
        clients, phones, names, lines, without, shared[0][1] if shared else 0, tuple(text for text, _count in shared)
    )


def client_details(*, per_store: bool) -> str:
    """A query: what the file says of its clients, the latest of each."""
    store = "i.store = l.store_id" if per_store else "i.store = 0"
    latest = ", ".join(
        f"(array_agg({column} ORDER BY l.day DESC, l.line) FILTER (WHERE {column} IS NOT NULL))[1] AS {name}"
        for name, column in (
            ("name", "client_name"),
            ("phone", "client_phone"),
            ("gender", "client_gender"),
            ("birth", "client_birth"),
        )
    )
    return (
        f"SELECT i.client_id AS id, {latest} FROM import_line l JOIN import_client i "  # noqa: S608
        f"ON i.client = l.client AND {store} WHERE NOT l.bad AND i.client_id IS NOT NULL GROUP BY 1"
    )


def spellings(cursor: CursorWrapper) -> tuple[int, tuple[str, ...]]:
    """How many clients are written in more than one way, and three of them."""
    cursor.execute(
        "SELECT count(*) OVER (), array_to_string(written[:4], ' = ') FROM ("  # noqa: S608
        "SELECT array_agg(DISTINCT coalesce(client_as, client)) AS written FROM import_line "
        "WHERE client IN (SELECT client FROM import_line WHERE client_as IS NOT NULL) GROUP BY client) AS clients "
        f"WHERE cardinality(written) > 1 ORDER BY 2 LIMIT {EXAMPLES}"
    )
    rows = cursor.fetchall()
    return (int(rows[0][0]), tuple(text for _count, text in rows)) if rows else (0, ())


@contextmanager
def client_lookup(cursor: CursorWrapper, store: str, *, lines: int) -> Iterator[tuple[str, str]]:
    """The id of the known client of a row `i`, as an expression and the join it needs."""
    if lines < MANY_LINES:
        avoided, client, join = "enable_seqscan", f"({known_client(store)})", ""
    else:
        avoided, client = "enable_nestloop", "c.id"
        join = f"LEFT JOIN clients_client c ON c.ref_key = i.client AND coalesce(c.ref_store_id, 0) = {store}"
    cursor.execute(f"SET LOCAL {avoided} = off")
    yield client, join
    cursor.execute(f"SET LOCAL {avoided} TO DEFAULT")


def known_client(store: str) -> str:
    """A query for each row, and written so that the only index for it is the one by number: the planner has no figures
    on clients made in this very transaction, and would scan them all or look them up by store. The staged column sorts
    by code points, the index as the database does, and serves comparisons of its own collation alone."""
    client = 'i.client COLLATE "default"'
    return f"SELECT c.id FROM clients_client c WHERE c.ref_key = {client} AND coalesce(c.ref_store_id, 0) = {store}"  # noqa: S608


def clients_like(cursor: CursorWrapper, client: str) -> list[str]:
    """Numbers that begin as this one does, in whatever case."""
    half = re.sub(r"([\\%_])", r"\\\1", client[: max(1, len(client) // 2)])
    cursor.execute(
        "SELECT ref FROM clients_client WHERE ref LIKE %s OR ref LIKE %s OR ref LIKE %s LIMIT 1000",
        [f"{half}%", f"{half.upper()}%", f"{half.lower()}%"],
    )
    return [str(ref) for (ref,) in cursor.fetchall()]
