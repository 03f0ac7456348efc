"""The SQL that brings staged visits in."""

from dataclasses import dataclass
from datetime import date

from django.db.backends.utils import CursorWrapper

from core.catalogue.models import Service, ServiceCategory
from core.imports.services.context import Counts
from core.imports.services.kinds.base import insert_columns
from core.imports.services.kinds.visit_rows import VisitRows
from core.staff.models import StaffMember

_HALF = 4294967295
# The two halves of a digest are sums that wrap around.
_DIGEST = f"((sum(high) & {_HALF}) << 32) | (sum(low) & {_HALF})"
_SUM_OF_DIGESTS = (
    f"((((old.import_digest >> 32) + (v.digest >> 32)) & {_HALF}) << 32) "
    f"| (((old.import_digest & {_HALF}) + (v.digest & {_HALF})) & {_HALF})"
)


@dataclass(frozen=True)
class TwoDates:
    """A visit whose rows do not agree on the date."""

    first_line: int
    first_day: date
    second_line: int
    second_day: date
    lines: list[int]


def gather(cursor: CursorWrapper) -> None:
    """One row for each visit of the file, in the order that keeps its client's visits together."""
    cursor.execute("SET LOCAL work_mem = '256MB'")
    cursor.execute("ANALYZE import_line")
    cursor.execute(
        "CREATE TEMP TABLE import_visit ON COMMIT DROP AS "  # noqa: S608
        "SELECT key, min(line) AS line, min(store_id) AS store_id, min(client_id) AS client_id, min(ref) AS ref, "
        f"min(day) AS day, max(day) AS last_day, min(start_time) AS start_time, {_DIGEST} AS digest, "
        "NULL::bigint AS visit_id, false AS is_new "
        "FROM import_line WHERE NOT bad GROUP BY key"
    )


def take_out_two_dates(cursor: CursorWrapper) -> list[TwoDates]:
    """Such visits become bad rows as a whole: no one knows which date is right."""
    cursor.execute("DELETE FROM import_visit WHERE day <> last_day RETURNING key")
    keys = [row[0] for row in cursor.fetchall()]
    if not keys:
        return []
    cursor.execute(
        "UPDATE import_line SET bad = true WHERE key = ANY(%s::uuid[]) AND NOT bad RETURNING key, line, day", [keys]
    )
    lines: dict[object, list[tuple[int, date]]] = {}
    for key, line, day in cursor.fetchall():
        lines.setdefault(key, []).append((line, day))
    found = [_two_dates(sorted(pairs)) for pairs in lines.values()]
    return sorted(found, key=lambda conflict: conflict.first_line)


def _two_dates(pairs: list[tuple[int, date]]) -> TwoDates:
    first_line, first_day = pairs[0]
    second_line, second_day = next(pair for pair in pairs if pair[1] != first_day)
    return TwoDates(first_line, first_day, second_line, second_day, [line for line, _day in pairs])


def context_lines(cursor: CursorWrapper) -> list[int]:
    cursor.execute(
        "SELECT line FROM import_line WHERE NOT bad AND key IN (SELECT key FROM import_line WHERE bad) ORDER BY line"
    )
    return [int(row[0]) for row in cursor.fetchall()]


def make_stubs(cursor: CursorWrapper, rows: VisitRows) -> None:
    """Records that only the file knows so far, where a good row names them."""
    services = {service.id: service for service in rows.new_services}
    staff = {pk: code for code, pk in rows.staff.new.items()}
    categories = {pk: name for name, pk in rows.categories.new.items()}
    used = _used(cursor, "category_id", list(categories))
    used_services = _used(cursor, "service_id", list(services))
    used |= {int(services[pk].category) for pk in used_services}
    names, defaults = insert_columns(ServiceCategory, ["name"])
    made = [pk for pk in categories if pk in used]
    cursor.execute(
        f"INSERT INTO catalogue_servicecategory (id, name{names}) SELECT id, name{defaults} "  # noqa: S608
        "FROM unnest(%s::bigint[], %s::text[]) AS new (id, name)",
        [made, [categories[pk] for pk in made]],
    )
    names, defaults = insert_columns(Service, ["code", "name", "category_id"])
    made = [pk for pk in services if pk in used_services]
    cursor.execute(
        f"INSERT INTO catalogue_service (id, code, name, category_id{names}) "  # noqa: S608
        f"SELECT id, code, code, category_id{defaults} "
        "FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS new (id, code, category_id)",
        [made, [services[pk].code for pk in made], [int(services[pk].category) for pk in made]],
    )
    names, defaults = insert_columns(StaffMember, ["code", "name", "store_id"])
    cursor.execute(
        f"INSERT INTO staff_staffmember (id, code, name, store_id{names}) "  # noqa: S608
        f"SELECT DISTINCT ON (id) id, code, code, store_id{defaults} "
        "FROM unnest(%s::bigint[], %s::text[]) AS new (id, code) "
        "JOIN import_line ON staff_id = id AND NOT bad ORDER BY id, line",
        [list(staff), list(staff.values())],
    )


def _used(cursor: CursorWrapper, column: str, ids: list[int]) -> set[int]:
    if not ids:
        return set()
    cursor.execute(f"SELECT DISTINCT {column} FROM import_line WHERE NOT bad AND {column} = ANY(%s::int[])", [ids])  # noqa: S608
    return {int(row[0]) for row in cursor.fetchall()}


