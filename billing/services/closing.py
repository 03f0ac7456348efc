"""A chain is erased: its subscription ends at Stripe too, and what Stripe keeps of its people goes, but for invoices.

Nothing of the running period is paid back: the owner had thirty days to take the erasure back, and is told so before.
"""

import logging

import stripe
from django.db import transaction
from django.db.models import F

from billing import gateway
from billing.models import Closing

logger = logging.getLogger(__name__)


def close_waiting() -> int:
    """How many were closed. One that fails waits for the next run and does not stop the others."""
    closed = 0
    for customer_id in Closing.objects.order_by("attempts", "asked_at").values_list("customer_id", flat=True):
        if not gateway.is_configured():
            break
        try:
            closed += _close(customer_id)
        except stripe.StripeError as error:
            logger.warning("A customer could not be closed at Stripe; it is tried again: %s", type(error).__name__)
            Closing.objects.filter(customer_id=customer_id).update(attempts=F("attempts") + 1)
    return closed


def _close(customer_id: str) -> bool:
    """Deleting a customer ends its subscriptions at once and forgets cards and addresses; invoices stay, as they must.

    Done twice it is as done once. Whether it was for us to do.
    """
    with transaction.atomic():
        closing = Closing.objects.select_for_update(skip_locked=True).filter(customer_id=customer_id).first()
        if closing is None:
            return False
        _delete(customer_id)
        closing.delete()
        return True


def _delete(customer_id: str) -> None:
    """Raises where Stripe says it never had the customer: then we may be asking with another account's key."""
    customers = gateway.client().v1.customers
    try:
        customers.delete(customer_id)
    except stripe.InvalidRequestError:
        if not getattr(customers.retrieve(customer_id), "deleted", False):
            raise
