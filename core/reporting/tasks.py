from celery import shared_task

from core.reporting.services import kept
from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def fold_facts() -> None:
    """Folds what changes have appended to the facts."""
    kept.fold()
