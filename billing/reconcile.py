"""Reconciliation: compares all accounts with Stripe and fixes ours; nightly, or by `reconcile_billing`."""

import json
import time
from collections import defaultdict
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import stripe
from django.db.models import Max
from django.utils import timezone
from django_tenants.utils import tenant_context

from billing import gateway
from billing.models import Account, Closing, Invoice, StripeEvent
from billing.plans import CHAIN
from billing.services.access import refresh_access
from billing.services.customer_deletion import delete_pending_customers
from billing.services.stripe_sync import INVOICE_FIELDS, OWING, apply_subscription, build_invoice, refresh_account
from billing.stripe_customer import (
    PAGE_SIZE,
    fetch_charges,
    is_superseded,
    list_invoices,
    list_subscriptions,
    pick_subscription,
    stripe_id,
    superseded_ids,
)
from billing.webhooks.events import store_events
from billing.webhooks.processing import process_due_events
from core.stores.models import Store

# Stripe shows events for thirty days. The overlap catches events that came out of order.
STRIPE_EVENT_RETENTION = timedelta(days=30)
OVERLAP = timedelta(hours=6)
# Older invoices change only by a refund or a dispute, which an event reports.
INVOICE_WINDOW = timedelta(days=120)
COMPARED_FIELDS = (
    "customer_id", "subscription_id", "status", "plan", "interval", "quantity", "currency", "monthly_amount",
    "period_ends_at", "cancels_at", "ended_at", "past_due_since",
)  # fmt: skip
Subscriptions = dict[str, list[stripe.Subscription]]


@dataclass
class ReconciliationReport:
    """The result of a run. Chains are named by schema, objects at Stripe by id."""

    accounts: int = 0
    events_fetched: int = 0
    # By chain and field: our value and Stripe's.
    fixed: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    closed: int = 0
    # Our customers that Stripe never had: the key may be that of another Stripe account.
    unknown_at_stripe: list[str] = field(default_factory=list)
    # Customers that pay for a plan and belong to no chain; needs a person.
    without_chain: list[str] = field(default_factory=list)
    # Chains whose price belongs to none of our plans, set in Stripe's dashboard; their entitlements stay as they were.
    without_plan: list[str] = field(default_factory=list)
    # Chains with more open stores than they pay for, as after an interrupted sync. Only the owner can agree to a
    # charge, so a person has to write.
    unpaid_stores: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def reconcile() -> ReconciliationReport:
    """Compare all accounts with Stripe and fix ours. Call outside any chain.

    One account that fails is reported and does not stop the others. Raises AppError if no key is set,
    stripe.StripeError if the lists cannot be fetched.
    """
    started, report = time.monotonic(), ReconciliationReport()
    report.events_fetched = fetch_missed_events()
    process_due_events()
    report.closed = delete_pending_customers()
    subscriptions: Subscriptions = defaultdict(list)
    for subscription in list_subscriptions({}):
        subscriptions[stripe_id(subscription.customer)].append(subscription)
    known_customers = {
        customer.id for customer in gateway.client().v1.customers.list({"limit": PAGE_SIZE}).auto_paging_iter()
    }
    changed = _customers_with_changed_invoices(subscriptions)
    for account in Account.objects.select_related("chain").order_by("pk").iterator():
        report.accounts += 1
        customer_id = account.customer_id
        if customer_id and (
            customer_id not in known_customers
            or customer_id in changed
            or _differs(account, subscriptions[customer_id])
        ):
            _refresh_and_report(account, report)
        elif refresh_access(account_id=account.pk):
            report.fixed[account.chain.schema_name] = {"access": []}
    report.without_plan = _without_plan()
    report.without_chain = _without_chain(subscriptions)
    report.unpaid_stores = _unpaid_stores()
    report.seconds = round(time.monotonic() - started, 2)
    return report


def fetch_missed_events() -> int:
    """Fetch events that no webhook delivered, since the last one seen; return how many."""
    last = StripeEvent.objects.aggregate(last=Max("created_at"))["last"]
    since = timezone.now() - STRIPE_EVENT_RETENTION
    if last is not None:
        since = max(since, last - OVERLAP)
    pages = gateway.client().v1.events.list({"created": {"gte": int(since.timestamp())}, "limit": PAGE_SIZE})
    before = StripeEvent.objects.count()
    store_events(_as_sent(event) for event in pages.auto_paging_iter())
    return StripeEvent.objects.count() - before


