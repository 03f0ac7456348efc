"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.audit.actions import AuditAction


class Action(AuditAction):
    CHAIN_MIGRATED = "chain.migrated", _("Tables of the chain brought up to date")
    JOB_RETRIED = "job.retried", _("Background work started again")
