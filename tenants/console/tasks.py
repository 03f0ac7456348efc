from celery import shared_task

from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def look_over_chain() -> None:
    """Sent to every chain every few minutes: its figures, what waits or has failed in it, who has been in it."""
    from core.impersonation import in_trail
    from tenants.console import figures
    from tenants.console.jobs import listing

    figures.take_figures()
    listing.list_chain_jobs()
    in_trail.end_those_over()


@shared_task(acks_late=True)
def look_over_platform() -> None:
    """Every minute: where schemas stand, and what waits or has failed outside the chains."""
    from tenants.console import figures, restorations
    from tenants.console.jobs import listing

    figures.take_versions()
    listing.list_platform_jobs()
    restorations.delete_old_archives()


@shared_task(acks_late=True, reject_on_worker_lost=True)
def restore(restoration_id: str) -> None:
    """Makes a chain of an archive that an operator has uploaded."""
    from tenants.console import restorations

    restorations.restore(restoration_id)


@shared_task(acks_late=True)
def migrate(chain_id: int, operator: str) -> None:
    """Brings a chain up to date that an operator has asked it for."""
    from tenants.console import migrating

    migrating.migrate(chain_id, operator)
