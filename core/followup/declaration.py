"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.accounts.rights import Role, right
from core.accounts.sections import Section
from core.audit.actions import AuditAction, SubjectKind
from core.followup.models import Contact

FOLLOW_UP = right(
    "follow_up",
    _("Follow up with clients who have not come back"),
    Role.HQ,
    Role.REGIONAL_MANAGER,
    Role.STORE_MANAGER,
    Role.FRONT_DESK,
    Role.BEAUTICIAN,
    place=4,
)
RIGHTS = (FOLLOW_UP,)
SECTIONS = (Section("followup", pgettext_lazy("section", "Follow-up"), "followup:front", FOLLOW_UP, place=4),)


class Action(AuditAction):
    CONTACT_RECORDED = "contact.recorded", _("Contact with a client recorded")
    CONTACT_CORRECTED = "contact.corrected", _("Contact with a client corrected")
    CONTACT_REMOVED = "contact.removed", _("Contact with a client removed")
    CONTACT_ALLOWED = "contact.allowed", _("“Do not contact” lifted")


class Kind(SubjectKind):
    FOLLOW_UP = "follow_up", _("Follow-up list")


# Of the fields that the trail tells of.
FIELD_WORDS = {"contact": _("Contact"), "contact_note": _("Note")}
FIELD_CHOICES = {"contact": dict(Contact.Kind.choices)}
EXPENSIVE_REQUESTS = {"GET followup:csv": "files", "GET followup:xlsx": "files"}
