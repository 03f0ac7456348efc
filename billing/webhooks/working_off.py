"""Works off the events that wait: those of one customer together, by reading that customer's state again."""

import logging
from datetime import timedelta

import stripe
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from billing import gateway
from billing.models import Account, StripeEvent
from billing.reading import id_of
from billing.services.state import refresh_account

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)
# What is older is of use to nobody; Stripe itself shows an event for thirty days.
KEPT = timedelta(days=180)
logger = logging.getLogger(__name__)


def work_off() -> set[int]:
    """Ids of the accounts that were read again. Several workers at once share the customers."""
    touched: set[int] = set()
    while gateway.is_configured() and (found := _work_off_next()) is not None:
        touched |= found
    return touched


def prune_events() -> int:
    deleted, _of = StripeEvent.objects.filter(handled_at__lt=timezone.now() - KEPT).delete()
    return deleted


def _work_off_next() -> set[int] | None:
    """One customer's events in one transaction: killed anywhere, they wait as before. None where none is due."""
    with transaction.atomic():
        first = _due().order_by("next_attempt_at", "pk").first()
        if first is None:
            return None
        events = list(_due().filter(customer_id=first.customer_id)) if first.customer_id else [first]
        try:
            with transaction.atomic():
                return _handle(events)
        except stripe.StripeError as error:
            # In words without anything that Stripe says of the customer or of our key.
            problem = f"Stripe: {type(error).__name__} {error.code or ''}".strip()
            logger.warning("Events wait, to be tried again: %s", problem)
        except Exception as error:
            problem = f"{type(error).__name__}: see the log of the worker."
            logger.exception("Events could not be worked off and are tried again.")
        _put_off(events, problem)
        return set()


def _due() -> QuerySet[StripeEvent]:
    due = StripeEvent.objects.filter(handled_at=None, next_attempt_at__lte=timezone.now())
    return due.select_for_update(skip_locked=True)


def _handle(events: list[StripeEvent]) -> set[int]:
    """Events that were there before the state was read are contained in it; what they say themselves is not used."""
    customer_id = events[0].customer_id or _customer_of_dispute(events[0])
    account = Account.objects.filter(customer_id=customer_id).first() if customer_id else None
    if account is not None:
        refresh_account(account_id=account.pk)
    for event in events:
        event.customer_id, event.handled_at, event.problem = customer_id, timezone.now(), ""
        if account is None:
            # Of somebody who is not (or no longer) ours nothing is kept but that it came.
            event.payload = {name: event.payload.get(name) for name in ("id", "type", "created", "livemode")}
    StripeEvent.objects.bulk_update(events, ["customer_id", "handled_at", "problem", "payload"])
    return {account.pk} if account else set()


def _customer_of_dispute(event: StripeEvent) -> str:
    """Empty where it is about none, or about a charge that Stripe does not know."""
    about = event.payload.get("data", {}).get("object", {})
    charge_id = about.get("charge") if about.get("object") == "dispute" else None
    if not isinstance(charge_id, str) or not charge_id:
        return ""
    try:
        return id_of(gateway.client().v1.charges.retrieve(charge_id).customer)
    except stripe.InvalidRequestError:
        # Asked again it would be no other.
        logger.warning("The dispute of event %s names a charge that Stripe does not know.", event.pk)
        return ""


def _put_off(events: list[StripeEvent], problem: str) -> None:
    for event in events:
        pause = min(FIRST_PAUSE * 2 ** min(event.attempts, 20), LONGEST_PAUSE)
        event.attempts = min(event.attempts + 1, 1000)
        event.next_attempt_at, event.problem = timezone.now() + pause, problem
    StripeEvent.objects.bulk_update(events, ["attempts", "next_attempt_at", "problem"])
