"""What Stripe says of one customer now: events come late, twice and in any order, so they are never believed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from stripe.params import ChargeListParams, InvoiceListParams, SubscriptionListParams

from billing import gateway
from billing.plans import Plan, plan_of_product

# Those that are running, the best first: of two, the one that is paid is kept.
LIVE = ("active", "trialing", "past_due", "unpaid", "paused")
# Then what explains best why none is.
OVER = ("canceled", "incomplete", "incomplete_expired")
PAGE = 100
# In force, with nothing owed.
IN_ORDER = ("active", "trialing")


class Charges:
    """Those that succeeded, by the payment they belong to. `disputes`: how each disputed one stands, by its id."""

    def __init__(self, charges: Iterable[stripe.Charge] = (), disputes: Mapping[str, str] | None = None) -> None:
        self._by_payment: dict[str, list[stripe.Charge]] = defaultdict(list)
        self._disputes = disputes or {}
        for charge in charges:
            if charge.status == "succeeded":
                self._by_payment[id_of(charge.payment_intent) or charge.id].append(charge)

    def of(self, invoice: stripe.Invoice) -> list[stripe.Charge]:
        return [charge for payment in _payments(invoice) for charge in self._by_payment.get(payment, ())]

    def dispute_of(self, invoice: stripe.Invoice) -> str:
        """Stripe's word for how it stands; empty where nothing was disputed."""
        return next((self._disputes[charge.id] for charge in self.of(invoice) if charge.id in self._disputes), "")


@dataclass(frozen=True)
class Customer:
    """`subscription` is the one that counts; `extra` are others that run beside it, such as of a second browser tab;
    `replaced` those that ended before it, by their ids."""

    subscription: stripe.Subscription | None
    extra: list[stripe.Subscription]
    replaced: frozenset[str]
    invoices: list[stripe.Invoice]
    charges: Charges
    is_deleted: bool

    def invoices_of(self, subscription: stripe.Subscription) -> list[stripe.Invoice]:
        return [invoice for invoice in self.invoices if subscription_of(invoice) == subscription.id]

    @property
    def left_open(self) -> list[stripe.Invoice]:
        """By subscriptions that another has replaced."""
        return [invoice for invoice in self.invoices if is_left_open(invoice, self.replaced)]


def read_customer(customer_id: str, *, followed: str) -> Customer:
    """`followed` as in `arranged`. Raises stripe.StripeError. Two calls, a third where something was paid, one more
    where nothing runs and for each dispute."""
    found = list(list_subscriptions({"customer": customer_id}))
    subscription, extra = arranged(found, followed)
    invoices = list(list_invoices({"customer": customer_id}))
    charges, is_deleted = Charges(), False
    if any(invoice.amount_paid for invoice in invoices):
        charges = read_charges({"customer": customer_id})
    if subscription is None or subscription.status not in LIVE:
        is_deleted = bool(getattr(gateway.client().v1.customers.retrieve(customer_id), "deleted", False))
    return Customer(subscription, extra, replaced(found, subscription), invoices, charges, is_deleted)


def list_subscriptions(chosen: SubscriptionListParams) -> Iterator[stripe.Subscription]:
    """Ended ones too, with what makes up their amount."""
    wanted: SubscriptionListParams = {
        "status": "all", "limit": PAGE, "expand": ["data.discounts.source.coupon", "data.latest_invoice"], **chosen,
    }  # fmt: skip
    return gateway.client().v1.subscriptions.list(wanted).auto_paging_iter()


def list_invoices(chosen: InvoiceListParams) -> Iterator[stripe.Invoice]:
    wanted: InvoiceListParams = {"limit": PAGE, "expand": ["data.payments"], **chosen}
    return gateway.client().v1.invoices.list(wanted).auto_paging_iter()


def read_charges(chosen: ChargeListParams) -> Charges:
    """One call more for each that is disputed, which few are."""
    wanted: ChargeListParams = {"limit": PAGE, **chosen}
    api = gateway.client().v1
    found = list(api.charges.list(wanted).auto_paging_iter())
    disputed = [charge.id for charge in found if charge.disputed]
    latest = {charge: api.disputes.list({"charge": charge, "limit": 1}).data for charge in disputed}
    return Charges(found, {charge: data[0].status for charge, data in latest.items() if data})


def arranged(
    found: Iterable[stripe.Subscription], followed: str
) -> tuple[stripe.Subscription | None, list[stripe.Subscription]]:
    """Of one customer: the subscription that counts, and those that run beside it.

    The one that was `followed` so far stays ours, whatever price it was given at Stripe.
    """
    ours = [one for one in found if plan_of(one) is not None or one.id == followed]
    live = sorted((subscription for subscription in ours if subscription.status in LIVE), key=_rank)
    return (live[0], live[1:]) if live else (_latest_over(ours), [])


def replaced(found: Iterable[stripe.Subscription], counts: stripe.Subscription | None) -> frozenset[str]:
    """Of one customer: ours that have ended, where the one that counts is in order."""
    if counts is None or counts.status not in IN_ORDER:
        return frozenset()
    return frozenset(one.id for one in found if one.status == "canceled" and plan_of(one) is not None)


def is_left_open(invoice: stripe.Invoice, ended: frozenset[str]) -> bool:
    return invoice.status == "open" and subscription_of(invoice) in ended


def plan_of(subscription: stripe.Subscription) -> Plan | None:
    """None: its price is of no plan of ours."""
    items = subscription["items"].data
    return plan_of_product(id_of(items[0].price.product)) if items else None


def ended_at(subscription: stripe.Subscription) -> datetime | None:
    """Where none of Stripe's tries was paid, but the invoice was after the end: when what that paid for is over."""
    details, invoice = subscription.cancellation_details, subscription.latest_invoice
    gave_up = details is not None and details.reason == "payment_failed"
    if gave_up and subscription.ended_at and isinstance(invoice, stripe.Invoice) and invoice.status == "paid":
        return moment(subscription["items"].data[0].current_period_end)
    return moment(subscription.ended_at)


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
    return int(subscription.status not in IN_ORDER), subscription.created, subscription.id


def _latest_over(subscriptions: list[stripe.Subscription]) -> stripe.Subscription | None:
    over = [found for found in subscriptions if found.status in OVER]
    return min(over, key=lambda found: (OVER.index(found.status), -found.created), default=None)


def _payments(invoice: stripe.Invoice) -> list[str]:
    """Ids of payment intents, or of charges where there is none."""
    if invoice.payments is None:
        return []
    paid = [entry.payment for entry in invoice.payments.data]
    return [id_of(payment.payment_intent) or id_of(payment.charge) for payment in paid]
