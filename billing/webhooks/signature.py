"""Verifies a webhook's signature, which covers the raw body and must not be older than the tolerance."""

import json
from typing import Any

import stripe
from django.conf import settings

# Maximum age of a signature, against replay attacks.
TOLERANCE_SECONDS = 300


class InvalidSignatureError(Exception):
    """The webhook is not signed with one of our secrets, too old, or not an event."""


def verify_event(body: bytes, header: str) -> dict[str, Any]:
    """Return the event. Raises InvalidSignatureError. Any of STRIPE_WEBHOOK_SECRETS is accepted, for rotation."""
    if not any(_is_signed(body, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise InvalidSignatureError
    try:
        event = json.loads(body)
        is_whole = all(isinstance(event[name], str) and event[name] for name in ("id", "type"))
        is_whole = is_whole and isinstance(event["created"], int) and isinstance(event["data"]["object"], dict)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidSignatureError from error
    if not is_whole:
        raise InvalidSignatureError
    return dict(event)


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS))
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
        # TypeError: a signature that is not ASCII.
        return False
