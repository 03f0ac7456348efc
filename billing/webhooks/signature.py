"""Whether a webhook is from Stripe: its signature is over the raw bytes, and not older than the tolerance."""

import json
from typing import Any

import stripe
from django.conf import settings

# How old a signature may be: what was taken down and sent again later is refused.
SECONDS = 300


class ForgedError(Exception):
    """Not signed by a secret of ours, too old, or no event at all."""


def verified_event(body: bytes, header: str) -> dict[str, Any]:
    """Raises ForgedError. While secrets change, each of STRIPE_WEBHOOK_SECRETS counts."""
    if not any(_is_signed(body, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise ForgedError
    try:
        event = json.loads(body)
        is_whole = all(isinstance(event[name], str) and event[name] for name in ("id", "type"))
        is_whole = is_whole and isinstance(event["created"], int) and isinstance(event["data"]["object"], dict)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ForgedError from error
    if not is_whole:
        raise ForgedError
    return dict(event)


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, SECONDS))
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
        # The last: a signature that is not ASCII.
        return False
