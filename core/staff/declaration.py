"""What this app brings to the rest of the product."""

from dataclasses import replace

from core.shared.file_fields import NAME, FileFields, Value, model_field
from core.staff.models import StaffMember
from core.stores.declaration import STORE_CODE

FILE_FIELDS = (
    FileFields(
        "staff",
        (
            model_field(StaffMember, "code", name="staff_code", value=Value.CODE, required=True),
            model_field(StaffMember, "name", label=NAME, required=True),
            replace(STORE_CODE, required=True, column="store_id"),
            model_field(StaffMember, "role"),
            model_field(StaffMember, "phone"),
            model_field(StaffMember, "email"),
            model_field(StaffMember, "hired_on"),
        ),
    ),
)
