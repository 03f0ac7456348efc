"""Deletes the Stripe customer of an erased chain: its subscription ends, personal data goes, invoices stay.

The current period is not refunded: the owner had thirty days to withdraw the erasure and was told so.
"""

import logging

import stripe
from django.db import transaction
from django.db.models import F

from billing import gateway
from billing.models import Closing

logger = logging.getLogger(__name__)


def delete_pending_customers() -> int:
    """Delete the customers waiting for it; return how many. One that fails is retried by the next run."""
    closed = 0
    for customer_id in Closing.objects.order_by("attempts", "asked_at").values_list("customer_id", flat=True):
        if not gateway.is_configured():
            break
        try:
            closed += _process_deletion(customer_id)
        except stripe.StripeError as error:
            logger.warning("A customer could not be closed at Stripe; it is tried again: %s", type(error).__name__)
            Closing.objects.filter(customer_id=customer_id).update(attempts=F("attempts") + 1)
    return closed


def _process_deletion(customer_id: str) -> bool:
    """Delete one customer, unless another worker does; return whether it was done here.

    At Stripe this ends subscriptions at once and forgets cards and addresses, while invoices stay, as the law demands.
    """
    with transaction.atomic():
        closing = Closing.objects.select_for_update(skip_locked=True).filter(customer_id=customer_id).first()
        if closing is None:
            return False
        _delete_customer(customer_id)
        closing.delete()
        return True


def _delete_customer(customer_id: str) -> None:
    """Delete the customer; idempotent. Raises if Stripe never had it: the key may be that of another account."""
    customers = gateway.client().v1.customers
    try:
        customers.delete(customer_id)
    except stripe.InvalidRequestError:
        if not getattr(customers.retrieve(customer_id), "deleted", False):
            raise
