"""Stores webhook events, each once. An event only says which customer's state has to be fetched again."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import DataError, transaction

from billing.models import StripeEvent


class UnstorableEventError(Exception):
    """The event holds what the database cannot: a NUL, a lone surrogate, a huge number, too long a name."""


def store_events(payloads: Iterable[Mapping[str, Any]]) -> None:
    """Store events; known ones are left as they are. Raises UnstorableEventError; then none is stored."""
    rows = list(payloads)
    try:
        with transaction.atomic():
            StripeEvent.objects.bulk_create(map(_build_event, rows), ignore_conflicts=True)
    except (DataError, ValueError, OverflowError, RecursionError) as error:
        raise UnstorableEventError from error


def _build_event(payload: Mapping[str, Any]) -> StripeEvent:
    return StripeEvent(
        id=payload["id"],
        type=payload["type"],
        customer_id=event_customer_id(payload),
        created_at=datetime.fromtimestamp(payload["created"], UTC),
        payload=payload,
    )


def event_customer_id(payload: Mapping[str, Any]) -> str:
    """Return the id of the event's customer; empty if it names none (a dispute names only its charge)."""
    stripe_object = payload["data"]["object"]
    customer = stripe_object.get("id") if stripe_object.get("object") == "customer" else stripe_object.get("customer")
    if isinstance(customer, dict):
        customer = customer.get("id")
    return customer if isinstance(customer, str) else ""
