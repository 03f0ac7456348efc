from celery import shared_task

from core.imports.runs import cleaning, work
from core.imports.runs.state import first_waiting
from core.jobs.base import ChainJob, register_chain_job
from core.shared.tasks import ChainTask


@shared_task(base=ChainJob)
def run_import(run_id: str, user_id: int) -> bool:
    """Checks or imports the file of a waiting run."""
    return work.perform(run_id, user_id)


register_chain_job("core.imports.tasks.run_import", first_waiting)


@shared_task(base=ChainTask)
def delete_old_files() -> int:
    """Sent hourly to every chain."""
    return cleaning.delete_old_files()
