"""Unpaid subscriptions that Stripe canceled: either the old invoice is paid late or a new subscription starts.

This module makes sure that nobody pays for the same days twice.
"""

import logging

import stripe

from billing import gateway
from billing.models import Account
from billing.stripe_customer import Customer

logger = logging.getLogger(__name__)


def void_superseded_invoices(customer: Customer) -> bool:
    """Void the open invoices of superseded subscriptions; return whether there were any.

    Stripe may refuse, for example while a payment is in progress; the next sync or the nightly reconciliation retries.
    """
    invoices = customer.superseded_invoices
    for invoice in invoices:
        try:
            gateway.client().v1.invoices.void_invoice(invoice.id)
        except stripe.InvalidRequestError as error:
            logger.warning("The invoice %s of an ended subscription stays open: %s", invoice.id, error.code)
    return bool(invoices)


def expire_checkout(account: Account) -> None:
    """Expire an open Checkout session once the old invoice is paid, or the same days could be paid again."""
    sessions = gateway.client().v1.checkout.sessions
    if account.checkout_id and sessions.retrieve(account.checkout_id).status == "open":
        sessions.expire(account.checkout_id)
