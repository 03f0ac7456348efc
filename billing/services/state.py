"""Keeps of an account what Stripe says now: the one place where a subscription's state is written."""

from datetime import UTC, datetime

import stripe
from django.db import transaction
from django.utils import timezone

from billing.amounts import monthly_amount
from billing.models import Account, Invoice, RevenueChange
from billing.reading import Charges, Customer, ended_at, moment, plan_of, read_customer
from billing.services.access import give_access
from billing.services.duplicates import end_duplicates
from billing.services.replaced import close_checkout, void_left_open

Status = Account.Status
# What they owe counts as revenue until Stripe gives up.
EARNING = frozenset({Status.ACTIVE, Status.PAST_DUE})
OWING = frozenset({Status.PAST_DUE, Status.UNPAID, Status.PAUSED})
INVOICE_FIELDS = (
    "number", "status", "currency", "total", "amount_paid", "amount_refunded", "is_disputed", "dispute", "attempts",
    "created_at", "paid_at",
)  # fmt: skip


def refresh_account(*, account_id: int) -> Account:
    """Read again from Stripe, as often and in whatever order one likes. Called outside any chain.

    Raises stripe.StripeError, Account.DoesNotExist; then nothing is changed. The account is locked meanwhile, so that
    what is read later is kept later.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update(of=("self",)).select_related("chain").get(pk=account_id)
        if account.customer_id is None:
            return account
        customer = read_customer(account.customer_id, followed=account.subscription_id)
        if end_duplicates(customer):
            customer = read_customer(account.customer_id, followed=account.subscription_id)
        if void_left_open(customer):
            customer = read_customer(account.customer_id, followed=account.subscription_id)
        before, was_owing = (account.currency, account.monthly_amount), account.past_due_since is not None
        if customer.is_deleted:
            # The next subscription is that of a new customer.
            account.customer_id = None
        keep_subscription(account, customer.subscription)
        account.past_due_since = _past_due_since(customer)
        if was_owing and account.past_due_since is None and account.status == Status.CANCELED:
            close_checkout(account)
        account.read_at = timezone.now()
        account.save()
        _keep_invoices(account, customer)
        note_revenue(account, customer.subscription, *before)
        give_access(account)
    return account


def keep_subscription(account: Account, found: stripe.Subscription | None) -> None:
    """Of what the subscription itself says; the caller saves it."""
    if found is None:
        _keep_none(account)
        return
    item, plan = found["items"].data[0], plan_of(found)
    account.subscription_id, account.status = found.id, Status(found.status)
    account.plan = plan.code if plan else ""
    account.interval = item.price.recurring.interval if item.price.recurring else ""
    account.quantity = item.quantity or 0
    account.currency = found.currency.upper()
    account.monthly_amount = monthly_amount(found) if account.status in EARNING else 0
    account.period_ends_at = moment(item.current_period_end)
    ends = found.cancel_at or (item.current_period_end if found.cancel_at_period_end else None)
    account.ended_at = ended_at(found)
    account.cancels_at = None if account.ended_at else moment(ends)


def _keep_none(account: Account) -> None:
    """Stripe knows of no subscription (any more): one that ran has ended."""
    if account.subscription_id:
        account.status = Status.CANCELED
        account.ended_at = account.ended_at or timezone.now()
    account.monthly_amount, account.cancels_at = 0, None


def _past_due_since(customer: Customer) -> datetime | None:
    """From the oldest open invoice; also where Stripe has ended the subscription because none of its tries was paid.

    Where Stripe has written the invoice off meanwhile, from the last one: it is owed as before. What was written off
    earlier was forgiven.
    """
    found = customer.subscription
    if found is None:
        return None
    details = found.cancellation_details
    gave_up = found.status == Status.CANCELED and details is not None and details.reason == "payment_failed"
    if found.status not in OWING and not gave_up:
        return None
    since: dict[str | None, list[int]] = {"open": [], "uncollectible": []}
    for invoice in customer.invoices_of(found):
        since.setdefault(invoice.status, []).append(invoice.status_transitions.finalized_at or invoice.created)
    if since["open"]:
        return moment(min(since["open"]))
    if since["uncollectible"] or gave_up:
        return moment(max(since["uncollectible"], default=None))
    return moment(found["items"].data[0].current_period_start)


def _keep_invoices(account: Account, customer: Customer) -> None:
    rows = [
        invoice_as_row(account.pk, found, customer.charges) for found in customer.invoices if found.status != "draft"
    ]
    Invoice.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=INVOICE_FIELDS)


def invoice_as_row(account_id: int, found: stripe.Invoice, all_charges: Charges) -> Invoice:
    charges, dispute = all_charges.of(found), all_charges.dispute_of(found)
    return Invoice(
        id=found.id,
        account_id=account_id,
        number=found.number or "",
        status=found.status or "",
        currency=found.currency.upper(),
        total=found.total,
        amount_paid=found.amount_paid,
        amount_refunded=sum(charge.amount_refunded for charge in charges),
        # One that was won has given the money back, whether or not the charge still says that it was disputed.
        is_disputed=any(charge.disputed for charge in charges) and dispute != "won",
        dispute=dispute,
        attempts=found.attempt_count,
        created_at=datetime.fromtimestamp(found.created, UTC),
        paid_at=moment(found.status_transitions.paid_at),
    )


def note_revenue(account: Account, found: stripe.Subscription | None, currency: str, before: int) -> None:
    """A row where the amount is another than before, in each currency: under the account's lock, so each once."""
    after = account.monthly_amount
    if currency != account.currency and before:
        _change(account, found, currency, before, 0)
        before = 0
    if before != after:
        _change(account, found, account.currency, before, after)


def _change(account: Account, found: stripe.Subscription | None, currency: str, before: int, after: int) -> None:
    RevenueChange.objects.create(
        account=account,
        subscription_id=account.subscription_id,
        at=_moment_of_change(account, found, before, after) or timezone.now(),
        kind=_kind(account, before, after),
        currency=currency,
        before=before,
        after=after,
    )


def _kind(account: Account, before: int, after: int) -> RevenueChange.Kind:
    kind = RevenueChange.Kind
    if not before:
        return kind.RETURN if account.revenue_changes.exists() else kind.NEW
    if not after:
        return kind.CHURN
    return kind.EXPANSION if after > before else kind.CONTRACTION


def _moment_of_change(account: Account, found: stripe.Subscription | None, before: int, after: int) -> datetime | None:
    """As Stripe knows it, so that a month's figures do not depend on when we heard of it; None: now."""
    if found is None or (before and after):
        return None
    if not after:
        return moment(found.ended_at)
    if account.revenue_changes.filter(subscription_id=found.id).exists():
        return None
    return moment(max(found.start_date, found.trial_end or 0))
