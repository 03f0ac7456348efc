"""Django's e-mail backend: a message is a row of the schema entered, in the transaction of what it tells of."""

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from core.mail.models import OutgoingMail
from core.mail.queue import queue_delivery


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        rows = OutgoingMail.objects.bulk_create(_row(message) for message in email_messages)
        if rows:
            queue_delivery()
        return len(rows)


def _row(message: EmailMessage) -> OutgoingMail:
    """Raises ValueError for attachments, copies and alternatives other than HTML, which no message of ours has."""
    alternatives = message.alternatives if isinstance(message, EmailMultiAlternatives) else []
    unknown = [kind for _content, kind in alternatives if kind != "text/html"]
    if message.attachments or message.cc or message.bcc or unknown:
        raise ValueError("The outbox takes text and HTML to direct recipients alone.")
    return OutgoingMail(
        from_email=message.from_email,
        to=list(message.to),
        subject=str(message.subject),
        text=str(message.body),
        html="".join(str(content) for content, _kind in alternatives),
        headers=dict(message.extra_headers),
    )
