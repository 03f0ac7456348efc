"""Tasks of billing, all outside any chain. Each is safe to run twice and at the same moment as itself."""

from celery import shared_task


@shared_task(acks_late=True, reject_on_worker_lost=True)
def work_off_events() -> None:
    """Sent with every event that comes, and by the schedule."""
    from billing.webhooks.working_off import work_off

    work_off()
