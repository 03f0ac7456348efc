"""Has events handled again, for the operator."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from billing.models import StripeEvent
from billing.tasks import process_stripe_events
from core.shared.sending import send_after_commit


def reprocess_events(*, event_ids: Iterable[str]) -> int:
    """Safe however often, since state is read and nothing is added up."""
    with transaction.atomic():
        chosen = StripeEvent.objects.filter(id__in=list(event_ids))
        count = chosen.update(handled_at=None, attempts=0, problem="", next_attempt_at=timezone.now())
        send_after_commit(process_stripe_events)
    return count
