from celery import shared_task

from core.jobs.base import LongTask, PlatformJob, Waiting, register_platform_job, send_lost
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
    """Every minute: where schemas stand, and what waits, has failed or was interrupted outside the chains."""
    from tenants.console import figures, restorations
    from tenants.console.jobs import listing

    send_lost()
    figures.take_versions()
    listing.list_platform_jobs()
    restorations.delete_old_archives()


@shared_task(base=PlatformJob)
def restore(restoration_id: str) -> bool:
    """Makes a chain of an archive that an operator has uploaded."""
    from tenants.console import restorations

    return restorations.restore(restoration_id)


def _first_waiting_restoration() -> Waiting | None:
    from tenants.console import restorations

    return restorations.first_waiting()


register_platform_job("tenants.console.tasks.restore", _first_waiting_restoration)


@shared_task(base=LongTask)
def migrate(chain_id: int, operator: str) -> None:
    """Brings a chain up to date that an operator has asked it for."""
    from tenants.console import migrating

    migrating.migrate(chain_id, operator)
