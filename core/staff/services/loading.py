"""People who serve, as files bring them."""

from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

from core.shared.bulk_writes import ColumnValues, insert
from core.staff.models import StaffMember


def add_staff(cursor: CursorWrapper, codes: Mapping[int, str], stores: Mapping[int, int]) -> None:
    """People of whom no more than the code and a store is known; both by the id that each is to have."""
    lists: ColumnValues = {
        "id": ("bigint", list(codes)),
        "code": ("text", list(codes.values())),
        "name": ("text", list(codes.values())),
        "store_id": ("bigint", [stores[pk] for pk in codes]),
    }
    insert(cursor, StaffMember, lists)
