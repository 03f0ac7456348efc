"""The one way to Stripe: its own library, at the address of the settings, with our limits of time and our words for
what goes wrong."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import stripe
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from core.shared.errors import AppError

# Of one try; the library tries again by itself, with the same idempotency key.
SECONDS = 10
RETRIES = 2
# Stripe's words for a payment that waits for the card's owner to confirm it at the bank.
ASKS_THE_OWNER = frozenset({"authentication_required", "subscription_payment_intent_requires_action"})
# For so long Stripe gives its answer to a key again.
KEY_SECONDS = 24 * 60 * 60
FAILURE = 500
logger = logging.getLogger(__name__)


def is_configured() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def client() -> stripe.StripeClient:
    """Raises AppError where no key is set: billing is off."""
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
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=SECONDS),
    )


@contextmanager
def once(key: str) -> Iterator[stripe.RequestOptions]:
    """Around one call of the wish that `key` stands for: with the options, it is done once however often it is tried.

    A failure that Stripe answered with is answered again to the same key for a day, so the next try has another one.
    Where no answer came, it may have been done: the key stays.
    """
    name = f"stripe-tries:{key}"
    tries = cache.get(name, 0)
    try:
        yield {"idempotency_key": f"{key}-{tries}"}
    except stripe.APIError as error:
        if (error.http_status or 0) >= FAILURE:
            cache.set(name, tries + 1, KEY_SECONDS)
        raise


@contextmanager
def asking() -> Iterator[None]:
    """Around calls that a person waits for: what Stripe refuses or fails to answer becomes one sentence.

    Raises AppError `payment_refused` for a card, `billing_refused` for a request Stripe does not take,
    `billing_unavailable` for everything that may work later.
    """
    try:
        yield
    except stripe.CardError as error:
        message = _("The payment was refused. Use another card, or ask your bank.")
        if error.code in ASKS_THE_OWNER:
            message = _("Your bank wants this payment confirmed, which cannot be done here: use another card.")
        raise AppError("payment_refused", message, status=402) from error
    except stripe.InvalidRequestError as error:
        logger.warning("Stripe refused a request: %s %s", error.code, error.param)
        message = _("The payment provider did not take this. Load the page again; if it stays so, write to us.")
        raise AppError("billing_refused", message, status=409) from error
    except stripe.StripeError as error:
        logger.warning("Stripe does not answer: %s", type(error).__name__)
        # Whether it was done before the answer was lost is not known; asked for again, it is done once.
        message = _("The payment provider does not answer just now. Try again in a minute; nothing is charged twice.")
        raise AppError("billing_unavailable", message, status=503) from error
