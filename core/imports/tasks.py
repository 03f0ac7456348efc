from celery import shared_task

from core.imports.runs import cleaning, work
from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def run_import(run_id: str, user_id: int) -> None:
    """Checks or imports the file of a waiting run."""
    work.perform(run_id, user_id)


@shared_task(base=ChainTask)
def delete_old_files() -> int:
    """Sent hourly to every chain."""
    return cleaning.delete_old_files()
