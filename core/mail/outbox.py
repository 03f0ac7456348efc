"""Delivers the waiting messages of the schema entered: at least once, and again after a growing pause if it fails."""

import logging
from datetime import timedelta
from itertools import takewhile

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from core.mail.models import OutgoingMail
from core.shared.chain import current_schema
from core.shared.locks import try_lock

# About two days after the first try.
MAX_ATTEMPTS = 11
KEPT_DAYS = 30
BATCH_SIZE = 20
logger = logging.getLogger(__name__)


def deliver_waiting() -> int:
    """Delivers one batch and returns how many went out. A lock admits one worker for each chain."""
    with try_lock(f"mail of {current_schema()}") as acquired:
        if not acquired:
            return 0
        results = list(takewhile(lambda result: result is not None, (_deliver_next() for _ in range(BATCH_SIZE))))
        _delete_old()
    return sum(filter(None, results))


def is_mail_due() -> bool:
    """After `deliver_waiting`: also what came while its lock was held, whose message found it so."""
    return _due().exists()


def _due() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(next_attempt_at__lte=timezone.now(), attempts__lt=MAX_ATTEMPTS)


def _deliver_next() -> bool | None:
    """Whether it went out; None where none is due."""
    with transaction.atomic():
        mail = _due().select_for_update(skip_locked=True).order_by("next_attempt_at", "pk").first()
        if mail is None:
            return None
        try:
            _send(mail)
        except OSError as error:  # of SMTP and of the network
            logger.warning("Mail %d could not be delivered: %s", mail.pk, type(error).__name__)
            pause = timedelta(minutes=2**mail.attempts)
            OutgoingMail.objects.filter(pk=mail.pk).update(
                attempts=F("attempts") + 1, next_attempt_at=timezone.now() + pause, error=str(error)[:500]
            )
            return False
        mail.delete()
        return True


def _send(mail: OutgoingMail) -> None:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        mail.from_email,
        mail.to,
        headers=mail.headers,
        connection=get_connection(settings.MAIL_DELIVERY_BACKEND),
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    message.send()


def _delete_old() -> None:
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    OutgoingMail.objects.filter(created_at__lt=before, attempts__gte=MAX_ATTEMPTS).delete()
