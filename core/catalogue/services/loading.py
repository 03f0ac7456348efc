"""Categories and services, as files bring them."""

from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

from core.catalogue.models import Service, ServiceCategory
from core.shared.bulk_writes import ColumnValues, insert


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
