"""Visits, as files bring them: new ones are made, known ones compared as a whole.

A temporary table `import_visit` has a row a visit: `id`, its `key` within the file, `import_key`, `digest`, `store_id`,
`client_id`, `day`, `start_time`, `ref` and how many `lines` it has. Those are in `import_line`, by `key`: their `line`
in the file, whether it is `bad`, and what a line holds. `matching` says which visits are known (`is_known`), which of
those come to another client (`gets_client`), and to which lines are added (`is_added`).
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from core.shared.journal import note_before, note_made
from core.visits.models import AppendedLines, Visit, VisitLine
from core.visits.signals import visits_loaded

HALF = 4294967295
# The two halves of a digest are sums that wrap around.
DIGEST = f"((sum((line_hash >> 32)::int) & {HALF}) << 32) | (sum((line_hash << 32 >> 32)::int) & {HALF})"
_SUM_OF_DIGESTS = (
    f"((((old.import_digest >> 32) + (v.digest >> 32)) & {HALF}) << 32) "
    f"| (((old.import_digest & {HALF}) + (v.digest & {HALF})) & {HALF})"
)


def import_key(*, client: str, ref: str, day: str) -> str:
    """An expression: who a visit is to a file, by its `store_id`, the key of its client's number, and its receipt or
    its day. All may be null."""
    parts = [
        "coalesce(store_id || chr(31), '')",
        f"coalesce(length({client}) || chr(31) || {client} || chr(31), '')",
        f"coalesce('r' || {ref}, 'd' || {_text(day)}, '')",
    ]
    return f"md5({' || '.join(parts)})::uuid"


def _text(day: str) -> str:
    """The same whatever a connection's settings are."""
    return (
        f"extract(year FROM {day})::text || '-' || lpad(extract(month FROM {day})::text, 2, '0') || '-' || "
        f"lpad(extract(day FROM {day})::text, 2, '0')"
    )


def rekey_visits(cursor: CursorWrapper) -> None:
    """For clients whose number was compared as it is written, until `core.clients` gave it a key: their visits are the
    same to files as before. One that was moved since is told by its former key."""
    renumber_visits(
        cursor,
        "SELECT c.id, c.ref AS was, k.key AS now FROM keyed_client k JOIN clients_client c USING (id) "
        "WHERE c.ref <> k.key",
    )


def renumber_visits(cursor: CursorWrapper, clients: str, params: Sequence[Any] = ()) -> None:
    """For clients whose number is another one: `clients` is a query of their ids, with the key of the former (`was`)
    and of the present number (`now`)."""
    before, after = (import_key(client=f"k.{one}", ref="nullif(v.ref, '')", day="v.day") for one in ("was", "now"))
    cursor.execute(
        f"UPDATE visits_visit v SET import_key = {after.replace('store_id', 'v.store_id')} FROM ({clients}) AS k "  # noqa: S608
        f"WHERE v.client_id = k.id AND v.import_key = {before.replace('store_id', 'v.store_id')}",
        params,
    )