class VisitLoading:
    def __init__(self, cursor: CursorWrapper, *, append: bool) -> None:
        self.cursor = cursor
        self.append = append
        # Voided visits that the file changed, which are back in force.
        self.revived = 0

    def run(self) -> Counts:
        counts = Counts()
        self._make_affected_tables()
        known = self._find_known()
        if known:
            counts.unchanged = self._drop_unchanged()
            counts.updated = self._append() if self.append else self._replace()
        counts.created = self._create()
        self._insert_lines()
        self._list_affected()
        return counts

    def _make_affected_tables(self) -> None:
        self.cursor.execute("CREATE TEMP TABLE affected_client (client_id bigint PRIMARY KEY) ON COMMIT DROP")
        self.cursor.execute(
            "CREATE TEMP TABLE affected_store_day (store_id int, day date, PRIMARY KEY (store_id, day)) ON COMMIT DROP"
        )

    def _find_known(self) -> int:
        self.cursor.execute("SELECT 1 FROM visits_visit WHERE import_key IS NOT NULL LIMIT 1")
        if not self.cursor.fetchall():
            return 0
        self.cursor.execute(
            "UPDATE import_visit v SET visit_id = old.id FROM visits_visit old WHERE old.import_key = v.key"
        )
        return int(self.cursor.rowcount)

    def _drop_unchanged(self) -> int:
        if self.append:
            same = "USING imports_appendedlines old WHERE old.visit_id = v.visit_id AND old.digest = v.digest"
        else:
            same = "USING visits_visit old WHERE old.id = v.visit_id AND old.import_digest = v.digest"
        self.cursor.execute(f"DELETE FROM import_visit v {same}")  # noqa: S608
        return int(self.cursor.rowcount)

    def _lock_changed(self) -> int:
        """In the order of their ids, and their places noted as they were before."""
        self.cursor.execute(
            "SELECT count(*), count(voided_at) FROM (SELECT voided_at FROM visits_visit "
            "WHERE id IN (SELECT visit_id FROM import_visit) ORDER BY id FOR UPDATE) AS locked"
        )
        count, voided = self.cursor.fetchone()
        self.revived = int(voided)
        self._list_places()
        return int(count)

    def _replace(self) -> int:
        count = self._lock_changed()
        if count:
            changed = "(SELECT visit_id FROM import_visit WHERE visit_id IS NOT NULL)"
            self.cursor.execute(f"DELETE FROM visits_visitline WHERE visit_id IN {changed}")  # noqa: S608
            self.cursor.execute(f"DELETE FROM imports_appendedlines WHERE visit_id IN {changed}")  # noqa: S608
            self.cursor.execute(
                "UPDATE visits_visit old SET day = v.day, start_time = v.start_time, import_digest = v.digest, "
                "voided_at = NULL FROM import_visit v WHERE old.id = v.visit_id"
            )
        return count

    def _append(self) -> int:
        count = self._lock_changed()
        if count:
            self.cursor.execute(
                f"UPDATE visits_visit old SET import_digest = {_SUM_OF_DIGESTS}, "  # noqa: S608
                "start_time = least(old.start_time, v.start_time), voided_at = NULL "
                "FROM import_visit v WHERE old.id = v.visit_id"
            )
        return count

    def _create(self) -> int:
        """Ids rise in the order of clients and days, and of the file among visits of one client on one day: that is
        the order of recording where it matters, and the tables and their indexes are written from one end on."""
        self.cursor.execute(
            "CREATE TEMP TABLE import_new ON COMMIT DROP AS "
            "SELECT nextval('visits_visit_id_seq') AS id, sorted.* FROM ("
            "SELECT key, store_id, client_id, ref, day, start_time, digest FROM import_visit "
            "WHERE visit_id IS NULL ORDER BY client_id, day, line) AS sorted"
        )
        count = int(self.cursor.rowcount)
        if count:
            self.cursor.execute("ANALYZE import_new (key)")
            self.cursor.execute(
                "INSERT INTO visits_visit (id, store_id, client_id, day, start_time, ref, import_key, import_digest) "
                "SELECT id, store_id, client_id, day, start_time, coalesce(ref, ''), key, digest "
                "FROM import_new ORDER BY id"
            )
        return count

    def _insert_lines(self) -> None:
        self.cursor.execute(
            "INSERT INTO visits_visitline (visit_id, kind, service_id, category_id, staff_id, quantity, amount, "
            "paid_by_card, duration_min, rating) "
            "SELECT v.id, l.kind, l.service_id, l.category_id, l.staff_id, l.quantity, l.amount, l.paid_by_card, "
            "l.duration_min, l.rating FROM import_line l JOIN ("
            "SELECT id, key FROM import_new UNION ALL "
            "SELECT visit_id, key FROM import_visit WHERE visit_id IS NOT NULL) AS v USING (key) "
            "WHERE NOT l.bad ORDER BY v.id, l.line"
        )
        if self.append:
            self.cursor.execute(
                "INSERT INTO imports_appendedlines (visit_id, digest) SELECT coalesce(v.visit_id, n.id), v.digest "
                "FROM import_visit v LEFT JOIN import_new n USING (key)"
            )

    def _list_affected(self) -> None:
        self.cursor.execute(
            "INSERT INTO affected_client SELECT DISTINCT client_id FROM import_new WHERE client_id IS NOT NULL "
            "ON CONFLICT DO NOTHING"
        )
        self.cursor.execute(
            "INSERT INTO affected_store_day SELECT DISTINCT store_id, day FROM import_new ON CONFLICT DO NOTHING"
        )
        self._list_places()

    def _list_places(self) -> None:
        """Clients and store days of visits that are changed."""
        source = "FROM visits_visit WHERE id IN (SELECT visit_id FROM import_visit WHERE visit_id IS NOT NULL)"
        self.cursor.execute(
            f"INSERT INTO affected_client SELECT DISTINCT client_id {source} AND client_id IS NOT NULL "
            "ON CONFLICT DO NOTHING"
        )
        self.cursor.execute(
            f"INSERT INTO affected_store_day SELECT DISTINCT store_id, day {source} ON CONFLICT DO NOTHING"
        )
