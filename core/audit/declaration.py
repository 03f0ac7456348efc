"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.rights import right
from core.accounts.sections import Section
from core.audit.actions import AuditAction, SubjectKind

SEE_AUDIT = right("see_audit", _("Read the audit trail"), place=14)
RIGHTS = (SEE_AUDIT,)
SECTIONS = (Section("audit", _("Audit trail"), "audit:list", SEE_AUDIT, place=7),)


class Action(AuditAction):
    SIGN_IN = "sign_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    SIGN_OUT = "sign_out", _("Signed out")
    EMAIL_CHANGED = "user.email_changed", _("E-mail changed")
    PASSWORD_CHANGED = "user.password_changed", _("Password changed")
    PASSWORD_RESET = "user.password_reset", _("Password reset by mail")
    SECOND_FACTOR_SET_UP = "user.second_factor_set_up", _("Two-step sign-in set up")
    SECOND_FACTOR_REMOVED = "user.second_factor_removed", _("Two-step sign-in removed")
    RECOVERY_CODES_MADE = "user.recovery_codes_made", _("Recovery codes made")
    SESSIONS_ENDED = "user.sessions_ended", _("Other sessions ended")
    EXPORTED = "export", _("File downloaded")


class Kind(SubjectKind):
    USER = "user", _("Person")
    TRAIL = "audit", _("Audit trail")


EXPENSIVE_REQUESTS = {"GET audit:csv": "files"}
