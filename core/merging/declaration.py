"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.audit.actions import AuditAction

MERGE = right("merge", _("Merge records made twice, and take that back"), Role.HQ, place=11)
RIGHTS = (MERGE,)


class Action(AuditAction):
    MERGED = "merged", _("Merged with another")
    UNMERGED = "merged.undone", _("Merge taken back")
    SAID_DIFFERENT = "client.not_the_same", _("Said not to be the same client")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "other": _("The other"),
    "gone": _("Merged into it"),
    "moved": _("Moved records"),
    "filled": _("Filled in"),
}
