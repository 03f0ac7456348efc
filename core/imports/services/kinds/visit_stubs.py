"""Creates stubs for staff, services and categories that good rows name and the chain lacks."""

from django.db.backends.utils import CursorWrapper

from core.catalogue.models import ServiceCategory
from core.catalogue.services.loading import add_categories, add_services
from core.imports.services.kinds.new_records import stores_of_staff, tell_new
from core.imports.services.kinds.visit_rows import VisitRows
from core.shared.merged import kept_ids
from core.staff.services.loading import add_staff


def make_stubs(cursor: CursorWrapper, rows: VisitRows, *, all_good: bool) -> int:
    """Returns the number of new staff. `all_good` says that no row is bad, so that every new record is needed."""
    services = {service.id: service for service in rows.new_services}
    categories = {pk: name for name, pk in rows.categories.new.items()}
    used_services = set(services) if all_good else _used(cursor, "service_id", list(services))
    used = set(categories) if all_good else _used(cursor, "category_id", list(categories))
    used |= {int(services[pk].category) for pk in used_services}
    add_categories(cursor, {pk: name for pk, name in categories.items() if pk in used})
    made = [pk for pk in services if pk in used_services]
    kept = kept_ids(ServiceCategory)
    in_category = {pk: int(services[pk].category) for pk in made}
    in_category = {pk: kept.get(category, category) for pk, category in in_category.items()}
    add_services(cursor, {pk: services[pk].code for pk in made}, in_category)
    stores = rows.new_staff_stores
    if not all_good:
        new = list(rows.staff.new.values())
        stores = stores_of_staff(cursor, "import_line", new, by="staff_id", store="store_id")
    staff = {pk: code for code, pk in rows.staff.new.items() if pk in stores}
    merged = rows.stores.merged
    add_staff(cursor, staff, {pk: merged.get(store, store) for pk, store in stores.items()})
    tell_new(rows.context, "new_services", [services[pk].code for pk in made])
    tell_new(rows.context, "new_staff", list(staff.values()))
    return len(staff)


def _used(cursor: CursorWrapper, column: str, ids: list[int]) -> set[int]:
    if not ids:
        return set()
    cursor.execute(f"SELECT DISTINCT {column} FROM import_line WHERE NOT bad AND {column} = ANY(%s::int[])", [ids])  # noqa: S608
    return {int(row[0]) for row in cursor.fetchall()}