class VisitLoading:
    def __init__(self, cursor: CursorWrapper) -> None:
        self.cursor = cursor
        # Voided visits that the file changed, which are back in force.
        self.revived = 0

    def run(self) -> tuple[int, int, int]:
        """How many visits are new, changed and as before. `import_visit` keeps what is new or changed; whom and what
        that touches is listed in `affected_…`."""
        unchanged = updated = 0
        self._make_affected_tables()
        if self._has("is_known"):
            unchanged = self._drop_unchanged()
            self._note_places()
            updated = self._lock_known()
            if self._has("is_known AND is_added"):
                self._add_to_known()
            if self._has("is_known AND NOT is_added"):
                self._replace()
            self._note_places()
        created = self._create()
        self._insert_lines()
        note_made(self.cursor, Visit, "SELECT id FROM import_visit WHERE NOT is_known")
        self._note_clients()
        return created, updated, unchanged

    def _has(self, visits: str) -> bool:
        self.cursor.execute(f"SELECT EXISTS (SELECT FROM import_visit WHERE {visits})")  # noqa: S608
        return bool(self.cursor.fetchone()[0])

    def announce(self) -> None:
        visits_loaded.send(
            Visit,
            cursor=self.cursor,
            new_visits="import_visit WHERE NOT is_known",
            store_days="affected_store_day",
            clients="affected_client",
        )

    def _make_affected_tables(self) -> None:
        self.cursor.execute("CREATE TEMP TABLE affected_known (client_id bigint) ON COMMIT DROP")
        self.cursor.execute(
            "CREATE TEMP TABLE affected_store_day (store_id int, day date, PRIMARY KEY (store_id, day)) ON COMMIT DROP"
        )

    def _drop_unchanged(self) -> int:
        """Visits as they are, and lines that were added to theirs before."""
        self.cursor.execute(
            "DELETE FROM import_visit v WHERE v.is_known AND NOT v.gets_client AND (NOT v.is_added AND EXISTS ("
            "SELECT FROM visits_visit old WHERE old.id = v.id AND old.import_digest = v.digest) OR EXISTS ("
            "SELECT FROM visits_appendedlines old WHERE old.visit_id = v.id AND old.digest = v.digest))"
        )
        return int(self.cursor.rowcount)

    def _replace(self) -> None:
        changed = "(SELECT id FROM import_visit WHERE is_known AND NOT is_added)"
        self.cursor.execute(f"DELETE FROM visits_visitline WHERE visit_id IN {changed}")  # noqa: S608
        self.cursor.execute(f"DELETE FROM visits_appendedlines WHERE visit_id IN {changed}")  # noqa: S608
        self.cursor.execute(
            "UPDATE visits_visit old SET day = v.day, start_time = v.start_time, import_key = v.import_key, "
            "import_digest = v.digest, client_id = CASE WHEN v.gets_client THEN v.client_id ELSE old.client_id END, "
            "voided_at = NULL FROM import_visit v WHERE old.id = v.id AND v.is_known AND NOT v.is_added"
        )

    def _add_to_known(self) -> None:
        """What was there counts as added too: the file that brought it may be read again."""
        added = "FROM import_visit v WHERE old.id = v.id AND v.is_known AND v.is_added"
        self.cursor.execute(
            "INSERT INTO visits_appendedlines (visit_id, digest) SELECT old.id, old.import_digest "  # noqa: S608
            f"FROM visits_visit old WHERE EXISTS (SELECT {added}) AND import_digest IS NOT NULL "
            "AND NOT EXISTS (SELECT FROM visits_appendedlines a WHERE a.visit_id = old.id) ON CONFLICT DO NOTHING"
        )
        self.cursor.execute(
            f"UPDATE visits_visit old SET import_digest = {_SUM_OF_DIGESTS}, "  # noqa: S608
            f"start_time = least(old.start_time, v.start_time), voided_at = NULL {added}"
        )

    def _lock_known(self) -> int:
        """In the order of their ids."""
        parts = {VisitLine: "visit_id", AppendedLines: "visit_id"}
        note_before(self.cursor, Visit, "m.id IN (SELECT id FROM import_visit WHERE is_known)", parts=parts)
        self.cursor.execute(
            "SELECT count(*), count(voided_at) FROM (SELECT voided_at FROM visits_visit "
            "WHERE id IN (SELECT id FROM import_visit WHERE is_known) ORDER BY id FOR UPDATE) AS locked"
        )
        count, voided = self.cursor.fetchone()
        self.revived = int(voided)
        return int(count)

    def _create(self) -> int:
        self.cursor.execute(
            "INSERT INTO visits_visit (id, store_id, client_id, day, start_time, ref, import_key, import_digest) "
            "SELECT id, store_id, client_id, day, start_time, coalesce(ref, ''), import_key, digest "
            "FROM import_visit WHERE NOT is_known"
        )
        return int(self.cursor.rowcount)

    def _insert_lines(self) -> None:
        self.cursor.execute(
            "INSERT INTO visits_visitline (visit_id, kind, service_id, category_id, staff_id, quantity, amount, "
            "paid_by_card, duration_min, rating) "
            "SELECT v.id, l.kind, l.service_id, l.category_id, l.staff_id, l.quantity, l.amount, l.paid_by_card, "
            "l.duration_min, l.rating FROM import_line l JOIN import_visit v USING (key) "
            "WHERE NOT l.bad ORDER BY v.id, l.line, l.ctid"
        )
        if self._has("is_added"):
            self.cursor.execute(
                "INSERT INTO visits_appendedlines (visit_id, digest) SELECT id, digest FROM import_visit "
                "WHERE is_added ON CONFLICT DO NOTHING"
            )

    def _note_clients(self) -> None:
        self.cursor.execute(
            "CREATE TEMP TABLE affected_client ON COMMIT DROP AS "
            "SELECT client_id FROM import_visit WHERE client_id IS NOT NULL AND NOT is_known "
            "UNION SELECT client_id FROM affected_known"
        )
        self.cursor.execute("ANALYZE affected_client")

    def _note_places(self) -> None:
        """Clients and store days of known visits, as they are at the moment."""
        source = "FROM visits_visit WHERE id IN (SELECT id FROM import_visit WHERE is_known)"
        self.cursor.execute(f"INSERT INTO affected_known SELECT DISTINCT client_id {source} AND client_id IS NOT NULL")
        self.cursor.execute(
            f"INSERT INTO affected_store_day SELECT DISTINCT store_id, day {source} ON CONFLICT DO NOTHING"
        )
