"""Suspended, a chain is read-only: people sign in, read and export; nothing is recorded or brought in.

The refusal is the application's (`require_writable`, `ReadOnlyMiddleware`), not the database's: signing in, the audit
trail and an export's own record still have to be written.
"""

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.audit.trail import record
from core.shared.origin import as_operator
from tenants.life.declaration import Action
from tenants.life.owners import as_subject
from tenants.models import Chain


def suspend_chain(chain: Chain, *, reason: str, operator: str = "") -> None:
    """Called outside any chain. `operator` is who of the platform does it; the command line unless given."""
    if not chain.is_suspended:
        chain.read_only_since = timezone.now()
        _save(chain, Action.CHAIN_SUSPENDED, reason, operator)


def resume_chain(chain: Chain, *, operator: str = "") -> None:
    if chain.is_suspended:
        chain.read_only_since = None
        _save(chain, Action.CHAIN_RESUMED, "", operator)


def _save(chain: Chain, action: Action, reason: str, operator: str) -> None:
    chain.read_only_reason = reason[:200]
    with transaction.atomic():
        chain.save(update_fields=["read_only_since", "read_only_reason"])
        with tenant_context(chain), as_operator(operator):
            record(action=action, subject=as_subject(chain), after={"reason": reason} if reason else None)
