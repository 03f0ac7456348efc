"""Two browser tabs that both paid: the first subscription is kept, the other one cancelled and its money given back."""

import logging

import stripe

from billing import gateway
from billing.reading import Customer

logger = logging.getLogger(__name__)


def end_duplicates(customer: Customer) -> bool:
    """Whether there were any. Cut short anywhere, it goes on when it is called again: the money goes back first."""
    api = gateway.client().v1
    kept = customer.subscription
    for extra in customer.extra:
        # An older one was paid for in its time.
        if kept is not None and extra.created >= kept.created:
            _give_back(customer, extra)
        api.subscriptions.cancel(extra.id, {"prorate": False, "invoice_now": False})
        logger.warning("The subscription %s ran beside another one and was cancelled.", extra.id)
    return bool(customer.extra)


def _give_back(customer: Customer, extra: stripe.Subscription) -> None:
    for invoice in customer.invoices_of(extra):
        for charge in customer.charges.of(invoice):
            left = charge.amount - charge.amount_refunded
            if left and not charge.disputed:
                with gateway.once(f"duplicate-{charge.id}-{charge.amount_refunded}") as options:
                    gateway.client().v1.refunds.create(
                        {"charge": charge.id, "amount": left, "reason": "duplicate"}, options
                    )
