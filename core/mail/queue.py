"""Queues the delivery of waiting mail. If that message is lost, the schedule finds the mail."""

from django.utils import timezone

from core.mail.models import OutgoingMail
from core.mail.tasks import deliver_mail, deliver_platform_mail
from core.shared.chain import is_inside_chain
from core.shared.task_queue import send_after_commit


def queue_delivery() -> None:
    """Sends the delivery task once the transaction is committed."""
    send_after_commit(deliver_mail if is_inside_chain() else deliver_platform_mail)


def retry_delivery(mail_id: int) -> None:
    """Delivers a mail of the current schema at once, with a new count of attempts; does nothing if it was delivered."""
    if OutgoingMail.objects.filter(pk=mail_id).update(attempts=0, next_attempt_at=timezone.now()):
        queue_delivery()
