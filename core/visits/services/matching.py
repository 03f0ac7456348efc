"""Which known visits the visits of a file are, and where that is not certain.

Works on the temporary table `import_visit`, see `loading`. A visit is known by its import key and its day. Set aside,
in temporary tables: `import_other_day` (known by the key, on another day), `import_other_client` (a receipt of the same
store and day that the file says is another client's) and `import_lost` (lines that a known visit would lose).
"""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

EXAMPLES = 3
_TABLES = ("import_known", "import_other_day", "import_other_client", "import_lost")


@dataclass(frozen=True)
class Found:
    """Visits in question, how many `alike` they are to what is known, and some of them."""

    visits: int
    alike: int
    examples: tuple[tuple[str, ...], ...]


def find_known(cursor: CursorWrapper) -> bool:
    """Marks those that are known, on their day or with all that the file says of them. Whether there can be any."""
    for table in _TABLES:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute("SELECT 1 FROM visits_visit WHERE import_key IS NOT NULL LIMIT 1")
    if not cursor.fetchall():
        return False
    cursor.execute("ANALYZE import_visit")
    cursor.execute(
        "CREATE TEMP TABLE import_known ON COMMIT DROP AS "
        "SELECT v.key, old.id, old.day, v.ref IS NULL OR old.day = v.day OR old.import_digest = v.digest AS is_same "
        "FROM import_visit v JOIN visits_visit old ON old.import_key = v.import_key"
    )
    cursor.execute("ANALYZE import_known")
    cursor.execute(
        "UPDATE import_visit v SET id = k.id, is_known = true FROM import_known k WHERE k.key = v.key AND k.is_same"
    )
    return True


def find_other_days(cursor: CursorWrapper) -> Found:
    """Receipts that are known on another day. Alike are those with as many lines and as much money."""
    cursor.execute(
        "CREATE TEMP TABLE import_other_day ON COMMIT DROP AS SELECT DISTINCT ON (k.id) * FROM ("
        "SELECT DISTINCT ON (v.key) v.key, k.id, k.day AS was, v.day, v.ref, v.line FROM import_known k "
        "JOIN import_visit v USING (key) WHERE NOT k.is_same AND NOT v.is_known "
        "AND NOT EXISTS (SELECT FROM import_visit o WHERE o.is_known AND o.id = k.id) "
        "ORDER BY v.key, abs(k.day - v.day), k.id) AS k ORDER BY k.id, abs(k.day - k.was), k.line"
    )
    cursor.execute(
        """WITH theirs AS (
               SELECT d.key, count(*) AS lines, sum(l.amount) AS amount
               FROM import_other_day d JOIN visits_visitline l ON l.visit_id = d.id GROUP BY 1
           ), ours AS (
               SELECT key, count(*) AS lines, sum(l.amount) AS amount
               FROM import_other_day d JOIN import_line l USING (key) WHERE NOT l.bad GROUP BY 1
           )
           SELECT d.ref, d.was::text, d.day::text, count(*) OVER (),
                  count(*) FILTER (WHERE (theirs.lines, theirs.amount) = (ours.lines, ours.amount)) OVER ()
           FROM import_other_day d JOIN ours USING (key) LEFT JOIN theirs USING (key) ORDER BY d.line"""
    )
    return _found(cursor)


def take_as_moved(cursor: CursorWrapper) -> None:
    """Visits of `import_other_day` are the known ones, on another day."""
    cursor.execute("UPDATE import_visit v SET id = d.id, is_known = true FROM import_other_day d WHERE d.key = v.key")


