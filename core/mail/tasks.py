from celery import shared_task

from core.mail.outbox import deliver_waiting
from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def deliver_mail() -> int:
    """Delivers some of what waits in the chain, and sends for the rest."""
    return deliver_waiting()


@shared_task(acks_late=True)
def deliver_platform_mail() -> int:
    """The same outside the chains."""
    return deliver_waiting()
