"""What the platform announces of chains that concerns what they pay."""

from typing import Any

from django.utils import timezone

from billing.models import Account, Closing, RevenueChange, StripeEvent
from billing.services.accounts import open_account
from billing.tasks import close_customers
from core.shared.sending import send_after_commit
from tenants.models import Chain
from tenants.signals import chain_erased, chain_signed_up


def connect() -> None:
    chain_signed_up.connect(_signed_up, dispatch_uid="billing")
    chain_erased.connect(_erased, dispatch_uid="billing")


def _signed_up(chain: Chain, **_more: Any) -> None:
    open_account(chain=chain)


def _erased(chain: Chain, **_more: Any) -> None:
    """In the transaction that drops the chain, and with it the account, its invoices and its notices."""
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
        send_after_commit(close_customers)
