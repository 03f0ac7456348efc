"""Lowers the quantity of a subscription to the number of open stores, so that closed ones are not paid for."""

import logging

import stripe

from billing import gateway
from billing.models import Account
from billing.orders import Order
from billing.plans import CHAIN
from billing.services.account_guards import find_account, record_request, refresh_from_stripe
from billing.usage import get_usage
from core.shared.errors import AppError
from tenants.models import Chain

logger = logging.getLogger(__name__)


def schemas_to_sync() -> list[str]:
    """Return the schemas of chains that pay for more than one store. Call outside any chain."""
    paying = Account.objects.filter(status__in=Account.GOOD_STANDING, plan=CHAIN.code, cancels_at=None, quantity__gt=1)
    return list(paying.values_list("chain__schema_name", flat=True))


def sync_quantity(chain: Chain) -> bool:
    """Lower the quantity to the open stores; return whether it was lowered.

    The rest of the period becomes a credit. Never below one store, never while a payment is overdue. Call inside the
    chain. Raises AppError if Stripe is unavailable.
    """
    quantity = get_usage(chain).quantity
    account = find_account(chain)
    if account is None or not _pays_for_too_many(account, quantity):
        return False
    account = refresh_from_stripe(account)
    if not _pays_for_too_many(account, quantity):
        return False
    before = Order.of(account)
    record_request(account, None, before, **Order(CHAIN, before.interval, quantity).as_json())
    with gateway.app_errors_for_stripe():
        _set_quantity(account, quantity)
    _restore_for_new_stores(refresh_from_stripe(account), before=before.stores)
    return True


def _pays_for_too_many(account: Account, quantity: int) -> bool:
    is_changeable = account.status in Account.GOOD_STANDING and account.cancels_at is None
    return is_changeable and account.plan == CHAIN.code and account.quantity > quantity


def _restore_for_new_stores(account: Account, *, before: int) -> None:
    """Raise the quantity again for stores opened meanwhile, which the old quantity still covered.

    The credit of a moment ago pays for them, so nothing is charged that the owner did not agree to.
    """
    quantity = min(get_usage(account.chain).quantity, before)
    if quantity > account.quantity:
        with gateway.app_errors_for_stripe():
            _set_quantity(account, quantity)
        refresh_from_stripe(account)


def _set_quantity(account: Account, quantity: int) -> None:
    subscriptions = gateway.client().v1.subscriptions
    item = subscriptions.retrieve(account.subscription_id)["items"].data[0]
    is_trial = account.status == Account.Status.TRIALING
    params: stripe.params.SubscriptionUpdateParams = {
        "items": [{"id": item.id, "quantity": quantity}],
        "proration_behavior": "none" if is_trial else "create_prorations",
    }
    # Idempotent, since the quantity is absolute.
    subscriptions.update(account.subscription_id, params)


def try_sync_quantity(chain: Chain) -> None:
    """Sync the quantity and log a failure; the next night retries it."""
    try:
        sync_quantity(chain)
    except AppError as error:
        logger.warning("The quantity of stores paid for could not be synced: %s", error.code)
