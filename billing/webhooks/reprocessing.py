"""Processes webhook events again, for operators."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from billing.models import StripeEvent
from billing.tasks import process_stripe_events
from core.shared.task_queue import send_after_commit


def reprocess_events(*, event_ids: Iterable[str]) -> int:
    """Queue events to be processed again; idempotent, since processing fetches state and adds nothing up."""
    with transaction.atomic():
        events = StripeEvent.objects.filter(id__in=list(event_ids))
        count = events.update(handled_at=None, attempts=0, problem="", next_attempt_at=timezone.now())
        send_after_commit(process_stripe_events)
    return count
