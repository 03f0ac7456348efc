from celery import shared_task

from core.shared.tasks import ChainTask
from core.start import background


@shared_task(base=ChainTask)
def load_sample(user_id: int) -> None:
    background.load(user_id)


@shared_task(base=ChainTask)
def remove_sample(user_id: int) -> None:
    background.remove(user_id)
