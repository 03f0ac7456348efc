from celery import shared_task

from core.jobs.base import ChainJob, register_chain_job
from core.start import background
from core.start.progress import first_waiting


@shared_task(base=ChainJob)
def load_sample(user_id: int) -> bool:
    return background.perform(user_id, removing=False)


@shared_task(base=ChainJob)
def remove_sample(user_id: int) -> bool:
    return background.perform(user_id, removing=True)


register_chain_job("core.start.tasks.load_sample", first_waiting(removing=False))
register_chain_job("core.start.tasks.remove_sample", first_waiting(removing=True))
