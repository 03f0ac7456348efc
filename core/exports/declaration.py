"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.audit.actions import AuditAction, SubjectKind

EXPORT_TABLES = right("export_tables", _("Export all data as tables for analysis"), Role.HQ, place=17)
RIGHTS = (EXPORT_TABLES,)


class Action(AuditAction):
    TABLES_ASKED = "tables.asked", _("Data export started")


class Kind(SubjectKind):
    TABLES = "tables", _("Data export")


# Of the fields that the trail tells of.
FIELD_WORDS = {"personal": _("With personal data")}
# Whoever exports takes data out of the chain.
CLOSED_TO_OPERATORS = ("exports:start", "exports:file")
ALLOWED_WHILE_READ_ONLY = ("exports:start",)
