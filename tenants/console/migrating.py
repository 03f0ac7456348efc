"""Brings one chain up to date for an operator, and keeps what went wrong."""

from django_tenants.utils import tenant_context

from core.audit.trail import record
from core.shared.locks import is_locked
from core.shared.origin import as_operator
from tenants.console.declaration import Action
from tenants.console.figures import keep_migration_problem, take_versions
from tenants.life.owners import as_subject
from tenants.models import Chain
from tenants.provisioning.migrations import migration_lock
from tenants.provisioning.workers import InPlace


def migrate(chain_id: int, operator: str) -> None:
    """Called outside any chain and any transaction; with nothing to do it does nothing.

    It is in the trail once it is done: before, the trail's own table may be of an earlier release.
    """
    chain = Chain.objects.filter(pk=chain_id).first()
    if chain is None:
        return
    if is_locked(migration_lock(chain.schema_name)):
        # Under way; a worker does not wait for it.
        return
    problem = InPlace().migrate(chain.schema_name)
    keep_migration_problem(chain.schema_name, problem or "")
    take_versions()
    if problem is None:
        with tenant_context(chain), as_operator(operator):
            record(action=Action.CHAIN_MIGRATED, subject=as_subject(chain))
