"""Compares our accounts with Stripe and mends what differs: ours follows Stripe. Nightly, or `reconcile_billing`."""

import json
import time
from collections import defaultdict
from copy import copy
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

import stripe
from django.db.models import Max
from django.utils import timezone
from django_tenants.utils import tenant_context

from billing import gateway
from billing.models import Account, Closing, Invoice, StripeEvent
from billing.plans import CHAIN
from billing.reading import (
    IN_ORDER,
    LIVE,
    PAGE,
    arranged,
    id_of,
    is_left_open,
    list_invoices,
    list_subscriptions,
    read_charges,
    replaced,
)
from billing.services.access import renew_access
from billing.services.closing import close_waiting
from billing.services.state import OWING, invoice_as_row, keep_subscription, refresh_account
from billing.webhooks.events import keep_events
from billing.webhooks.working_off import work_off
from core.stores.models import Store

# Stripe shows its events for thirty days; beyond what was seen last, some may have come out of order.
EVENTS_KEPT = timedelta(days=30)
OVERLAP = timedelta(hours=6)
# Older invoices change by a refund or a dispute at most, of which an event tells.
INVOICES = timedelta(days=120)
COMPARED = (
    "customer_id", "subscription_id", "status", "plan", "interval", "quantity", "currency", "monthly_amount",
    "period_ends_at", "cancels_at", "ended_at", "past_due_since",
)  # fmt: skip
INVOICE_COMPARED = (
    "number",
    "status",
    "currency",
    "total",
    "amount_paid",
    "amount_refunded",
    "is_disputed",
    "dispute",
    "attempts",
    "paid_at",
)
Subscriptions = dict[str, list[stripe.Subscription]]


@dataclass
class Report:
    """What was found and mended. Chains are named by their schema, what is at Stripe by its id."""

    accounts: int = 0
    events_fetched: int = 0
    # By chain, what was kept and what Stripe says.
    mended: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    closed: int = 0
    # Customers of ours that Stripe never had: is the key that of another account?
    unknown_at_stripe: list[str] = field(default_factory=list)
    # Customers that pay for a plan and belong to no chain: someone has to look.
    without_chain: list[str] = field(default_factory=list)
    # Chains that pay a price of no plan of ours, set by a hand at Stripe: what was allowed before goes on.
    without_plan: list[str] = field(default_factory=list)
    # Chains with more stores open than are paid for, as after a night that was cut short: a charge is for the owner to
    # agree to, so someone has to write.
    unpaid_stores: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def reconcile() -> Report:
    """Called outside any chain. Raises AppError where no key is set, stripe.StripeError where lists cannot be read;
    one account that fails is reported and does not stop the others."""
    began, report = time.monotonic(), Report()
    report.events_fetched = fetch_missed_events()
    work_off()
    report.closed = close_waiting()
    subscriptions: Subscriptions = defaultdict(list)
    for found in list_subscriptions({}):
        subscriptions[id_of(found.customer)].append(found)
    customers = {found.id for found in gateway.client().v1.customers.list({"limit": PAGE}).auto_paging_iter()}
    others = _with_other_invoices(subscriptions)
    for account in Account.objects.select_related("chain").order_by("pk").iterator():
        report.accounts += 1
        customer = account.customer_id
        if customer and (customer not in customers or customer in others or _differs(account, subscriptions[customer])):
            _mend(account, report)
        elif renew_access(account_id=account.pk):
            report.mended[account.chain.schema_name] = {"access": []}
    report.without_plan = _without_plan()
    report.without_chain = _without_chain(subscriptions)
    report.unpaid_stores = _unpaid_stores()
    report.seconds = round(time.monotonic() - began, 2)
    return report


def fetch_missed_events() -> int:
    """Those that no webhook brought, since the last that was seen; all that Stripe still shows where none was."""
    last = StripeEvent.objects.aggregate(last=Max("created_at"))["last"]
    since = timezone.now() - EVENTS_KEPT
    if last is not None:
        since = max(since, last - OVERLAP)
    pages = gateway.client().v1.events.list({"created": {"gte": int(since.timestamp())}, "limit": PAGE})
    before = StripeEvent.objects.count()
    keep_events(_as_sent(event) for event in pages.auto_paging_iter())
    return StripeEvent.objects.count() - before


