"""People who serve, as files bring them."""

from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

from core.shared.bulk_writes import ColumnValues, Staging, insert, upsert
from core.staff.models import StaffMember


def load_staff(staging: Staging, columns: Mapping[str, str]) -> None:
    """Rows name a person by `staff_code`."""
    upsert(staging, StaffMember, match="m.code = i.staff_code", columns=columns, key=["code"])


def add_staff(cursor: CursorWrapper, codes: Mapping[int, str], stores: Mapping[int, int]) -> None:
    """People of whom no more than the code and a store is known; both by the id that each is to have."""
    ids = list(codes)
    said = [codes[pk] for pk in ids]
    lists: ColumnValues = {
        "id": ("bigint", ids),
        "code": ("text", said),
        "name": ("text", said),
        "store_id": ("bigint", [stores[pk] for pk in ids]),
    }
    insert(cursor, StaffMember, lists)
