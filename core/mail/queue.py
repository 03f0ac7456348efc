"""Tells a worker of mail that waits. Should that message be lost, the schedule finds the mail."""

from django.utils import timezone

from core.mail.models import OutgoingMail
from core.mail.tasks import deliver_mail, deliver_platform_mail
from core.shared.chain import is_inside_chain
from core.shared.sending import send_after_commit


def hurry() -> None:
    """Once the transaction is there, a worker delivers."""
    send_after_commit(deliver_mail if is_inside_chain() else deliver_platform_mail)


def deliver_again(mail_id: int) -> None:
    """At once and from the first try on, of the schema entered. Nothing for one that has gone out meanwhile."""
    if OutgoingMail.objects.filter(pk=mail_id).update(attempts=0, next_attempt_at=timezone.now()):
        hurry()
