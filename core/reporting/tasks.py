from celery import shared_task

from core.reporting.services import totals
from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def merge_totals() -> None:
    """Folds the rows that changes have added to kept sums."""
    totals.merge()
