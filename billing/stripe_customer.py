"""Fetches a customer's current state from Stripe.

Webhook events come late, twice and in any order, so their contents are never used: the state is fetched again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from stripe.params import ChargeListParams, InvoiceListParams, SubscriptionListParams

from billing import gateway
from billing.models import Account
from billing.plans import Plan, plan_of_product

# Statuses of ended ones; the first explains best why none is running.
ENDED_STATUSES = ("canceled", "incomplete", "incomplete_expired")
PAGE_SIZE = 100


class Charges:
    """A customer's successful charges, grouped by payment; `disputes` maps charge ids to dispute statuses."""

    def __init__(self, charges: Iterable[stripe.Charge] = (), disputes: Mapping[str, str] | None = None) -> None:
        self._charges_by_payment: dict[str, list[stripe.Charge]] = defaultdict(list)
        self._disputes = disputes or {}
        for charge in charges:
            if charge.status == "succeeded":
                self._charges_by_payment[stripe_id(charge.payment_intent) or charge.id].append(charge)

    def for_invoice(self, invoice: stripe.Invoice) -> list[stripe.Charge]:
        return [charge for payment in _payment_ids(invoice) for charge in self._charges_by_payment.get(payment, ())]

    def dispute_status(self, invoice: stripe.Invoice) -> str:
        """Return Stripe's dispute status of the invoice; empty if its payment is not disputed."""
        return next(
            (self._disputes[charge.id] for charge in self.for_invoice(invoice) if charge.id in self._disputes), ""
        )


@dataclass(frozen=True)
class Customer:
    """A Stripe customer.

    `subscription` is the one that counts, `extra` are duplicates (of a second browser tab, for example),
    `superseded_ids` name those that ended before it.
    """

    subscription: stripe.Subscription | None
    extra: list[stripe.Subscription]
    superseded_ids: frozenset[str]
    invoices: list[stripe.Invoice]
    charges: Charges
    is_deleted: bool

    def invoices_for(self, subscription: stripe.Subscription) -> list[stripe.Invoice]:
        return [invoice for invoice in self.invoices if invoice_subscription_id(invoice) == subscription.id]

    @property
    def superseded_invoices(self) -> list[stripe.Invoice]:
        """Open invoices of subscriptions that another has superseded."""
        return [invoice for invoice in self.invoices if is_superseded(invoice, self.superseded_ids)]


def fetch_customer(customer_id: str, *, known_subscription_id: str) -> Customer:
    """Fetch a customer's subscriptions, invoices and charges from Stripe. Raises stripe.StripeError.

    `known_subscription_id` is the subscription we have saved, see `pick_subscription`.
    """
    subscriptions = list(list_subscriptions({"customer": customer_id}))
    subscription, extra = pick_subscription(subscriptions, known_subscription_id)
    invoices = list(list_invoices({"customer": customer_id}))
    charges, is_deleted = Charges(), False
    if any(invoice.amount_paid for invoice in invoices):
        charges = fetch_charges({"customer": customer_id})
    if subscription is None or subscription.status not in Account.RUNNING:
        is_deleted = bool(getattr(gateway.client().v1.customers.retrieve(customer_id), "deleted", False))
    return Customer(subscription, extra, superseded_ids(subscriptions, subscription), invoices, charges, is_deleted)


def list_subscriptions(filters: SubscriptionListParams) -> Iterator[stripe.Subscription]:
    """List subscriptions, ended ones included, with discounts and latest invoice expanded."""
    params: SubscriptionListParams = {
        "status": "all",
        "limit": PAGE_SIZE,
        "expand": ["data.discounts.source.coupon", "data.latest_invoice"],
        **filters,
    }
    return gateway.client().v1.subscriptions.list(params).auto_paging_iter()


def list_invoices(filters: InvoiceListParams) -> Iterator[stripe.Invoice]:
    params: InvoiceListParams = {"limit": PAGE_SIZE, "expand": ["data.payments"], **filters}
    return gateway.client().v1.invoices.list(params).auto_paging_iter()


