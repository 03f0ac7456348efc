"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Role, right
from core.accounts.sections import Section
from core.audit.actions import AuditAction, SubjectKind

IMPORT = right("import", _("Import files"), Role.HQ, place=7)
RIGHTS = (IMPORT,)
SECTIONS = (Section("imports", _("Imports"), "imports:list", IMPORT, place=6),)


class Action(AuditAction):
    IMPORTED = "import", _("File imported")
    UNDONE = "import.undone", _("Import taken back")


class Kind(SubjectKind):
    IMPORT = "importrun", _("Import")


# Of the fields that the trail tells of.
FIELD_WORDS = {
    "file": _("File"),
    "rows": _("Rows"),
    "created": _("New"),
    "updated": _("Changed"),
    "unchanged": _("Unchanged"),
    "rejected": _("Left out"),
    "kind": _("Kind"),
    "new_clients": _("New clients"),
    "removed": _("Removed"),
    "restored": _("As before"),
    "kept": _("Kept"),
}
