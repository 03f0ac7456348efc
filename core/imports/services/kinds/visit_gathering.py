"""The SQL that gathers staged lines to visits, and finds what only shows there: unknown clients, two dates."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from core.imports.services.kinds.visit_staging import client_lookup, known_client

HALF = 4294967295
# The two halves of a digest are sums that wrap around.
_DIGEST = f"((sum((said >> 32)::int) & {HALF}) << 32) | (sum((said << 32 >> 32)::int) & {HALF})"
_GATHERED = f"""
    SELECT key, min(line) AS line, min(store_id) AS store_id, min(client) AS client, min(ref) AS ref, min(day) AS day,
           max(day) AS last_day, min(start_time) AS start_time, {_DIGEST} AS digest, count(*) AS lines
    FROM import_line WHERE NOT bad GROUP BY key"""  # noqa: S608


@dataclass(frozen=True)
class TwoDates:
    """A visit whose rows do not agree on the date."""

    first_line: int
    first_day: date
    second_line: int
    second_day: date
    lines: list[int]


@dataclass(frozen=True)
class AfterClosing:
    """A row of a store that was closed by then."""

    line: int
    day: date
    store: str
    closed_on: date


def gather(cursor: CursorWrapper, *, lines: int, per_store: bool) -> None:
    """One row a visit. Ids rise in the order of clients and days, and of the file among visits of one client on one
    day: that is the order of recording where it matters, and tables are written from one end to the other."""
    with client_lookup(cursor, "i.store_id" if per_store else "0", lines=lines) as (client, join):
        cursor.execute(
            "CREATE TEMP TABLE import_visit ON COMMIT DROP AS "  # noqa: S608
            "SELECT nextval('visits_visit_id_seq') AS id, false AS is_known, sorted.* FROM ("
            f"SELECT i.*, {client} AS client_id FROM ({_GATHERED}) AS i {join} ORDER BY client_id, day, line) AS sorted"
        )


def hold_stores(cursor: CursorWrapper) -> bool:
    """Until the transaction ends no store is closed or opened; whether any is closed already."""
    cursor.execute("SELECT closed_on FROM stores_store ORDER BY id FOR KEY SHARE")
    return any(closed_on for (closed_on,) in cursor.fetchall())


def take_out_closed_stores(cursor: CursorWrapper, *, append: bool) -> list[AfterClosing]:
    """Rows of a closed store, of visits that are new or say something else than what was there when it closed."""
    known = "visits_visit old WHERE old.import_key = visit.key AND old.import_digest = visit.digest"
    if append:
        known = (
            "visits_visit old JOIN imports_appendedlines a ON a.visit_id = old.id "
            "WHERE old.import_key = visit.key AND a.digest = visit.digest"
        )
    closed = "s.id = l.store_id AND l.day >= s.closed_on AND NOT l.bad"
    cursor.execute(
        f"""WITH visit AS (
                SELECT key, {_DIGEST} AS digest FROM import_line l JOIN stores_store s ON {closed} GROUP BY key)
            UPDATE import_line l SET bad = true FROM stores_store s
            WHERE {closed} AND key IN (SELECT key FROM visit WHERE NOT EXISTS (SELECT FROM {known}))
            RETURNING l.line, l.day, s.code, s.closed_on"""  # noqa: S608
    )
    return [AfterClosing(*row) for row in sorted(cursor.fetchall())]


def take_out_unknown_clients(cursor: CursorWrapper) -> list[tuple[int, str]]:
    """Line and number of the rows whose client is not known."""
    cursor.execute("DELETE FROM import_visit WHERE client IS NOT NULL AND client_id IS NULL RETURNING key")
    return [(line, client) for _key, line, _day, client in _now_bad(cursor, [row[0] for row in cursor.fetchall()])]


def unknown_clients_of_bad_lines(cursor: CursorWrapper, *, per_store: bool) -> list[tuple[int, str]]:
    """Lines that are left out anyway, so that all that is wrong with a file is said at once."""
    cursor.execute("SET LOCAL enable_seqscan = off")
    cursor.execute(
        "SELECT line, client FROM import_line i WHERE bad AND client IS NOT NULL AND store_id IS NOT NULL "  # noqa: S608
        f"AND ({known_client('i.store_id' if per_store else '0')}) IS NULL ORDER BY line"
    )
    found = [(int(line), str(client)) for line, client in cursor.fetchall()]
    cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return found


def take_out_two_dates(cursor: CursorWrapper) -> list[TwoDates]:
    """Such visits are bad as a whole: no one knows which date is right."""
    cursor.execute("DELETE FROM import_visit WHERE day <> last_day RETURNING key")
    lines: dict[UUID, list[tuple[int, date]]] = {}
    for key, line, day, _client in _now_bad(cursor, [row[0] for row in cursor.fetchall()]):
        lines.setdefault(key, []).append((line, day))
    found = [_two_dates(sorted(pairs)) for pairs in lines.values()]
    return sorted(found, key=lambda conflict: conflict.first_line)


def _now_bad(cursor: CursorWrapper, keys: list[UUID]) -> list[tuple[UUID, int, date, str]]:
    if not keys:
        return []
    cursor.execute(
        "UPDATE import_line SET bad = true WHERE key = ANY(%s::uuid[]) AND NOT bad RETURNING key, line, day, client",
        [keys],
    )
    return sorted(cursor.fetchall(), key=lambda row: row[1])


def _two_dates(pairs: list[tuple[int, date]]) -> TwoDates:
    first_line, first_day = pairs[0]
    second_line, second_day = next(pair for pair in pairs if pair[1] != first_day)
    return TwoDates(first_line, first_day, second_line, second_day, [line for line, _day in pairs])


def context_lines(cursor: CursorWrapper) -> list[int]:
    """Good lines of visits that have bad ones."""
    cursor.execute(
        "SELECT line FROM import_line WHERE NOT bad AND key IN (SELECT key FROM import_line WHERE bad) ORDER BY line"
    )
    return [int(row[0]) for row in cursor.fetchall()]
