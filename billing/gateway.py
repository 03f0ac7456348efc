"""The Stripe client: official library, configured address, time limits, and errors translated to AppError."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import stripe
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from core.shared.errors import AppError

# Per attempt; the library retries by itself with the same idempotency key.
TIMEOUT_SECONDS = 10
MAX_RETRIES = 2
# Stripe's error codes for a payment that the cardholder must confirm with the bank (3-D Secure).
NEEDS_AUTHENTICATION = frozenset({"authentication_required", "subscription_payment_intent_requires_action"})
# How long Stripe replays its response to an idempotency key.
IDEMPOTENCY_KEY_SECONDS = 24 * 60 * 60
SERVER_ERROR = 500
logger = logging.getLogger(__name__)


def is_configured() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def client() -> stripe.StripeClient:
    """Return the Stripe client. Raises AppError if no secret key is set, that is, billing is off."""
    if not is_configured():
        raise AppError(
            "billing_off", _("Subscriptions cannot be changed here: no payment provider is set up."), status=503
        )
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@lru_cache
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        max_network_retries=MAX_RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


@contextmanager
def idempotent(key: str) -> Iterator[stripe.RequestOptions]:
    """Wrap one Stripe call in request options that make it happen once, however often it is retried.

    Stripe replays a server error to the same key for a day, so after such an error the next attempt gets a new key.
    After a timeout the call may have succeeded, so the key stays the same.
    """
    name = f"stripe-tries:{key}"
    tries = cache.get(name, 0)
    try:
        yield {"idempotency_key": f"{key}-{tries}"}
    except stripe.APIError as error:
        if (error.http_status or 0) >= SERVER_ERROR:
            cache.set(name, tries + 1, IDEMPOTENCY_KEY_SECONDS)
        raise


@contextmanager
def app_errors_for_stripe() -> Iterator[None]:
    """Translate Stripe errors to AppErrors with a message for the user.

    Raises AppError `payment_refused` for a card error, `billing_refused` for a rejected request,
    `billing_unavailable` for anything that may work later.
    """
    try:
        yield
    except stripe.CardError as error:
        message = _("The payment was refused. Use another card, or ask your bank.")
        if error.code in NEEDS_AUTHENTICATION:
            message = _("Your bank wants this payment confirmed, which cannot be done here: use another card.")
        raise AppError("payment_refused", message, status=402) from error
    except stripe.InvalidRequestError as error:
        logger.warning("Stripe refused a request: %s %s", error.code, error.param)
        message = _("The payment provider did not take this. Load the page again; if it stays so, write to us.")
        raise AppError("billing_refused", message, status=409) from error
    except stripe.StripeError as error:
        logger.warning("Stripe does not answer: %s", type(error).__name__)
        # The call may have succeeded before the response was lost; idempotency keys make a retry safe.
        message = _("The payment provider does not answer just now. Try again in a minute; nothing is charged twice.")
        raise AppError("billing_unavailable", message, status=503) from error