def find_other_clients(cursor: CursorWrapper) -> Found:
    """New visits of a receipt that is known on that day as a client's whom the file does not name for it. Alike are
    those with the same lines."""
    cursor.execute(
        """CREATE TEMP TABLE import_other_client ON COMMIT DROP AS
           WITH places AS MATERIALIZED (
               SELECT DISTINCT store_id, day FROM import_visit WHERE NOT is_known AND ref IS NOT NULL
           ), old AS MATERIALIZED (
               SELECT o.id, o.store_id, o.day, o.ref, o.client_id, o.import_digest
               FROM places JOIN visits_visit o USING (store_id, day)
               WHERE o.ref <> '' AND o.import_key IS NOT NULL AND o.voided_at IS NULL
               AND NOT EXISTS (SELECT FROM import_known k WHERE k.id = o.id)
           ), pairs AS (
               SELECT v.key, old.id, v.line, v.ref, old.client_id AS was, v.client_id,
                      old.import_digest = v.digest AS alike
               FROM old JOIN import_visit v USING (store_id, day, ref) WHERE NOT v.is_known
           ), ranked AS (
               SELECT *, row_number() OVER (PARTITION BY key ORDER BY alike DESC, id) AS of_visit,
                      row_number() OVER (PARTITION BY id ORDER BY alike DESC, line) AS of_known FROM pairs
           )
           SELECT * FROM ranked WHERE of_visit = 1 AND of_known = 1"""
    )
    cursor.execute(
        "SELECT o.ref, coalesce(was.ref, ''), coalesce(now.ref, v.client, ''), count(*) OVER (), "
        "count(*) FILTER (WHERE alike) OVER () FROM import_other_client o JOIN import_visit v USING (key) "
        "LEFT JOIN clients_client was ON was.id = o.was LEFT JOIN clients_client now ON now.id = o.client_id "
        "ORDER BY o.line"
    )
    return _found(cursor)


def receipts_serve_several(cursor: CursorWrapper) -> bool:
    """Whether a receipt of the file is of more than one client."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM import_visit WHERE ref IS NOT NULL GROUP BY store_id, ref, day HAVING count(*) > 1)"
    )
    return bool(cursor.fetchone()[0])


def give_to_other_client(cursor: CursorWrapper) -> None:
    """Visits of `import_other_client` are the known ones, of another client."""
    cursor.execute(
        "UPDATE import_visit v SET id = o.id, is_known = true, gets_client = true "
        "FROM import_other_client o WHERE o.key = v.key"
    )


def find_lost_lines(cursor: CursorWrapper) -> None:
    """Of known visits that the file would replace: services of which it has fewer lines. One with as many lines of
    other amounts or people is a correction. `kept` counts the lines that stay."""
    cursor.execute(
        """CREATE TEMP TABLE import_lost ON COMMIT DROP AS
           WITH changed AS MATERIALIZED (
               SELECT v.key, v.id, v.ref, v.line, v.day FROM import_visit v JOIN visits_visit old USING (id)
               WHERE v.is_known AND NOT v.is_added AND old.import_digest IS DISTINCT FROM v.digest
               AND NOT EXISTS (SELECT FROM visits_appendedlines a WHERE a.visit_id = v.id AND a.digest = v.digest)
           ), before AS (
               SELECT c.key, l.kind, coalesce(l.service_id, 0) AS service, count(*) AS lines
               FROM changed c JOIN visits_visitline l ON l.visit_id = c.id GROUP BY 1, 2, 3
           ), after AS (
               SELECT c.key, l.kind, coalesce(l.service_id, 0) AS service, count(*) AS lines
               FROM changed c JOIN import_line l USING (key) WHERE NOT l.bad GROUP BY 1, 2, 3
           ), compared AS (
               SELECT key, sum(greatest(before.lines - coalesce(after.lines, 0), 0)) AS lost,
                      sum(least(before.lines, coalesce(after.lines, 0))) AS kept
               FROM before LEFT JOIN after USING (key, kind, service) GROUP BY key
           )
           SELECT changed.*, lost, kept FROM compared JOIN changed USING (key) WHERE lost > 0"""
    )


def lost_lines(cursor: CursorWrapper, where: str) -> Found:
    """Visits that would lose lines: receipt, client, day and how many; `alike` counts the lines of all."""
    cursor.execute(
        "SELECT coalesce(l.ref, ''), coalesce(c.ref, ''), l.day::text, l.lost::text, "  # noqa: S608
        "count(*) OVER (), sum(l.lost) OVER () FROM import_lost l JOIN import_visit v USING (key) "
        f"LEFT JOIN clients_client c ON c.id = v.client_id WHERE {where} ORDER BY l.line"
    )
    return _found(cursor)


def add_to_known(cursor: CursorWrapper, where: str) -> None:
    """Lines of these visits of `import_lost` come to those that are known."""
    cursor.execute(
        f"UPDATE import_visit v SET is_added = true FROM import_lost l WHERE l.key = v.key AND {where}"  # noqa: S608
    )


def _found(cursor: CursorWrapper) -> Found:
    rows = cursor.fetchmany(EXAMPLES)
    if not rows:
        return Found(0, 0, ())
    return Found(int(rows[0][-2]), int(rows[0][-1]), tuple(tuple(row[:-2]) for row in rows))
