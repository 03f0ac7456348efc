"""Visits, as files bring them: new ones are made, known ones compared as a whole.

A temporary table `import_visit` has a row a visit: `id`, `is_known`, `key`, `digest`, `store_id`, `client_id`, `day`,
`start_time`, `ref` and how many `lines` it has. Those are in `import_line`, by `key`: their `line` in the file, whether
it is `bad`, and what a line holds.
"""

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


class VisitLoading:
    def __init__(self, cursor: CursorWrapper, *, append: bool) -> None:
        self.cursor = cursor
        self.append = append
        # Voided visits that the file changed, which are back in force.
        self.revived = 0

    def run(self) -> tuple[int, int, int]:
        """How many visits are new, changed and as before. `import_visit` keeps what is new or changed; whom and what
        that touches is listed in `affected_…`."""
        unchanged = updated = 0
        self._make_affected_tables()
        if self._find_known():
            unchanged = self._drop_unchanged()
            self._note_places()
            updated = self._append() if self.append else self._replace()
            self._note_places()
        created = self._create()
        self._insert_lines()
        note_made(self.cursor, Visit, "SELECT id FROM import_visit WHERE NOT is_known")
        self._note_clients()
        return created, updated, unchanged

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

    def _find_known(self) -> int:
        self.cursor.execute("SELECT 1 FROM visits_visit WHERE import_key IS NOT NULL LIMIT 1")
        if not self.cursor.fetchall():
            return 0
        self.cursor.execute("ANALYZE import_visit")
        self.cursor.execute(
            "UPDATE import_visit v SET id = old.id, is_known = true FROM visits_visit old WHERE old.import_key = v.key"
        )
        return int(self.cursor.rowcount)

    def _drop_unchanged(self) -> int:
        if self.append:
            same = "USING visits_appendedlines old WHERE old.visit_id = v.id AND old.digest = v.digest"
        else:
            same = "USING visits_visit old WHERE old.id = v.id AND old.import_digest = v.digest"
        self.cursor.execute(f"DELETE FROM import_visit v {same} AND v.is_known")  # noqa: S608
        return int(self.cursor.rowcount)

    def _replace(self) -> int:
        count = self._lock_known()
        if count:
            changed = "(SELECT id FROM import_visit WHERE is_known)"
            self.cursor.execute(f"DELETE FROM visits_visitline WHERE visit_id IN {changed}")  # noqa: S608
            self.cursor.execute(f"DELETE FROM visits_appendedlines WHERE visit_id IN {changed}")  # noqa: S608
            self.cursor.execute(
                "UPDATE visits_visit old SET day = v.day, start_time = v.start_time, import_digest = v.digest, "
                "voided_at = NULL FROM import_visit v WHERE old.id = v.id AND v.is_known"
            )
        return count

    def _append(self) -> int:
        count = self._lock_known()
        if count:
            self.cursor.execute(
                f"UPDATE visits_visit old SET import_digest = {_SUM_OF_DIGESTS}, "  # noqa: S608
                "start_time = least(old.start_time, v.start_time), voided_at = NULL "
                "FROM import_visit v WHERE old.id = v.id AND v.is_known"
            )
        return count

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
            "SELECT id, store_id, client_id, day, start_time, coalesce(ref, ''), key, digest "
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
        if self.append:
            self.cursor.execute(
                "INSERT INTO visits_appendedlines (visit_id, digest) SELECT id, digest FROM import_visit"
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
