from celery import shared_task

from core.impersonation import audit_entries
from core.jobs.base import LongTask
from core.jobs.queue import delete_old_jobs
from core.jobs.tasks import send_next
from core.shared.tasks import ChainTask
from tenants.console import chain_figures, chain_migration, restorations
from tenants.console.open_work import listing


@shared_task(base=ChainTask)
def refresh_chain_status() -> None:
    """Sent to every chain every few minutes: its figures, what waits or has failed in it, who has been in it."""
    chain_figures.update_figures()
    listing.list_chain_work()
    audit_entries.end_those_over()


@shared_task(acks_late=True)
def refresh_platform_status() -> None:
    """Every minute: where schemas stand, and what waits, has failed or was interrupted outside the chains."""
    send_next()
    delete_old_jobs()
    chain_figures.update_schema_versions()
    listing.list_platform_work()
    restorations.delete_old_archives()


@shared_task(base=LongTask)
def migrate(chain_id: int, operator: str) -> None:
    """Brings a chain up to date that an operator has asked it for."""
    chain_migration.migrate_chain_for_operator(chain_id, operator)
