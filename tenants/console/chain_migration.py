"""Migrates one chain for an operator and saves the error if it fails."""

from django_tenants.utils import tenant_context

from core.audit.trail import record
from core.shared.locks import is_locked
from core.shared.origin import as_operator
from tenants.console.chain_figures import save_migration_problem, update_schema_versions
from tenants.console.declaration import Action
from tenants.life.ownership import audit_subject
from tenants.models import Chain
from tenants.provisioning.migrations import migration_lock
from tenants.provisioning.workers import InProcessWorker


def migrate_chain_for_operator(chain_id: int, operator: str) -> None:
    """Migrate a chain; idempotent. Call outside any chain and any transaction.

    The audit entry is written afterwards, since the audit table itself may need the migration.
    """
    chain = Chain.objects.filter(pk=chain_id).first()
    if chain is None:
        return
    if is_locked(migration_lock(chain.schema_name)):
        # Another run is in progress.
        return
    problem = InProcessWorker().migrate(chain.schema_name)
    save_migration_problem(chain.schema_name, problem or "")
    update_schema_versions()
    if problem is None:
        with tenant_context(chain), as_operator(operator):
            record(action=Action.CHAIN_MIGRATED, subject=audit_subject(chain))
