"""A subscription that Stripe ended unpaid: either its invoice is paid late or another takes its place, and nobody pays
for the same days by both."""

import logging

import stripe

from billing import gateway
from billing.models import Account
from billing.reading import Customer

logger = logging.getLogger(__name__)


def void_left_open(customer: Customer) -> bool:
    """Once another runs, what the ended one left open is taken back; whether there was anything.

    What Stripe refuses, such as while a payment is on its way, holds up nothing: the next reading, or the night's
    comparison, tries again.
    """
    left = customer.left_open
    for invoice in left:
        try:
            gateway.client().v1.invoices.void_invoice(invoice.id)
        except stripe.InvalidRequestError as error:
            logger.warning("The invoice %s of an ended subscription stays open: %s", invoice.id, error.code)
    return bool(left)


def close_checkout(account: Account) -> None:
    """Once the invoice is paid: a page that was opened before would be paid for days that are paid for now."""
    sessions = gateway.client().v1.checkout.sessions
    if account.checkout_id and sessions.retrieve(account.checkout_id).status == "open":
        sessions.expire(account.checkout_id)