def _as_sent(event: stripe.Event) -> dict[str, Any]:
    """As a webhook brings it: decimals are texts there."""
    return dict(json.loads(json.dumps(event.to_dict(), default=str)))


def _differs(account: Account, found: list[stripe.Subscription]) -> bool:
    subscription, extra = arranged(found, account.subscription_id)
    said = copy(account)
    keep_subscription(said, subscription)
    # Since when is said by invoices, however old: where something is owed, or is said to be, they are read again.
    may_owe = said.status in OWING or account.can_be_paid_late
    may_owe = may_owe or (account.past_due_since is not None and said.status != Account.Status.CANCELED)
    return bool(extra) or may_owe or any(getattr(said, name) != getattr(account, name) for name in COMPARED)


def _with_other_invoices(subscriptions: Subscriptions) -> set[str]:
    """Customers of ours with an invoice of the last months that is not kept as Stripe has it, or that is to be taken
    back."""
    since = int((timezone.now() - INVOICES).timestamp())
    charges = read_charges({"created": {"gte": since}})
    accounts = Account.objects.exclude(customer_id=None)
    ours = {row["customer_id"]: row for row in accounts.values("customer_id", "pk", "subscription_id")}
    kept = {row["id"]: row for row in Invoice.objects.values("id", *INVOICE_COMPARED).iterator()}
    others = set()
    for found in list_invoices({"created": {"gte": since}}):
        customer = id_of(found.customer)
        if customer not in ours or found.status == "draft":
            continue
        row, before = invoice_as_row(ours[customer]["pk"], found, charges), kept.get(found.id)
        if before is None or any(getattr(row, name) != before[name] for name in INVOICE_COMPARED):
            others.add(customer)
        theirs = subscriptions[customer]
        if is_left_open(found, replaced(theirs, arranged(theirs, ours[customer]["subscription_id"])[0])):
            others.add(customer)
    return others


def _mend(account: Account, report: Report) -> None:
    schema = account.chain.schema_name
    before = _kept(account)
    try:
        after = _kept(refresh_account(account_id=account.pk))
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            report.unknown_at_stripe.append(schema)
        else:
            report.failed[schema] = type(error).__name__
    except stripe.StripeError as error:
        report.failed[schema] = type(error).__name__
    except Account.DoesNotExist:
        # Erased meanwhile.
        return
    else:
        names = sorted(before.keys() | after.keys())
        other = {name: [before.get(name, ""), after.get(name, "")] for name in names}
        other = {name: pair for name, pair in other.items() if pair[0] != pair[1]}
        if other:
            report.mended[schema] = other


def _kept(account: Account) -> dict[str, str]:
    """In words, for the report."""
    words = {name: _word(getattr(account, name)) for name in COMPARED}
    for invoice in account.invoices.values_list("id", *INVOICE_COMPARED):
        words[invoice[0]] = " ".join(_word(value) for value in invoice[1:])
    return words


def _word(value: object) -> str:
    return "" if value is None else str(value)


def _without_plan() -> list[str]:
    found = Account.objects.filter(status__in=LIVE, plan="", agreement__isnull=True).order_by("pk")
    return list(found.values_list("chain__schema_name", flat=True))


def _unpaid_stores() -> list[str]:
    paying = Account.objects.filter(status__in=IN_ORDER, plan=CHAIN.code, agreement__isnull=True).select_related(
        "chain"
    )
    found = []
    for account in paying.order_by("pk").iterator():
        with tenant_context(account.chain):
            if Store.objects.open().count() > account.quantity:
                found.append(account.chain.schema_name)
    return found


def _without_chain(subscriptions: Subscriptions) -> list[str]:
    """Nobody uses what is paid for: left by a hand at Stripe, say. Not ended by us: that is for a person to decide."""
    known = set(Account.objects.exclude(customer_id=None).values_list("customer_id", flat=True))
    known |= set(Closing.objects.values_list("customer_id", flat=True))
    running = (customer for customer, found in subscriptions.items() if any(one.status in LIVE for one in found))
    return sorted(customer for customer in running if customer not in known)
