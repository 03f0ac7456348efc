"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.audit.actions import AuditAction


class Action(AuditAction):
    CHAIN_SIGNED_UP = "chain.signed_up", _("Chain signed up")


EXPENSIVE_REQUESTS = {"POST sign-up": "passwords"}
