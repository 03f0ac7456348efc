"""Clients, as files bring them."""

from collections.abc import Mapping

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.clients.keys import client_key
from core.clients.models import Client
from core.clients.signals import joined_loaded
from core.shared.bulk_writes import Staging, missing_columns, upsert
from core.shared.chain import current_chain
from core.shared.journal import note_before, noted_insert
from core.shared.merged import kept

# A row names a client by `client_key`, and by `numbered_by` where the store counts its own clients.
SAME_CLIENT = "m.ref_key = i.client_key AND coalesce(m.ref_store_id, 0) = coalesce(i.numbered_by, 0)"
BATCH_SIZE = 20_000
# Clients by id, with the key of each number that they had before (`was`) and of the present one (`now`).
FORMER_NUMBERS = (
    "SELECT k.id, f.ref_key AS was, k.ref_key AS now FROM clients_client f "
    "JOIN clients_client k ON k.id = f.merged_into_id WHERE f.is_former"
)


def take_former_numbers(staging: Staging) -> None:
    """Rows that name a client, or who brought one, by a number from before name the number that the client has."""
    if Client.known.filter(merged_into__isnull=False, is_former=True).exists():
        for key in ("client_key", "referrer_key"):
            staging.cursor.execute(
                f"UPDATE {staging.rows} i SET {key} = k.ref_key FROM clients_client f "  # noqa: S608
                f"JOIN clients_client k ON k.id = f.merged_into_id WHERE f.is_former AND f.ref_key = i.{key} "
                "AND coalesce(f.ref_store_id, 0) = coalesce(i.numbered_by, 0)"
            )


def load_clients(staging: Staging, columns: Mapping[str, str]) -> None:
    """The store that counts a client is told of new ones alone, and a number stays as it was first written."""
    fresh = {"ref_key": "i.client_key", "ref_store_id": "i.numbered_by"}
    joined_on = columns.get("joined_on")
    if joined_on:
        staging.cursor.execute(
            f"CREATE TEMP TABLE client_rejoined ON COMMIT DROP AS SELECT m.id AS client_id FROM {staging.rows} i "  # noqa: S608
            f"JOIN clients_client m ON {SAME_CLIENT} WHERE NOT i.bad AND {joined_on} IS DISTINCT FROM m.joined_on "
            f"AND {joined_on} IS NOT NULL"
        )
    upsert(staging, Client, match=SAME_CLIENT, columns=columns, key=["ref"], fresh=fresh)
    if joined_on:
        announce_joined(staging.cursor, "client_rejoined")


def announce_joined(cursor: CursorWrapper, table: str) -> None:
    """Drops the temporary table, which lists the clients (`client_id`)."""
    cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608
    if cursor.fetchone()[0]:
        joined_loaded.send(Client, cursor=cursor, table=table)
    cursor.execute(f"DROP TABLE {table}")


def birth_columns(staged: str) -> dict[str, str]:
    """What a staged birth date sets: the date, or month and day alone, which are staged as --05-12."""
    return {
        "birth_date": f"CASE WHEN {staged} !~ '^--' THEN {staged}::date END",
        "birthday": f"CASE WHEN {staged} ~ '^--' THEN right({staged}, 5) WHEN {staged} IS NOT NULL THEN '' END",
    }


def refer_clients(staging: Staging) -> None:
    """By `referrer_key`, once all clients are there. Nobody is referred by the record that was merged into the own."""
    referrer = kept(Client, "r.id")
    referred = (
        f"FROM {staging.rows} i JOIN clients_client r ON r.ref_key = i.referrer_key "
        "AND coalesce(r.ref_store_id, 0) = coalesce(i.numbered_by, 0) "
        f"WHERE NOT i.bad AND {SAME_CLIENT} AND m.referrer_id IS DISTINCT FROM {referrer} AND m.id <> {referrer}"
    )
    note_before(staging.cursor, Client, f"EXISTS (SELECT {referred})")
    staging.cursor.execute(
        f"WITH referred AS (UPDATE clients_client m SET referrer_id = {referrer} {referred} RETURNING m.id) "  # noqa: S608
        f"INSERT INTO {staging.done} SELECT id, false FROM referred"
    )


def add_clients(cursor: CursorWrapper, query: str) -> int:
    """Clients of whom no more than the number is known: `query` gives `ref`, `ref_key` and `ref_store_id`, in the order
    in which they are to be recorded. Returns how many there are more."""
    names, defaults = missing_columns(Client, ["ref", "ref_key", "ref_store_id"])
    statement = (
        f"INSERT INTO clients_client (ref, ref_key, ref_store_id{names}) "  # noqa: S608
        f"SELECT ref, ref_key, ref_store_id{defaults} FROM ({query}) AS new ON CONFLICT DO NOTHING"
    )
    cursor.execute(noted_insert(Client, statement))
    return int(cursor.rowcount)