def _as_sent(event: stripe.Event) -> dict[str, Any]:
    """Return the event as a webhook delivers it, with decimals as strings."""
    return dict(json.loads(json.dumps(event.to_dict(), default=str)))


def _differs(account: Account, subscriptions: list[stripe.Subscription]) -> bool:
    """Return whether the account has to be refreshed to match its subscriptions."""
    subscription, extra = pick_subscription(subscriptions, account.subscription_id)
    fresh = copy(account)
    apply_subscription(fresh, subscription)
    # `past_due_since` depends on invoices of any age, so whoever owes or may owe is refreshed.
    may_owe = fresh.status in OWING or account.is_payable_late
    may_owe = may_owe or (account.past_due_since is not None and fresh.status != Account.Status.CANCELED)
    return bool(extra) or may_owe or any(getattr(fresh, name) != getattr(account, name) for name in COMPARED_FIELDS)


def _customers_with_changed_invoices(subscriptions: Subscriptions) -> set[str]:
    """Return our customers with a recent invoice that differs from Stripe's or that has to be voided."""
    since = int((timezone.now() - INVOICE_WINDOW).timestamp())
    charges = fetch_charges({"created": {"gte": since}})
    with_customer = Account.objects.exclude(customer_id=None)
    accounts = {row["customer_id"]: row for row in with_customer.values("customer_id", "pk", "subscription_id")}
    stored = {row["id"]: row for row in Invoice.objects.values("id", *INVOICE_FIELDS).iterator()}
    changed = set()
    for invoice in list_invoices({"created": {"gte": since}}):
        customer_id = stripe_id(invoice.customer)
        if customer_id not in accounts or invoice.status == "draft":
            continue
        new, old = build_invoice(accounts[customer_id]["pk"], invoice, charges), stored.get(invoice.id)
        if old is None or any(getattr(new, name) != old[name] for name in INVOICE_FIELDS):
            changed.add(customer_id)
        owned = subscriptions[customer_id]
        if is_superseded(
            invoice, superseded_ids(owned, pick_subscription(owned, accounts[customer_id]["subscription_id"])[0])
        ):
            changed.add(customer_id)
    return changed


def _refresh_and_report(account: Account, report: ReconciliationReport) -> None:
    schema = account.chain.schema_name
    before = _snapshot(account)
    try:
        after = _snapshot(refresh_account(account_id=account.pk))
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            report.unknown_at_stripe.append(schema)
        else:
            report.failed[schema] = type(error).__name__
    except stripe.StripeError as error:
        report.failed[schema] = type(error).__name__
    except Account.DoesNotExist:
        # The chain was erased meanwhile.
        return
    else:
        names = sorted(before.keys() | after.keys())
        changes = {name: [before.get(name, ""), after.get(name, "")] for name in names}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        if changes:
            report.fixed[schema] = changes


def _snapshot(account: Account) -> dict[str, str]:
    """Return the compared fields of the account and its invoices as text, for the report."""
    texts = {name: _as_text(getattr(account, name)) for name in COMPARED_FIELDS}
    for invoice in account.invoices.values_list("id", *INVOICE_FIELDS):
        texts[invoice[0]] = " ".join(_as_text(value) for value in invoice[1:])
    return texts


def _as_text(value: object) -> str:
    return "" if value is None else str(value)


def _without_plan() -> list[str]:
    accounts = Account.objects.filter(status__in=Account.RUNNING, plan="", agreement__isnull=True).order_by("pk")
    return list(accounts.values_list("chain__schema_name", flat=True))


def _unpaid_stores() -> list[str]:
    paying = Account.objects.filter(
        status__in=Account.GOOD_STANDING, plan=CHAIN.code, agreement__isnull=True
    ).select_related("chain")
    schemas = []
    for account in paying.order_by("pk").iterator():
        with tenant_context(account.chain):
            if Store.objects.open().count() > account.quantity:
                schemas.append(account.chain.schema_name)
    return schemas


def _without_chain(subscriptions: Subscriptions) -> list[str]:
    """Return customers that pay but belong to no chain. We do not cancel them: that is for a person to decide."""
    known = set(Account.objects.exclude(customer_id=None).values_list("customer_id", flat=True))
    known |= set(Closing.objects.values_list("customer_id", flat=True))
    running = (
        customer
        for customer, owned in subscriptions.items()
        if any(subscription.status in Account.RUNNING for subscription in owned)
    )
    return sorted(customer for customer in running if customer not in known)
