"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.audit.actions import AuditAction
from core.shared.file_fields import Field, FileFields, Value


class Action(AuditAction):
    CLIENT_CHANGED = "client.changed", _("Client's record changed")


# Of the fields that the trail tells of.
FIELD_WORDS = {"member_tier": _("Member tier")}
FILE_FIELDS = (
    FileFields(
        "clients",
        (
            Field("member_tier", _("Member tier"), Value.CODE, max_length=50),
            Field("member_tier_from", _("Member tier since"), Value.DATE, essential=True),
        ),
    ),
)