def renumber_clients(cursor: CursorWrapper) -> None:
    """Clients of the temporary table `client_renumbered` (id, was_ref, was, ref, now) get another number; files that
    name them by the former one mean them still."""
    note_before(cursor, Client, "m.id IN (SELECT id FROM client_renumbered)")
    cursor.execute(
        "UPDATE clients_client m SET ref = r.ref, ref_key = r.now FROM client_renumbered r WHERE m.id = r.id"
    )
    names, defaults = missing_columns(Client, ["ref", "is_former"])
    cursor.execute(
        f"INSERT INTO clients_client (ref, ref_key, ref_store_id, merged_into_id, is_former{names}) "  # noqa: S608
        f"SELECT r.was_ref, r.was, m.ref_store_id, m.id, true{defaults} "
        "FROM client_renumbered r JOIN clients_client m USING (id)"
    )


def free_former_numbers(cursor: CursorWrapper, changes: str) -> None:
    """Before clients get back the numbers that they had: `changes` (id, before, after) says how they were changed."""
    cursor.execute(
        f"DELETE FROM clients_client f USING {changes} c JOIN clients_client m USING (id) "  # noqa: S608
        "WHERE f.is_former AND f.merged_into_id = c.id AND f.ref_key = c.before->>'ref_key' "
        "AND coalesce(f.ref_store_id, 0) = coalesce(m.ref_store_id, 0) AND m.ref_key = c.after->>'ref_key'"
    )


def complete_clients(cursor: CursorWrapper, query: str) -> None:
    """Fills in what is not known yet: `query` gives `id`, `name`, `phone`, `gender` and `birth` as staged, each of
    which may be null. A phone that is masked says nothing."""
    cursor.execute(f"CREATE TEMP TABLE client_details ON COMMIT DROP AS {query}")
    cursor.execute("UPDATE client_details SET phone = NULL WHERE length(phone) > 40 OR phone ~ '[*]'")
    birth, no_birth = birth_columns("d.birth"), "m.birth_date IS NULL AND m.birthday = ''"
    texts = ("name", "phone", "gender")
    assignments = ", ".join(f"{name} = coalesce(nullif(m.{name}, ''), d.{name}, '')" for name in texts)
    news = " OR ".join(f"m.{name} = '' AND d.{name} <> ''" for name in texts)
    completed = f"m.id = d.id AND ({news} OR {no_birth} AND d.birth IS NOT NULL)"
    note_before(cursor, Client, f"EXISTS (SELECT FROM client_details d WHERE {completed})")
    cursor.execute(
        f"UPDATE clients_client m SET {assignments}, "  # noqa: S608
        f"birth_date = CASE WHEN {no_birth} THEN {birth['birth_date']} ELSE m.birth_date END, "
        f"birthday = CASE WHEN {no_birth} THEN coalesce({birth['birthday']}, '') ELSE m.birthday END "
        f"FROM client_details d WHERE {completed}"
    )
    cursor.execute("DROP TABLE client_details")


def fill_keys(cursor: CursorWrapper) -> bool:
    """Gives keys to clients that have none. Of clients whose numbers fall together one has the key, preferably the one
    whose number is written so; the others go by their number as it is written. Whether there were any: the temporary
    table `keyed_client` lists them, with the `key` of their number."""
    cursor.execute("SELECT EXISTS (SELECT FROM clients_client WHERE ref_key IS NULL)")
    if not cursor.fetchone()[0]:
        return False
    country = current_chain().country
    cursor.execute("DROP TABLE IF EXISTS pg_temp.keyed_client")
    cursor.execute("CREATE TEMP TABLE keyed_client (id bigint PRIMARY KEY, key text) ON COMMIT DROP")
    with connection.chunked_cursor() as clients:
        clients.execute("SELECT id, ref FROM clients_client WHERE ref_key IS NULL")
        while rows := clients.fetchmany(BATCH_SIZE):
            cursor.execute(
                "INSERT INTO keyed_client SELECT * FROM unnest(%s::bigint[], %s::text[])",
                [[pk for pk, _ref in rows], [client_key(ref, country) for _pk, ref in rows]],
            )
    cursor.execute("ANALYZE keyed_client")
    cursor.execute(
        "UPDATE clients_client m SET ref_key = CASE WHEN place = 1 AND NOT EXISTS (SELECT FROM clients_client o "
        "WHERE o.ref_key = ranked.key AND coalesce(o.ref_store_id, 0) = coalesce(m.ref_store_id, 0)) "
        "THEN ranked.key ELSE m.ref END FROM (SELECT c.id, k.key, row_number() OVER ("
        "PARTITION BY k.key, c.ref_store_id ORDER BY c.ref <> k.key, c.id) AS place "
        "FROM clients_client c JOIN keyed_client k USING (id)) AS ranked WHERE m.id = ranked.id"
    )
    return True
