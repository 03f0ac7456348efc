"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.audit.actions import AuditAction


class Action(AuditAction):
    CLIENT_CHANGED = "client.changed", _("Client's record changed")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "member_tier": _("Member tier"),
}
