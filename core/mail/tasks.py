from celery import shared_task

from core.mail.outbox import deliver_waiting, is_mail_due
from core.shared.task_queue import send_after_commit
from core.shared.tasks import ChainTask


@shared_task(base=ChainTask)
def deliver_mail() -> int:
    """Delivers some of what waits in the chain, and sends for the rest."""
    delivered = deliver_waiting()
    if is_mail_due():
        send_after_commit(deliver_mail)
    return delivered


@shared_task(acks_late=True)
def deliver_platform_mail() -> int:
    """The same outside the chains."""
    delivered = deliver_waiting()
    if is_mail_due():
        send_after_commit(deliver_platform_mail)
    return delivered
