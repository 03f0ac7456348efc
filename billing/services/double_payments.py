"""Makes sure that nobody pays for the same days twice.

Duplicate subscriptions, as when two browser tabs both paid: the first is kept, the rest canceled and refunded. Unpaid
subscriptions that Stripe canceled: either the old invoice is paid late or a new subscription starts.
"""

import logging

import stripe

from billing import gateway
from billing.models import Account
from billing.stripe_customer import Customer

logger = logging.getLogger(__name__)


def cancel_duplicates(customer: Customer) -> bool:
    """Cancel and refund duplicate subscriptions; return whether there were any.

    The refund comes first, so that an interrupted run is completed by the next one.
    """
    api = gateway.client().v1
    current = customer.subscription
    for extra in customer.extra:
        # An older subscription was used while it was paid for, so it is not refunded.
        if current is not None and extra.created >= current.created:
            _refund_invoices(customer, extra)
        api.subscriptions.cancel(extra.id, {"prorate": False, "invoice_now": False})
        logger.warning("The subscription %s ran beside another one and was cancelled.", extra.id)
    return bool(customer.extra)


def _refund_invoices(customer: Customer, extra: stripe.Subscription) -> None:
    for invoice in customer.invoices_for(extra):
        for charge in customer.charges.for_invoice(invoice):
            left = charge.amount - charge.amount_refunded
            if left and not charge.disputed:
                with gateway.idempotent(f"duplicate-{charge.id}-{charge.amount_refunded}") as options:
                    gateway.client().v1.refunds.create(
                        {"charge": charge.id, "amount": left, "reason": "duplicate"}, options
                    )


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
