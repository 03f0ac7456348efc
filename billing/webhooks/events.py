"""Events are kept as they come, each once, and name no more than whose state is to be read again."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import DataError, transaction

from billing.models import StripeEvent


class UnkeepableEventError(Exception):
    """It holds what the database cannot: a NUL, half a character, an endless number, a name that is too long."""


def keep_events(payloads: Iterable[Mapping[str, Any]]) -> None:
    """Those that are there already stay as they are. Raises UnkeepableEventError; then none is kept."""
    rows = list(payloads)
    try:
        with transaction.atomic():
            StripeEvent.objects.bulk_create(map(_row, rows), ignore_conflicts=True)
    except (DataError, ValueError, OverflowError, RecursionError) as error:
        raise UnkeepableEventError from error


def _row(payload: Mapping[str, Any]) -> StripeEvent:
    return StripeEvent(
        id=payload["id"],
        type=payload["type"],
        customer_id=customer_of(payload),
        created_at=datetime.fromtimestamp(payload["created"], UTC),
        payload=payload,
    )


def customer_of(payload: Mapping[str, Any]) -> str:
    """Empty where it is about none, or about one it does not name (a dispute names the charge alone)."""
    about = payload["data"]["object"]
    found = about.get("id") if about.get("object") == "customer" else about.get("customer")
    if isinstance(found, dict):
        found = found.get("id")
    return found if isinstance(found, str) else ""
