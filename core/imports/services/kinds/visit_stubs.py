"""Makes the records that only the file knows so far, where a good row names them."""

from django.db.backends.utils import CursorWrapper

from core.catalogue.models import Service, ServiceCategory
from core.imports.services.kinds.base import insert_columns
from core.imports.services.kinds.visit_rows import VisitRows
from core.staff.models import StaffMember


def make_stubs(cursor: CursorWrapper, rows: VisitRows, *, all_good: bool) -> int:
    """Gives how many people were made. `all_good`: the file has no bad row, so that there is no need to look who
    names what."""
    services = {service.id: service for service in rows.new_services}
    categories = {pk: name for name, pk in rows.categories.new.items()}
    used_services = set(services) if all_good else _used(cursor, "service_id", list(services))
    used = set(categories) if all_good else _used(cursor, "category_id", list(categories))
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
    stores = rows.new_staff_stores if all_good else _staff_stores(cursor, list(rows.staff.new.values()))
    names, defaults = insert_columns(StaffMember, ["code", "name", "store_id"])
    staff = {pk: code for code, pk in rows.staff.new.items() if pk in stores}
    cursor.execute(
        f"INSERT INTO staff_staffmember (id, code, name, store_id{names}) "  # noqa: S608
        f"SELECT id, code, code, store_id{defaults} "
        "FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS new (id, code, store_id)",
        [list(staff), list(staff.values()), [stores[pk] for pk in staff]],
    )
    return len(staff)


def _used(cursor: CursorWrapper, column: str, ids: list[int]) -> set[int]:
    if not ids:
        return set()
    cursor.execute(f"SELECT DISTINCT {column} FROM import_line WHERE NOT bad AND {column} = ANY(%s::int[])", [ids])  # noqa: S608
    return {int(row[0]) for row in cursor.fetchall()}


def _staff_stores(cursor: CursorWrapper, ids: list[int]) -> dict[int, int]:
    """The store of the first good row that names them."""
    if not ids:
        return {}
    cursor.execute(
        "SELECT DISTINCT ON (staff_id) staff_id, store_id FROM import_line "
        "WHERE NOT bad AND staff_id = ANY(%s::int[]) ORDER BY staff_id, line",
        [ids],
    )
    return dict(cursor.fetchall())
