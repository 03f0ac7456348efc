"""Suspends and resumes chains; a suspended chain is read-only.

The application enforces it (`require_writable`, `ReadOnlyMiddleware`), not the database, because sign-ins, the audit
trail and export jobs still have to be written.
"""

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.audit.trail import record
from core.shared.origin import as_operator
from tenants.life.declaration import Action
from tenants.life.ownership import audit_subject
from tenants.models import Chain


def suspend_chain(chain: Chain, *, reason: str, operator: str = "") -> None:
    """Suspend a chain. Call outside any chain. `operator` is the e-mail of the acting operator, if any."""
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
            record(action=action, subject=audit_subject(chain), after={"reason": reason} if reason else None)
