"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.accounts.sections import Section
from core.audit.actions import SubjectKind

COMPARE_STORES = right("compare_stores", _("Compare all stores, regions and city tiers"), Role.HQ, place=1)
RIGHTS = (COMPARE_STORES,)
SECTIONS = (Section("reports", _("Repurchase"), "reports:front", COMPARE_STORES, place=1),)


class Kind(SubjectKind):
    REPORT = "report", _("Report")


_FILES = ("reports:csv", "reports:clients-csv", "stores:clients-csv")
EXPENSIVE_REQUESTS = {f"GET {name}": "files" for csv in _FILES for name in (csv, csv.replace("csv", "xlsx"))}
