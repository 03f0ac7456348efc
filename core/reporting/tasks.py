from celery import shared_task

from core.reporting.facts import period_cache
from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def fold_facts() -> None:
    """Folds what changes have appended to the facts."""
    period_cache.fold()
