"""What can be in the trail. The codes are stable: they are in the rows for good."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Action(models.TextChoices):
    SIGN_IN = "sign_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    SIGN_OUT = "sign_out", _("Signed out")
    VISIT_RECORDED = "visit.recorded", _("Visit recorded")
    VISIT_MOVED = "visit.moved", _("Visit moved")
    VISIT_VOIDED = "visit.voided", _("Visit voided")
    VISIT_CORRECTED = "visit.corrected", _("Lines of a visit corrected")
    CLIENT_CREATED = "client.created", _("Client created")
    CLIENT_CHANGED = "client.changed", _("Client's record changed")
    STORE_OPENED = "store.opened", _("Store opened")
    STORE_CLOSED = "store.closed", _("Store closed")
    STORE_REOPENED = "store.reopened", _("Store opened again")
    CITY_SET = "city.set", _("City set")
    CITY_REMOVED = "city.removed", _("City removed")
    IMPORTED = "import", _("File imported")
    EXPORTED = "export", _("File downloaded")
    USER_INVITED = "user.invited", _("Person invited")
    USER_INVITATION_TAKEN_BACK = "user.invitation_taken_back", _("Invitation taken back")
    USER_JOINED = "user.joined", _("Person joined")
    USER_CHANGED = "user.changed", _("Person's account changed")
    USER_ROLE_CHANGED = "user.role_changed", _("Role or stores of a person changed")
    USER_DEACTIVATED = "user.deactivated", _("Person's access ended")
    USER_REACTIVATED = "user.reactivated", _("Person's access restored")
    EMAIL_CHANGED = "user.email_changed", _("E-mail changed")
    PASSWORD_CHANGED = "user.password_changed", _("Password changed")
    PASSWORD_RESET = "user.password_reset", _("Password reset by mail")
    SECOND_FACTOR_SET_UP = "user.second_factor_set_up", _("Two-step sign-in set up")
    SECOND_FACTOR_REMOVED = "user.second_factor_removed", _("Two-step sign-in removed")
    RECOVERY_CODES_MADE = "user.recovery_codes_made", _("Recovery codes made")
    SESSIONS_ENDED = "user.sessions_ended", _("Other sessions ended")
    IMPERSONATION_BEGAN = "impersonation.began", _("Operator came in")
    IMPERSONATION_ENDED = "impersonation.ended", _("Operator left")
    CHAIN_SIGNED_UP = "chain.signed_up", _("Chain signed up")
    SAMPLE_LOADED = "chain.sample_loaded", _("Sample data put in")
    SAMPLE_REMOVED = "chain.sample_removed", _("Sample data taken out")
    SETTINGS_CHANGED = "chain.settings_changed", _("Settings of the chain changed")
    CHAIN_EXPORT_ASKED = "chain.export_asked", _("Export of the chain asked for")
    CHAIN_RESTORED = "chain.restored", _("Chain restored from an archive")
    CHAIN_MIGRATED = "chain.migrated", _("Tables of the chain brought up to date")
    JOB_RETRIED = "job.retried", _("Background work started again")
    CHAIN_ADDRESS_CHANGED = "chain.address_changed", _("Address of the chain changed")
    CHAIN_SUSPENDED = "chain.suspended", _("Chain suspended")
    CHAIN_RESUMED = "chain.resumed", _("Chain resumed")
    PLAN_ASKED = "plan.asked", _("Change of plan or payment asked for")
    FAPIAO_CHANGED = "plan.fapiao_changed", _("Invoice details changed")
    CHAIN_ERASURE_ASKED = "chain.erasure_asked", _("Erasure of the chain asked for")
    CHAIN_ERASURE_WITHDRAWN = "chain.erasure_withdrawn", _("Erasure of the chain taken back")


class Kind(models.TextChoices):
    """Of the object that something was done to."""

    VISIT = "visit", _("Visit")
    CLIENT = "client", _("Client")
    USER = "user", _("Person")
    IMPORT = "importrun", _("Import")
    REPORT = "report", _("Report")
    STORE = "store", _("Store")
    CITY = "city", _("City")
    CHAIN = "chain", pgettext_lazy("whom it was done to", "Chain")
    TRAIL = "audit", _("Audit trail")
