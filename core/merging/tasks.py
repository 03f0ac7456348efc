from celery import shared_task

from core.jobs.base import LongChainTask
from core.merging.services.proposals import find_alike


@shared_task(base=LongChainTask)
def find_alike_clients() -> None:
    """Sent nightly to every chain, and after each import."""
    find_alike()
