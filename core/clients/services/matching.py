"""Which clients the rows of a file mean.

A row `i` has its `line`, whether it is `bad`, the `client_key` of what it says, `numbered_by` where that store counts
its own clients, and `client` once that is known: of one who was merged into another, the other.
"""

from django.db.backends.utils import CursorWrapper

from core.clients.keys import client_key
from core.shared.chain import current_chain

BATCH_SIZE = 20_000
# Of phones, whose other digits may be written or not. An index is by it.
LAST_DIGITS = "right(regexp_replace({}, '[^0-9]', '', 'g'), 7)"
_OPEN = "i.client IS NULL AND i.client_key IS NOT NULL AND NOT i.bad"
WITH_PHONES = (
    "SELECT coalesce(m.merged_into_id, m.id), m.phone FROM clients_client m WHERE m.phone <> '' "  # noqa: S608
    f"AND position('*' in m.phone) = 0 AND {LAST_DIGITS.format('m.phone')} = ANY(%s::text[])"
)
# Keys by which several are meant, as a phone or as a name.
SEVERAL = "SELECT key FROM client_meant GROUP BY key HAVING count(*) > 1"


def find_clients(cursor: CursorWrapper, rows: str) -> None:
    """By number, else by a name that one client alone has. The temporary table `client_meant` then lists the clients
    who have the name of rows that no number decides, or their phone where several have it (see `note_phones`)."""
    find_by_number(cursor, rows)
    cursor.execute(f"ANALYZE {rows}")
    cursor.execute("DROP TABLE IF EXISTS pg_temp.client_meant")
    cursor.execute("CREATE TEMP TABLE client_meant (key text, id bigint) ON COMMIT DROP")
    cursor.execute(f"SELECT EXISTS (SELECT FROM {rows} i WHERE {_OPEN})")  # noqa: S608
    if not cursor.fetchone()[0]:
        return
    cursor.execute(
        "INSERT INTO client_meant SELECT DISTINCT key, id FROM client_phone WHERE key IN ("
        "SELECT key FROM client_phone GROUP BY key HAVING count(DISTINCT id) > 1)"
    )
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


def note_phones(cursor: CursorWrapper, keys: str) -> None:
    """Fills the temporary table `client_phone` (key, id) with the phones of the register that end as one of the keys
    does, and who has them: `keys` is a query of `key`."""
    country = current_chain().country
    cursor.execute("DROP TABLE IF EXISTS pg_temp.client_phone, pg_temp.phone_end")
    cursor.execute("CREATE TEMP TABLE client_phone (key text, id bigint) ON COMMIT DROP")
    cursor.execute(
        f"CREATE TEMP TABLE phone_end ON COMMIT DROP AS SELECT DISTINCT {LAST_DIGITS.format('key')} "  # noqa: S608
        "AS digits "
        f"FROM ({keys}) AS keys WHERE length({LAST_DIGITS.format('key')}) = 7"
    )
    if not cursor.rowcount:
        return
    cursor.execute("SELECT digits FROM phone_end")
    ends = [digits for (digits,) in cursor.fetchall()]
    for first in range(0, len(ends), BATCH_SIZE):
        # A list is looked up as such even where the planner has no figures, as on clients who came in just now: joined,
        # each would be compared with each.
        cursor.execute(WITH_PHONES, [ends[first : first + BATCH_SIZE]])
        found = cursor.fetchall()
        cursor.execute(
            "INSERT INTO client_phone SELECT * FROM unnest(%s::text[], %s::bigint[])",
            [[client_key(phone, country) for _pk, phone in found], [pk for pk, _phone in found]],
        )
    cursor.execute("ANALYZE client_phone")
