"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.accounts.sections import Section
from core.audit.actions import AuditAction, SubjectKind

COMPARE_STORES = right("compare_stores", _("Compare all stores, regions and city tiers"), Role.HQ, place=1)
SET_THRESHOLDS = right("set_thresholds", _("Set the spending thresholds of value segments"), Role.HQ, place=12)
RIGHTS = (COMPARE_STORES, SET_THRESHOLDS)
SECTIONS = (Section("reports", _("Repurchase"), "reports:front", COMPARE_STORES, place=1),)


class Action(AuditAction):
    THRESHOLDS_CHANGED = "segments.thresholds_changed", _("Spending thresholds changed")


class Kind(SubjectKind):
    REPORT = "report", _("Report")


FIELD_WORDS = {"high_above": _("High value above"), "mid_from": _("Middle value from")}
_FILES = (
    "reports:csv",
    "stores:regions-csv",
    "reports:clients-csv",
    "reports:categories-csv",
    "stores:clients-csv",
)
EXPENSIVE_REQUESTS = {f"GET {name}": "files" for csv in _FILES for name in (csv, csv.replace("csv", "xlsx"))}
