"""Which clients the rows of a file mean.

A row `i` has its `line`, whether it is `bad`, the `client_key` of what it says, `numbered_by` where that store counts
its own clients, and `client` once that is known: of one who was merged into another, the other.
"""

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.clients.keys import client_key
from core.shared.chain import current_chain

BATCH_SIZE = 20_000
# Of phones, whose other digits may be written or not.
_LAST_DIGITS = "right(regexp_replace({}, '[^0-9]', '', 'g'), 7)"
_OPEN = "i.client IS NULL AND i.client_key IS NOT NULL AND NOT i.bad"
# Several are meant by a key, by phone or by name.
SEVERAL = "SELECT key FROM client_meant GROUP BY key HAVING count(*) > 1"


def find_clients(cursor: CursorWrapper, rows: str) -> None:
    """By number, else by a phone or a name that one client alone has. The temporary table `client_meant` then lists the
    clients who have the phone or the name of rows that no number decides."""
    find_by_number(cursor, rows)
    cursor.execute(f"ANALYZE {rows}")
    cursor.execute("DROP TABLE IF EXISTS pg_temp.client_meant")
    cursor.execute("CREATE TEMP TABLE client_meant (key text, id bigint) ON COMMIT DROP")
    cursor.execute(f"SELECT EXISTS (SELECT FROM {rows} i WHERE {_OPEN})")  # noqa: S608
    if not cursor.fetchone()[0]:
        return
    _note_phones(cursor, rows)
    cursor.execute(
        "INSERT INTO client_meant SELECT DISTINCT i.client_key, coalesce(m.merged_into_id, m.id) "  # noqa: S608
        f"FROM {rows} i JOIN clients_client m ON m.name <> '' "
        "AND upper(regexp_replace(normalize(m.name, NFKC), '[[:space:]]+', ' ', 'g')) = i.client_key "
        f"WHERE {_OPEN} AND i.client_key NOT IN (SELECT key FROM client_meant)"
    )
    cursor.execute(
        f"UPDATE {rows} i SET client = meant.id FROM ("  # noqa: S608
        "SELECT key, min(id) AS id FROM client_meant GROUP BY key HAVING count(*) = 1) AS meant "
        f"WHERE meant.key = i.client_key AND {_OPEN}"
    )


def find_by_number(cursor: CursorWrapper, rows: str) -> None:
    cursor.execute(
        f"UPDATE {rows} i SET client = coalesce(m.merged_into_id, m.id) FROM clients_client m "  # noqa: S608
        f"WHERE {_OPEN} AND m.ref_key = i.client_key "
        "AND coalesce(m.ref_store_id, 0) = coalesce(i.numbered_by, 0)"
    )


def _note_phones(cursor: CursorWrapper, rows: str) -> None:
    country = current_chain().country
    with connection.chunked_cursor() as clients:
        clients.execute(
            "SELECT coalesce(m.merged_into_id, m.id), m.phone FROM clients_client m "  # noqa: S608
            f"WHERE m.phone <> '' AND {_LAST_DIGITS.format('m.phone')} IN ("
            f"SELECT {_LAST_DIGITS.format('i.client_key')} FROM {rows} i WHERE {_OPEN} AND i.client_key ~ '[0-9]{{7}}')"
        )
        while found := clients.fetchmany(BATCH_SIZE):
            cursor.execute(
                "INSERT INTO client_meant SELECT DISTINCT meant.* FROM unnest(%s::text[], %s::bigint[]) "  # noqa: S608
                f"AS meant (key, id) JOIN {rows} i ON i.client_key = meant.key WHERE {_OPEN}",
                [[client_key(phone, country) for _pk, phone in found], [pk for pk, _phone in found]],
            )
