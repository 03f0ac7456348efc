"""Categories and services, as files bring them."""

from collections.abc import Collection, Mapping

from django.db.backends.utils import CursorWrapper

from core.catalogue.models import Service, ServiceCategory
from core.catalogue.signals import services_recategorised
from core.shared.bulk_writes import ColumnValues, Staging, insert, upsert


def hold_services(cursor: CursorWrapper) -> None:
    """Until the transaction ends no service is removed or gets another category."""
    cursor.execute("SELECT count(*) FROM (SELECT FROM catalogue_service ORDER BY id FOR KEY SHARE) AS held")


def lock_services(cursor: CursorWrapper, services: Collection[int]) -> None:
    """Before they get another category or go: lines that are being recorded are waited for, and later ones wait."""
    cursor.execute("SELECT id FROM catalogue_service WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(services)])


def load_services(staging: Staging, columns: Mapping[str, str]) -> None:
    """Rows by their `service_code`. Lines that follow a service into another category do so at once."""
    cursor, services = staging.cursor, []
    if "category_id" in columns:
        cursor.execute(
            f"SELECT m.id FROM catalogue_service m JOIN {staging.rows} i ON m.code = i.service_code "  # noqa: S608
            f"WHERE NOT i.bad AND m.category_id <> {columns['category_id']}"
        )
        services = [int(service) for (service,) in cursor.fetchall()]
        lock_services(cursor, services)
    upsert(staging, Service, match="m.code = i.service_code", columns=columns, key=["code"])
    if services:
        services_recategorised.send(Service, cursor=cursor, services=services)


def add_categories(cursor: CursorWrapper, names: Mapping[int, str]) -> None:
    """By the id that each is to have."""
    insert(cursor, ServiceCategory, {"id": ("bigint", list(names)), "name": ("text", list(names.values()))})


def add_services(cursor: CursorWrapper, codes: Mapping[int, str], categories: Mapping[int, int]) -> None:
    """Services of which no more than the code and the category is known; both by the id that each is to have."""
    lists: ColumnValues = {
        "id": ("bigint", list(codes)),
        "code": ("text", list(codes.values())),
        "name": ("text", list(codes.values())),
        "category_id": ("bigint", [categories[pk] for pk in codes]),
    }
    insert(cursor, Service, lists)
