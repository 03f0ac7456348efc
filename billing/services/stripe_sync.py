"""Syncs an account with its current state at Stripe: the only module that writes a subscription's state."""

from datetime import UTC, datetime

import stripe
from django.db import transaction
from django.utils import timezone

from billing.amounts import monthly_amount
from billing.models import Account, Invoice, RevenueChange
from billing.services.access import save_access
from billing.services.double_payments import cancel_duplicates, expire_checkout, void_superseded_invoices
from billing.stripe_customer import (
    Charges,
    Customer,
    fetch_customer,
    subscription_ended_at,
    subscription_plan,
    to_datetime,
)

Status = Account.Status
# Overdue subscriptions count as revenue until Stripe cancels them.
EARNING = frozenset({Status.ACTIVE, Status.PAST_DUE})
OWING = frozenset({Status.PAST_DUE, Status.UNPAID, Status.PAUSED})
INVOICE_FIELDS = (
    "number", "status", "currency", "total", "amount_paid", "amount_refunded", "is_disputed", "dispute", "attempts",
    "created_at", "paid_at",
)  # fmt: skip


def refresh_account(*, account_id: int) -> Account:
    """Fetch an account's state from Stripe and save it; idempotent. Call outside any chain.

    The account is locked meanwhile, so that a later read is also saved later. Raises stripe.StripeError,
    Account.DoesNotExist; then nothing is changed.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update(of=("self",)).select_related("chain").get(pk=account_id)
        if account.customer_id is None:
            return account
        customer = fetch_customer(account.customer_id, known_subscription_id=account.subscription_id)
        if cancel_duplicates(customer):
            customer = fetch_customer(account.customer_id, known_subscription_id=account.subscription_id)
        if void_superseded_invoices(customer):
            customer = fetch_customer(account.customer_id, known_subscription_id=account.subscription_id)
        before, was_owing = (account.currency, account.monthly_amount), account.past_due_since is not None
        if customer.is_deleted:
            # The next subscription will create a new customer.
            account.customer_id = None
        apply_subscription(account, customer.subscription)
        account.past_due_since = _past_due_since(customer)
        if was_owing and account.past_due_since is None and account.status == Status.CANCELED:
            expire_checkout(account)
        account.read_at = timezone.now()
        account.save()
        _save_invoices(account, customer)
        record_revenue_change(account, customer.subscription, *before)
        save_access(account)
    return account


def apply_subscription(account: Account, subscription: stripe.Subscription | None) -> None:
    """Set the account's subscription fields from Stripe's subscription; the caller saves the account."""
    if subscription is None:
        _apply_no_subscription(account)
        return
    item, plan = subscription["items"].data[0], subscription_plan(subscription)
    account.subscription_id, account.status = subscription.id, Status(subscription.status)
    account.plan = plan.code if plan else ""
    account.interval = item.price.recurring.interval if item.price.recurring else ""
    account.quantity = item.quantity or 0
    account.currency = subscription.currency.upper()
    account.monthly_amount = monthly_amount(subscription) if account.status in EARNING else 0
    account.period_ends_at = to_datetime(item.current_period_end)
    cancel_at = subscription.cancel_at or (item.current_period_end if subscription.cancel_at_period_end else None)
    account.ended_at = subscription_ended_at(subscription)
    account.cancels_at = None if account.ended_at else to_datetime(cancel_at)


def _apply_no_subscription(account: Account) -> None:
    """Set the fields of an account without a subscription at Stripe: one that ran has ended."""
    if account.subscription_id:
        account.status = Status.CANCELED
        account.ended_at = account.ended_at or timezone.now()
    account.monthly_amount, account.cancels_at = 0, None


def _past_due_since(customer: Customer) -> datetime | None:
    """Return when the oldest open invoice was issued, also if Stripe canceled the subscription for failed payments.

    If Stripe has marked the invoice as uncollectible meanwhile, it is still owed: the latest such invoice counts, while
    earlier ones were forgiven.
    """
    subscription = customer.subscription
    if subscription is None:
        return None
    details = subscription.cancellation_details
    is_given_up = subscription.status == Status.CANCELED and details is not None and details.reason == "payment_failed"
    if subscription.status not in OWING and not is_given_up:
        return None
    since: dict[str | None, list[int]] = {"open": [], "uncollectible": []}
    for invoice in customer.invoices_for(subscription):
        since.setdefault(invoice.status, []).append(invoice.status_transitions.finalized_at or invoice.created)
    if since["open"]:
        return to_datetime(min(since["open"]))
    if since["uncollectible"] or is_given_up:
        return to_datetime(max(since["uncollectible"], default=None))
    return to_datetime(subscription["items"].data[0].current_period_start)


def _save_invoices(account: Account, customer: Customer) -> None:
    rows = [
        build_invoice(account.pk, invoice, customer.charges)
        for invoice in customer.invoices
        if invoice.status != "draft"
    ]
    Invoice.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=INVOICE_FIELDS)


def build_invoice(account_id: int, invoice: stripe.Invoice, all_charges: Charges) -> Invoice:
    charges, dispute = all_charges.for_invoice(invoice), all_charges.dispute_status(invoice)
    return Invoice(
        id=invoice.id,
        account_id=account_id,
        number=invoice.number or "",
        status=invoice.status or "",
        currency=invoice.currency.upper(),
        total=invoice.total,
        amount_paid=invoice.amount_paid,
        amount_refunded=sum(charge.amount_refunded for charge in charges),
        # After a dispute that we won the charge may still be marked as disputed.
        is_disputed=any(charge.disputed for charge in charges) and dispute != "won",
        dispute=dispute,
        attempts=invoice.attempt_count,
        created_at=datetime.fromtimestamp(invoice.created, UTC),
        paid_at=to_datetime(invoice.status_transitions.paid_at),
    )


def record_revenue_change(
    account: Account, subscription: stripe.Subscription | None, currency: str, before: int
) -> None:
    """Record a change of MRR, per currency. Call it under the account's lock, so that each is recorded once."""
    after = account.monthly_amount
    if currency != account.currency and before:
        _create_revenue_change(account, subscription, currency, before, 0)
        before = 0
    if before != after:
        _create_revenue_change(account, subscription, account.currency, before, after)


def _create_revenue_change(
    account: Account, subscription: stripe.Subscription | None, currency: str, before: int, after: int
) -> None:
    RevenueChange.objects.create(
        account=account,
        subscription_id=account.subscription_id,
        at=_changed_at(account, subscription, before, after) or timezone.now(),
        kind=_change_kind(account, before, after),
        currency=currency,
        before=before,
        after=after,
    )


def _change_kind(account: Account, before: int, after: int) -> RevenueChange.Kind:
    kind = RevenueChange.Kind
    if not before:
        return kind.RETURN if account.revenue_changes.exists() else kind.NEW
    if not after:
        return kind.CHURN
    return kind.EXPANSION if after > before else kind.CONTRACTION


def _changed_at(account: Account, subscription: stripe.Subscription | None, before: int, after: int) -> datetime | None:
    """Return Stripe's time of the change, so that reports do not depend on when the webhook came; None means now."""
    if subscription is None or (before and after):
        return None
    if not after:
        return to_datetime(subscription.ended_at)
    if account.revenue_changes.filter(subscription_id=subscription.id).exists():
        return None
    return to_datetime(max(subscription.start_date, subscription.trial_end or 0))
