from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.mail.backend import OutboxBackend
from core.mail.models import OutgoingMail
from core.mail.outbox import KEPT_DAYS, MAX_ATTEMPTS, deliver_waiting
from tenants.models import Chain
from tests.plugins.chains import outside_chains


def put(subject: str = "Welcome") -> None:
    message = EmailMultiAlternatives(subject, "plain", "us@revisit.test", ["li@acme.test"])
    message.attach_alternative("<p>rich</p>", "text/html")
    OutboxBackend().send_messages([message])


def test_a_message_waits_as_a_row_and_is_gone_once_delivered(chain: Chain) -> None:
    put()
    assert OutgoingMail.objects.count() == 1
    assert deliver_waiting() == 1
    assert not OutgoingMail.objects.exists()
    (sent,) = mail.outbox
    assert (sent.subject, sent.body, sent.from_email, sent.to) == (
        "Welcome", "plain", "us@revisit.test", ["li@acme.test"],
    )  # fmt: skip
    assert [tuple(alternative) for alternative in sent.alternatives] == [("<p>rich</p>", "text/html")]


def test_what_is_rolled_back_is_never_told(chain: Chain) -> None:
    class TakenBackError(Exception):
        pass

    def tell_and_take_back() -> None:
        with transaction.atomic():
            put()
            raise TakenBackError

    with pytest.raises(TakenBackError):
        tell_and_take_back()
    assert deliver_waiting() == 0
    assert mail.outbox == []


@pytest.mark.usefixtures("chain")
def test_the_commit_sends_a_worker(django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    with django_capture_on_commit_callbacks(execute=True):
        put()
    assert [message.subject for message in mail.outbox] == ["Welcome"]


def test_the_commit_sends_a_worker_into_the_chain_that_the_code_has_left_by_then(  # type: ignore[no-untyped-def]
    chain: Chain, django_capture_on_commit_callbacks
) -> None:
    with outside_chains(), django_capture_on_commit_callbacks(execute=True), tenant_context(chain):
        put()
    assert [message.subject for message in mail.outbox] == ["Welcome"]


@pytest.mark.django_db
def test_the_platform_has_an_outbox_of_its_own(django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    with django_capture_on_commit_callbacks(execute=True):
        put()
    assert len(mail.outbox) == 1


def test_a_failed_delivery_is_tried_again_later(chain: Chain) -> None:
    put("late")
    put("second")
    with patch.object(EmailBackend, "send_messages", side_effect=ConnectionRefusedError("mail server is down")):
        assert deliver_waiting() == 0
    waiting = OutgoingMail.objects.get(subject="late")
    assert (waiting.attempts, waiting.error) == (1, "mail server is down")
    assert waiting.next_attempt_at > timezone.now()
    assert deliver_waiting() == 0
    OutgoingMail.objects.update(next_attempt_at=timezone.now())
    assert deliver_waiting() == 2


def test_after_the_last_try_it_is_kept_for_a_while_and_then_forgotten(chain: Chain) -> None:
    put()
    OutgoingMail.objects.update(attempts=MAX_ATTEMPTS)
    assert deliver_waiting() == 0
    assert OutgoingMail.objects.count() == 1
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(days=KEPT_DAYS + 1))
    deliver_waiting()
    assert not OutgoingMail.objects.exists()


def test_attachments_are_refused(chain: Chain) -> None:
    message = EmailMessage("s", "b", "us@revisit.test", ["li@acme.test"])
    message.attach("a.txt", "text", "text/plain")
    with pytest.raises(ValueError, match="outbox"):
        OutboxBackend().send_messages([message])
