"""Signal handlers: what billing does when a chain signs up or is erased."""

from typing import Any

from django.utils import timezone

from billing.models import Account, Closing, RevenueChange, StripeEvent
from billing.services.access import open_account
from billing.tasks import delete_customers
from core.shared.task_queue import send_after_commit
from tenants.models import Chain
from tenants.signals import chain_erased, chain_signed_up


def connect() -> None:
    chain_signed_up.connect(_on_chain_signed_up, dispatch_uid="billing")
    chain_erased.connect(_on_chain_erased, dispatch_uid="billing")


def _on_chain_signed_up(chain: Chain, **_more: Any) -> None:
    open_account(chain=chain)


def _on_chain_erased(chain: Chain, **_more: Any) -> None:
    """Record the churn and queue the Stripe customer for deletion, in the transaction that drops the chain."""
    account = Account.objects.filter(chain=chain).first()
    if account is None:
        return
    if account.monthly_amount:
        RevenueChange.objects.create(
            account=account,
            subscription_id=account.subscription_id,
            at=timezone.now(),
            kind=RevenueChange.Kind.CHURN,
            currency=account.currency,
            before=account.monthly_amount,
            after=0,
        )
    if account.customer_id:
        StripeEvent.objects.filter(customer_id=account.customer_id).delete()
        Closing.objects.get_or_create(customer_id=account.customer_id)
        send_after_commit(delete_customers)
