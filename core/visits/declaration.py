"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.audit.actions import AuditAction, SubjectKind

RECORD_VISITS = right(
    "record_visits", _("Record visits"), Role.HQ, Role.REGIONAL_MANAGER, Role.STORE_MANAGER, Role.FRONT_DESK, place=4
)
RIGHTS = (RECORD_VISITS,)


class Action(AuditAction):
    VISIT_RECORDED = "visit.recorded", _("Visit recorded")
    VISIT_MOVED = "visit.moved", _("Visit moved")
    VISIT_VOIDED = "visit.voided", _("Visit voided")
    VISIT_CORRECTED = "visit.corrected", _("Lines of a visit corrected")


class Kind(SubjectKind):
    VISIT = "visit", _("Visit")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "client": _("Client"),
    "day": _("Day"),
    "start_time": _("Time"),
    "lines": _("Lines"),
    "voided": _("Void"),
}
