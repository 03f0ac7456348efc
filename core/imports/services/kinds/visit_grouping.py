"""Groups staged lines into visits, and checks visits for unknown clients, two dates and closed stores."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.imports.services import database_checks
from core.imports.services.context import ImportContext
from core.imports.services.kinds.visit_staging import EXAMPLES
from core.visits.services.loading import DIGEST, import_key

# So many of the visits without receipts of some days have to stand twice.
SHARE_TWICE = 0.2
_IMPORT_KEY = import_key(client="i.client", ref="i.ref", day="i.day")
_GROUPED = f"""
    SELECT key, min(line) AS line, min(store_id) AS store_id, min(client) AS client, min(ref) AS ref, min(day) AS day,
           max(day) AS last_day, min(start_time) AS start_time, {DIGEST} AS digest, count(*) AS lines,
           min(apart) AS apart,
           bit_xor(line_hash) = 0 AND max(line) - min(line) >= count(*) AS is_twice
    FROM import_line WHERE NOT bad GROUP BY key"""  # noqa: S608


def group_lines(cursor: CursorWrapper, *, per_store: bool, append: bool) -> None:
    """One row a visit. Ids rise in the order of clients and days, and of the file among visits of one client on one
    day: that is the order of recording where it matters, and tables are written from one end to the other."""
    store = "c.store = i.store_id" if per_store else "c.store = 0"
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_visit")
    cursor.execute(
        "CREATE TEMP TABLE import_visit ON COMMIT DROP AS "  # noqa: S608
        "SELECT nextval('visits_visit_id_seq') AS id, false AS is_known, false AS gets_client, "
        f"{append} AS is_added, sorted.* FROM (SELECT i.*, c.client_id, {_IMPORT_KEY} AS import_key "
        f"FROM ({_GROUPED}) AS i LEFT JOIN import_client c ON c.client = i.client AND {store} "
        "ORDER BY client_id, day, line) AS sorted"
    )
    # Else what is looked up by key would be the lines, of which there are more.
    cursor.execute("ANALYZE import_visit (key)")


@dataclass(frozen=True)
class Twice:
    """Visits of which each line stands in the file twice, with other visits between; how many lines that is too much,
    and some of them, with receipt, client and day."""

    visits: int
    lines: int
    examples: tuple[tuple[str | None, str | None, str], ...]


def visits_twice(cursor: CursorWrapper) -> Twice | None:
    """None where there are none. Without receipts a client may have come twice on a day for the same: only where a
    good part of the visits of those days are so."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_twice")
    cursor.execute(
        "CREATE TEMP TABLE import_twice ON COMMIT DROP AS "
        "SELECT key, ref, client, day, line, lines FROM import_visit WHERE is_twice"
    )
    if not cursor.rowcount:
        return None
    cursor.execute(
        f"""WITH own AS (SELECT count(*) AS visits, min(day) AS first, max(day) AS last
                         FROM import_twice WHERE ref IS NULL)
            DELETE FROM import_twice USING own WHERE ref IS NULL AND own.visits < {SHARE_TWICE} * (
                SELECT count(*) FROM import_visit WHERE ref IS NULL AND day BETWEEN own.first AND own.last)"""  # noqa: S608
    )
    cursor.execute(
        "SELECT ref, client, day::text, count(*) OVER (), sum(lines) OVER () FROM import_twice "  # noqa: S608
        f"ORDER BY line LIMIT {EXAMPLES}"
    )
    rows = cursor.fetchall()
    return Twice(rows[0][3], int(rows[0][4]) // 2, tuple(row[:3] for row in rows)) if rows else None


def count_once(cursor: CursorWrapper) -> None:
    """Of the lines of `import_twice` the second of each two goes. Visits have to be grouped anew."""
    cursor.execute(
        "DELETE FROM import_line l USING (SELECT i.ctid AS place, row_number() OVER same AS number, "
        "count(*) OVER (PARTITION BY i.key, i.line_hash) AS lines FROM import_line i JOIN import_twice USING (key) "
        "WHERE NOT i.bad WINDOW same AS (PARTITION BY i.key, i.line_hash ORDER BY i.line)) AS numbered "
        "WHERE l.ctid = numbered.place AND numbered.number > numbered.lines / 2"
    )


@dataclass(frozen=True)
class HalfNamed:
    """Receipts of which some lines name one client and the others nobody, how many lines those are, and some
    receipts with their client."""

    receipts: int
    lines: int
    examples: tuple[tuple[str, str], ...]


def receipts_half_named(cursor: CursorWrapper) -> HalfNamed | None:
    """Leaves them in the table `import_half_named`; None where there are none."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_half_named")
    cursor.execute(
        "CREATE TEMP TABLE import_half_named ON COMMIT DROP AS "
        "SELECT n.store_id, n.ref, n.day, n.lines, n.line, min(v.client) AS client FROM ("
        "SELECT store_id, ref, day, sum(lines) AS lines, min(line) AS line FROM import_visit "
        "WHERE client IS NULL AND ref IS NOT NULL GROUP BY store_id, ref, day) AS n "
        "JOIN import_visit v ON v.store_id = n.store_id AND v.ref = n.ref AND v.day = n.day AND v.client IS NOT NULL "
        "GROUP BY n.store_id, n.ref, n.day, n.lines, n.line HAVING count(DISTINCT v.client) = 1"
    )
    if not cursor.rowcount:
        return None
    cursor.execute(
        "SELECT ref, client, count(*) OVER (), sum(lines) OVER () FROM import_half_named "  # noqa: S608
        f"ORDER BY line LIMIT {EXAMPLES}"
    )
    rows = cursor.fetchall()
    return HalfNamed(rows[0][2], int(rows[0][3]), tuple(row[:2] for row in rows))


def name_whole_receipts(cursor: CursorWrapper) -> None:
    """Lines of `import_half_named` that name nobody are of the client of their receipt. Visits have to be grouped
    anew."""
    cursor.execute(
        "UPDATE import_line l SET client = h.client FROM import_half_named h "
        "WHERE l.client IS NULL AND l.store_id = h.store_id AND l.ref = h.ref AND l.day = h.day AND NOT l.bad"
    )


@dataclass(frozen=True)
class SeveralDays:
    """Receipts of the file whose rows give more than one day, of how many, and some of them."""

    receipts: int
    of: int
    examples: tuple[tuple[str, str, str], ...]


def receipts_of_several_days(cursor: CursorWrapper) -> SeveralDays | None:
    """None where no visit has two days."""
    cursor.execute("SELECT EXISTS (SELECT FROM import_visit WHERE day <> last_day)")
    if not cursor.fetchone()[0]:
        return None
    cursor.execute(
        f"""WITH receipts AS (
                SELECT store_id, ref, min(day) AS first, max(last_day) AS last, min(line) AS line
                FROM import_visit WHERE ref IS NOT NULL GROUP BY 1, 2
            ), split AS (SELECT * FROM receipts WHERE first <> last)
            SELECT ref, first::text, last::text, (SELECT count(*) FROM split), (SELECT count(*) FROM receipts)
            FROM split ORDER BY line LIMIT {EXAMPLES}"""  # noqa: S608
    )
    rows = cursor.fetchall()
    return SeveralDays(rows[0][3], rows[0][4], tuple(row[:3] for row in rows))


def keep_days_apart(cursor: CursorWrapper) -> None:
    """Each day of a receipt is a visit. They have to be grouped anew."""
    cursor.execute(
        "UPDATE import_line l SET apart = l.day FROM import_visit v WHERE l.key = v.key AND v.day <> v.last_day"
    )


def select_closed_store_rows(context: ImportContext) -> None:
    """Rows of a closed store, of visits that are new or say something else than what was there when it closed: the day,
    the store's code, and since when it is closed."""
    known = "visits_visit old WHERE old.import_key = visit.import_key AND old.import_digest = visit.digest"
    if context.options.append:
        known = (
            "visits_visit old JOIN visits_appendedlines a ON a.visit_id = old.id "
            "WHERE old.import_key = visit.import_key AND a.digest = visit.digest"
        )
    closed = "import_line l JOIN stores_store s ON s.id = l.store_id AND l.day >= s.closed_on AND NOT l.bad"
    database_checks.select_bad_rows(
        context,
        f"""WITH visit AS (
                SELECT key, {_IMPORT_KEY} AS import_key, digest FROM (
                    SELECT key, min(store_id) AS store_id, min(client) AS client, min(ref) AS ref, min(day) AS day,
                           {DIGEST} AS digest
                    FROM {closed} GROUP BY key
                ) AS i
            )
            SELECT l.line, l.day, s.code, s.closed_on FROM {closed}
            WHERE key IN (SELECT key FROM visit WHERE NOT EXISTS (SELECT FROM {known}))""",  # noqa: S608
    )


def select_unknown_client_rows(context: ImportContext) -> bool:
    """Rows of the visits whose client is not known, and its number; these are taken out. Whether there are any."""
    return _select_and_remove(
        context, "v.client IS NOT NULL AND v.client_id IS NULL", "SELECT line, coalesce(client_as, client) FROM wrong"
    )


def select_unknown_clients_of_bad_lines(context: ImportContext, *, per_store: bool) -> None:
    """Lines that are left out anyway, so that all that is wrong with a file is said at once."""
    store = "c.store = i.store_id" if per_store else "c.store = 0"
    database_checks.select_bad_rows(
        context,
        "SELECT i.line, c.ref FROM import_line i JOIN import_client c "  # noqa: S608
        f"ON c.client = i.client AND {store} WHERE i.bad AND i.store_id IS NOT NULL AND c.client_id IS NULL",
    )


def select_two_date_rows(context: ImportContext) -> bool:
    """Rows of the visits that do not agree on the date, with line and day of the first, and of the first with another.
    Such visits are bad as a whole, and taken out: no one knows which date is right. Whether there are any."""
    return _select_and_remove(
        context,
        "v.day <> v.last_day",
        """SELECT line, first_line, first_day,
                  first_value(line) OVER other AS other_line, first_value(day) OVER other AS other_day
           FROM (SELECT *, first_value(line) OVER visit AS first_line, first_value(day) OVER visit AS first_day
                 FROM wrong WINDOW visit AS (PARTITION BY key ORDER BY line)) AS rows
           WINDOW other AS (PARTITION BY key ORDER BY day = first_day, line)""",
    )


def _select_and_remove(context: ImportContext, visits: str, query: str) -> bool:
    """`query` selects from the `wrong` rows of such visits `v`. There are rarely any."""
    cursor = context.cursor
    cursor.execute(f"SELECT EXISTS (SELECT FROM import_visit v WHERE {visits})")  # noqa: S608
    if not cursor.fetchone()[0]:
        return False
    rows = f"SELECT l.* FROM import_line l JOIN import_visit v USING (key) WHERE NOT l.bad AND {visits}"  # noqa: S608
    database_checks.select_bad_rows(context, f"WITH wrong AS ({rows}) {query}")
    cursor.execute(f"DELETE FROM import_visit v WHERE {visits}")  # noqa: S608
    return True


def context_lines() -> Iterator[int]:
    """Good lines of visits that have bad ones."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT line FROM import_line WHERE NOT bad "
            "AND key IN (SELECT key FROM import_line WHERE bad) ORDER BY line"
        )
        while rows := cursor.fetchmany(database_checks.BATCH_SIZE):
            yield from (int(line) for (line,) in rows)
