from celery import shared_task

from core.imports.runs import cleanup
from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def delete_old_files() -> int:
    """Sent hourly to every chain."""
    return cleanup.delete_old_files()
