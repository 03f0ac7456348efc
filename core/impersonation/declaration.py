"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.audit.actions import AuditAction


class Action(AuditAction):
    IMPERSONATION_BEGAN = "impersonation.began", _("Operator came in")
    IMPERSONATION_ENDED = "impersonation.ended", _("Operator left")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "reason": _("Reason"),
    "number": _("Number"),
}
ALLOWED_WHILE_READ_ONLY = ("impersonation:leave",)
