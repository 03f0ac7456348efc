from celery import shared_task

from core.jobs import base
from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def send_lost() -> None:
    """Sent each minute to every chain: the job whose message was lost is sent again."""
    base.send_lost()
