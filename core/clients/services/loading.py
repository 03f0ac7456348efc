"""Clients, as files bring them."""

from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

from core.clients.models import Client
from core.shared.bulk_writes import Staging, missing_columns, upsert
from core.shared.journal import note_before, noted_insert

# A row names a client by `client_ref`, and by `numbered_by` where the store counts its own clients.
SAME_CLIENT = "m.ref = i.client_ref AND coalesce(m.ref_store_id, 0) = coalesce(i.numbered_by, 0)"


def load_clients(staging: Staging, columns: Mapping[str, str]) -> None:
    """The store that counts a client is told of new ones alone."""
    upsert(staging, Client, match=SAME_CLIENT, columns=columns, key=["ref"], fresh={"ref_store_id": "i.numbered_by"})


def birth_columns(staged: str) -> dict[str, str]:
    """What a staged birth date sets: the date, or month and day alone, which are staged as --05-12."""
    return {
        "birth_date": f"CASE WHEN {staged} NOT LIKE '--%' THEN {staged}::date END",
        "birthday": f"CASE WHEN {staged} LIKE '--%' THEN right({staged}, 5) WHEN {staged} IS NOT NULL THEN '' END",
    }


def refer_clients(staging: Staging) -> None:
    """By `referrer_ref`, once all clients are there."""
    referred = (
        f"FROM {staging.rows} i JOIN clients_client r ON r.ref = i.referrer_ref "
        "AND coalesce(r.ref_store_id, 0) = coalesce(i.numbered_by, 0) "
        f"WHERE NOT i.bad AND {SAME_CLIENT} AND m.referrer_id IS DISTINCT FROM r.id"
    )
    note_before(staging.cursor, Client, f"EXISTS (SELECT {referred})")
    staging.cursor.execute(
        f"WITH referred AS (UPDATE clients_client m SET referrer_id = r.id {referred} RETURNING m.id) "  # noqa: S608
        f"INSERT INTO {staging.done} SELECT id, false FROM referred"
    )


def add_clients(cursor: CursorWrapper, query: str) -> int:
    """Clients of whom no more than the number is known: `query` gives `ref` and `ref_store_id`, in the order in which
    they are to be recorded. Returns how many there are more."""
    names, defaults = missing_columns(Client, ["ref", "ref_store_id"])
    statement = (
        f"INSERT INTO clients_client (ref, ref_store_id{names}) SELECT ref, ref_store_id{defaults} "  # noqa: S608
        f"FROM ({query}) AS new ON CONFLICT DO NOTHING"
    )
    cursor.execute(noted_insert(Client, statement))
    return int(cursor.rowcount)
