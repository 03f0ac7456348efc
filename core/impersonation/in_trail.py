"""What the chain's trail says of an operator's stay: when it began, why, and when it was over.

A stay that ends by time or with a closed browser is ended here by a task that looks the trail over: there is no other
record of stays.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.accounts.models import User
from core.audit.declaration import Kind
from core.audit.models import AuditEntry
from core.audit.trail import Subject, record
from core.impersonation.declaration import Action
from core.shared.origin import as_operator

SECONDS = 3600
# Longer than workers are ever at rest.
LOOKED_BACK = timedelta(days=7)


def record_beginning(number: str, *, operator: str, user: User, reason: str) -> None:
    with as_operator(operator):
        record(action=Action.IMPERSONATION_BEGAN, subject=user, after={"reason": reason, "number": number})


def record_end(number: str) -> None:
    """Once, whoever finds first that it is over: the operator who leaves, a late request, the task."""
    with transaction.atomic():
        began = _entries(Action.IMPERSONATION_BEGAN).filter(after__number=number).first()
        if began is None:
            return
        # The trail's own rows cannot be locked by who may only add to it.
        list(User.objects.select_for_update().filter(pk=began.subject_id).values("pk"))
        if not _entries(Action.IMPERSONATION_ENDED).filter(after__number=number).exists():
            with as_operator(began.actor.removeprefix("operator ")):
                subject = Subject(Kind.USER, began.subject_id, began.subject_label)
                record(action=Action.IMPERSONATION_ENDED, subject=subject, after=began.after)


def end_those_over() -> None:
    """Of the chain entered, as often as you like."""
    over = _entries(Action.IMPERSONATION_BEGAN).filter(at__lt=timezone.now() - timedelta(seconds=SECONDS))
    begun, ended = (
        dict.fromkeys(entries.values_list("after__number", flat=True))
        for entries in (over, _entries(Action.IMPERSONATION_ENDED))
    )
    for number in begun:
        if number not in ended:
            record_end(number)


def _entries(action: Action) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(action=action, at__gt=timezone.now() - LOOKED_BACK).order_by("pk")
