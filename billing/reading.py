"""What Stripe says of one customer now: events come late, twice and in any order, so they are never believed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import stripe

from billing import gateway
from billing.plans import Plan, plan_of_product

# Those that are running, the best first: of two, the one that is paid is kept.
LIVE = ("active", "trialing", "past_due", "unpaid", "paused")
# Then what explains best why none is.
OVER = ("canceled", "incomplete", "incomplete_expired")
PAGE = 100


@dataclass(frozen=True)
class Customer:
    """`subscription` is the one that counts; `extra` are others that run beside it, such as of a second browser tab."""

    subscription: stripe.Subscription | None
    extra: tuple[stripe.Subscription, ...]
    invoices: tuple[stripe.Invoice, ...]
    # By the payment they belong to; only charges that succeeded.
    charges: dict[str, tuple[stripe.Charge, ...]]
    is_deleted: bool

    def charges_of(self, invoice: stripe.Invoice) -> list[stripe.Charge]:
        return [charge for payment in _payments(invoice) for charge in self.charges.get(payment, ())]

    def invoices_of(self, subscription: stripe.Subscription) -> list[stripe.Invoice]:
        return [invoice for invoice in self.invoices if subscription_of(invoice) == subscription.id]


def read_customer(customer_id: str) -> Customer:
    """Raises stripe.StripeError. Two calls, a third where something was paid, one more where nothing runs."""
    api = gateway.client().v1
    listed = api.subscriptions.list(
        {"customer": customer_id, "status": "all", "limit": PAGE, "expand": ["data.discounts.source.coupon"]}
    )
    ours = [found for found in listed.auto_paging_iter() if plan_of(found) is not None]
    pages = api.invoices.list({"customer": customer_id, "limit": PAGE, "expand": ["data.payments"]})
    invoices = tuple(pages.auto_paging_iter())
    charges: dict[str, tuple[stripe.Charge, ...]] = {}
    if any(invoice.amount_paid for invoice in invoices):
        charges = _charges(customer_id)
    live = sorted((found for found in ours if found.status in LIVE), key=_rank)
    is_deleted = False
    if not live:
        is_deleted = bool(getattr(api.customers.retrieve(customer_id), "deleted", False))
    return Customer(live[0] if live else _latest_over(ours), tuple(live[1:]), invoices, charges, is_deleted)


def plan_of(subscription: stripe.Subscription) -> Plan | None:
    """None: it is for something else than our plans, and no business of ours."""
    items = subscription["items"].data
    return plan_of_product(id_of(items[0].price.product)) if items else None


def subscription_of(invoice: stripe.Invoice) -> str:
    details = invoice.parent.subscription_details if invoice.parent else None
    return id_of(details.subscription) if details else ""


def id_of(reference: object) -> str:
    """Of what Stripe shows either as its id or whole."""
    if reference is None or isinstance(reference, str):
        return reference or ""
    return str(getattr(reference, "id", ""))


def moment(timestamp: int | None) -> datetime | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC)


def _rank(subscription: stripe.Subscription) -> tuple[int, int, str]:
    is_owing = LIVE.index(subscription.status) >= LIVE.index("past_due")
    return int(is_owing), subscription.created, subscription.id


def _latest_over(subscriptions: list[stripe.Subscription]) -> stripe.Subscription | None:
    over = [found for found in subscriptions if found.status in OVER]
    return min(over, key=lambda found: (OVER.index(found.status), -found.created), default=None)


def _charges(customer_id: str) -> dict[str, tuple[stripe.Charge, ...]]:
    pages = gateway.client().v1.charges.list({"customer": customer_id, "limit": PAGE})
    paid = sorted(
        (charge for charge in pages.auto_paging_iter() if charge.status == "succeeded"),
        key=lambda charge: id_of(charge.payment_intent) or charge.id,
    )
    grouped = groupby(paid, key=lambda charge: id_of(charge.payment_intent) or charge.id)
    return {payment: tuple(charges) for payment, charges in grouped}


def _payments(invoice: stripe.Invoice) -> list[str]:
    """Ids of payment intents, or of charges where there is none."""
    if invoice.payments is None:
        return []
    paid = [entry.payment for entry in invoice.payments.data]
    return [id_of(payment.payment_intent) or id_of(payment.charge) for payment in paid]
