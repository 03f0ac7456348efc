from celery import shared_task

from core.imports.runs import cleaning
from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def delete_old_files() -> int:
    """Sent hourly to every chain."""
    return cleaning.delete_old_files()