def fetch_charges(filters: ChargeListParams) -> Charges:
    """Fetch charges; disputed ones, which are few, cost one more call each."""
    params: ChargeListParams = {"limit": PAGE_SIZE, **filters}
    api = gateway.client().v1
    charges = list(api.charges.list(params).auto_paging_iter())
    disputed = [charge.id for charge in charges if charge.disputed]
    disputes = {charge: api.disputes.list({"charge": charge, "limit": 1}).data for charge in disputed}
    return Charges(charges, {charge: data[0].status for charge, data in disputes.items() if data})


def pick_subscription(
    subscriptions: Iterable[stripe.Subscription], known_subscription_id: str
) -> tuple[stripe.Subscription | None, list[stripe.Subscription]]:
    """Return a customer's current subscription and any duplicates running beside it.

    The subscription we already know stays ours, whatever price it was given in Stripe's dashboard.
    """
    known = [
        subscription
        for subscription in subscriptions
        if subscription_plan(subscription) is not None or subscription.id == known_subscription_id
    ]
    live = sorted((subscription for subscription in known if subscription.status in Account.RUNNING), key=_priority)
    return (live[0], live[1:]) if live else (_latest_ended(known), [])


def superseded_ids(subscriptions: Iterable[stripe.Subscription], current: stripe.Subscription | None) -> frozenset[str]:
    """Return the ids of our canceled subscriptions, if the current one is in good standing."""
    if current is None or current.status not in Account.GOOD_STANDING:
        return frozenset()
    return frozenset(
        subscription.id
        for subscription in subscriptions
        if subscription.status == "canceled" and subscription_plan(subscription) is not None
    )


def is_superseded(invoice: stripe.Invoice, ended: frozenset[str]) -> bool:
    return invoice.status == "open" and invoice_subscription_id(invoice) in ended


def subscription_plan(subscription: stripe.Subscription) -> Plan | None:
    """Return the subscription's plan; None if its price belongs to none of ours."""
    items = subscription["items"].data
    return plan_of_product(stripe_id(items[0].price.product)) if items else None


def subscription_ended_at(subscription: stripe.Subscription) -> datetime | None:
    """Return when the subscription ended.

    If it was canceled for failed payments and the invoice was paid later, that is the end of the period paid for.
    """
    details, invoice = subscription.cancellation_details, subscription.latest_invoice
    is_given_up = details is not None and details.reason == "payment_failed"
    if is_given_up and subscription.ended_at and isinstance(invoice, stripe.Invoice) and invoice.status == "paid":
        return to_datetime(subscription["items"].data[0].current_period_end)
    return to_datetime(subscription.ended_at)


def invoice_subscription_id(invoice: stripe.Invoice) -> str:
    details = invoice.parent.subscription_details if invoice.parent else None
    return stripe_id(details.subscription) if details else ""


def stripe_id(reference: object) -> str:
    """Return the id of a Stripe reference, which is either an id or an expanded object."""
    if reference is None or isinstance(reference, str):
        return reference or ""
    return str(getattr(reference, "id", ""))


def to_datetime(timestamp: int | None) -> datetime | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC)


def _priority(subscription: stripe.Subscription) -> tuple[int, int, str]:
    return int(subscription.status not in Account.GOOD_STANDING), subscription.created, subscription.id


def _latest_ended(subscriptions: list[stripe.Subscription]) -> stripe.Subscription | None:
    ended = [subscription for subscription in subscriptions if subscription.status in ENDED_STATUSES]
    return min(
        ended, key=lambda subscription: (ENDED_STATUSES.index(subscription.status), -subscription.created), default=None
    )


def _payment_ids(invoice: stripe.Invoice) -> list[str]:
    """Return the ids of an invoice's payment intents, or of its charges where there is no intent."""
    if invoice.payments is None:
        return []
    paid = [entry.payment for entry in invoice.payments.data]
    return [stripe_id(payment.payment_intent) or stripe_id(payment.charge) for payment in paid]
