"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.audit.actions import AuditAction


class Action(AuditAction):
    SAMPLE_LOADED = "chain.sample_loaded", _("Sample data put in")
    SAMPLE_REMOVED = "chain.sample_removed", _("Sample data taken out")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "kept_stores": _("Stores that stay"),
}
CLOSED_TO_OPERATORS = ("start:send-confirmation",)
