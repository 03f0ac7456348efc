"""Processes stored webhook events: one customer's together, by fetching that customer's state again."""

import logging
from datetime import timedelta

import stripe
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from billing import gateway
from billing.models import Account, StripeEvent
from billing.services.stripe_sync import refresh_account
from billing.stripe_customer import stripe_id

FIRST_RETRY_DELAY = timedelta(seconds=10)
MAX_RETRY_DELAY = timedelta(hours=6)
# Long enough for support questions; Stripe itself shows events for thirty days.
RETENTION = timedelta(days=180)
logger = logging.getLogger(__name__)


def process_due_events() -> set[int]:
    """Process all due events; return the ids of the accounts refreshed. Workers share the customers."""
    account_ids: set[int] = set()
    while gateway.is_configured() and (refreshed := _process_next_customer()) is not None:
        account_ids |= refreshed
    return account_ids


def delete_old_events() -> int:
    """Delete processed events past their retention; return how many."""
    deleted, _of = StripeEvent.objects.filter(handled_at__lt=timezone.now() - RETENTION).delete()
    return deleted


def _process_next_customer() -> set[int] | None:
    """Process one customer's events in one transaction, so that a killed worker loses none.

    Returns the accounts refreshed; None if no event is due.
    """
    with transaction.atomic():
        first = _due_events().order_by("next_attempt_at", "pk").first()
        if first is None:
            return None
        events = list(_due_events().filter(customer_id=first.customer_id)) if first.customer_id else [first]
        try:
            with transaction.atomic():
                return _process(events)
        except stripe.StripeError as error:
            # Only the error's type and code: its message may name the customer or our key.
            problem = f"Stripe: {type(error).__name__} {error.code or ''}".strip()
            logger.warning("Events could not be processed and will be retried: %s", problem)
        except Exception as error:
            problem = f"{type(error).__name__}: see the log of the worker."
            logger.exception("Events could not be processed and will be retried.")
        _schedule_retry(events, problem)
        return set()


def _due_events() -> QuerySet[StripeEvent]:
    due = StripeEvent.objects.filter(handled_at=None, next_attempt_at__lte=timezone.now())
    return due.select_for_update(skip_locked=True)


def _process(events: list[StripeEvent]) -> set[int]:
    """Refresh the account and mark the events as handled; the events' own contents are not used."""
    customer_id = events[0].customer_id or _disputed_customer_id(events[0])
    account = Account.objects.filter(customer_id=customer_id).first() if customer_id else None
    if account is not None:
        refresh_account(account_id=account.pk)
    for event in events:
        event.customer_id, event.handled_at, event.problem = customer_id, timezone.now(), ""
        if account is None:
            # Not (or no longer) our customer: keep no personal data.
            event.payload = {name: event.payload.get(name) for name in ("id", "type", "created", "livemode")}
    StripeEvent.objects.bulk_update(events, ["customer_id", "handled_at", "problem", "payload"])
    return {account.pk} if account else set()


def _disputed_customer_id(event: StripeEvent) -> str:
    """Return the customer of a dispute's charge; empty if it is no dispute or Stripe does not know the charge."""
    stripe_object = event.payload.get("data", {}).get("object", {})
    charge_id = stripe_object.get("charge") if stripe_object.get("object") == "dispute" else None
    if not isinstance(charge_id, str) or not charge_id:
        return ""
    try:
        return stripe_id(gateway.client().v1.charges.retrieve(charge_id).customer)
    except stripe.InvalidRequestError:
        # A retry would give the same result.
        logger.warning("The dispute of event %s names a charge that Stripe does not know.", event.pk)
        return ""


def _schedule_retry(events: list[StripeEvent], problem: str) -> None:
    for event in events:
        delay = min(FIRST_RETRY_DELAY * 2 ** min(event.attempts, 20), MAX_RETRY_DELAY)
        event.attempts = min(event.attempts + 1, 1000)
        event.next_attempt_at, event.problem = timezone.now() + delay, problem
    StripeEvent.objects.bulk_update(events, ["attempts", "next_attempt_at", "problem"])
