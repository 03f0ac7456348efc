"""What this app brings to the rest of the product."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.accounts.sections import Section
from core.audit.actions import AuditAction, SubjectKind
from core.shared.file_fields import NAME, FileFields, Value, model_field
from core.staff.models import StaffMember
from core.stores.declaration import STORE_CODE

MANAGE_STAFF = right("manage_staff", _("Correct staff records, delete those without visits"), Role.HQ, place=10)
RIGHTS = (MANAGE_STAFF,)
SECTIONS = (Section("staff", _("Staff"), "staff:list", MANAGE_STAFF, place=5),)


class Action(AuditAction):
    STAFF_CHANGED = "staff.changed", _("Staff member changed")
    STAFF_DELETED = "staff.deleted", _("Staff member deleted")


class Kind(SubjectKind):
    STAFF = "staffmember", _("Staff member")


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
