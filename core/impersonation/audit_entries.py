"""The audit entries of an impersonation: its beginning with the reason, and its end.

They are the only record of impersonations, so a task reads them to end those that expired or whose browser was closed.
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
# Longer than any outage of the workers.
LOOKBACK = timedelta(days=7)


def record_beginning(number: str, *, operator: str, user: User, reason: str) -> None:
    with as_operator(operator):
        record(action=Action.IMPERSONATION_BEGAN, subject=user, after={"reason": reason, "number": number})


def record_end(number: str) -> None:
    """Records the end once, whether the operator leaves, a late request comes or the task finds it expired."""
    with transaction.atomic():
        began = _entries(Action.IMPERSONATION_BEGAN).filter(after__number=number).first()
        if began is None:
            return
        # The chain's role may only add to the trail, so it locks the user instead of the entry.
        list(User.objects.select_for_update().filter(pk=began.subject_id).values("pk"))
        if not _entries(Action.IMPERSONATION_ENDED).filter(after__number=number).exists():
            with as_operator(began.actor.removeprefix("operator ")):
                subject = Subject(Kind.USER, began.subject_id, began.subject_label)
                record(action=Action.IMPERSONATION_ENDED, subject=subject, after=began.after)


def end_those_over() -> None:
    """Ends the expired impersonations of the current chain; safe to repeat."""
    over = _entries(Action.IMPERSONATION_BEGAN).filter(at__lt=timezone.now() - timedelta(seconds=SECONDS))
    begun, ended = (
        dict.fromkeys(entries.values_list("after__number", flat=True))
        for entries in (over, _entries(Action.IMPERSONATION_ENDED))
    )
    for number in begun:
        if number not in ended:
            record_end(number)


def _entries(action: Action) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(action=action, at__gt=timezone.now() - LOOKBACK).order_by("pk")
