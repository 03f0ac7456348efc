"""The number of stores paid for follows the open ones down: what is no longer open is not paid for."""

import logging

import stripe

from billing import gateway
from billing.models import Account
from billing.orders import Order
from billing.plans import CHAIN
from billing.services.owners import IN_ORDER, account_of, note_asked, read_again
from billing.usage import usage_of
from core.shared.errors import AppError
from tenants.models import Chain

logger = logging.getLogger(__name__)


def schemas_that_may_follow() -> list[str]:
    """Of chains that pay for more than one store. Called outside any chain."""
    paying = Account.objects.filter(status__in=IN_ORDER, plan=CHAIN.code, cancels_at=None, quantity__gt=1)
    return list(paying.values_list("chain__schema_name", flat=True))


def follow_stores(chain: Chain) -> bool:
    """Whether the number was lowered; what is left of the period becomes a credit. Never below one store, and never
    while something is owed. Called inside the chain. Raises AppError where Stripe does not answer."""
    quantity = usage_of(chain).quantity
    account = account_of(chain)
    if account is None or not _pays_for_more(account, quantity):
        return False
    account = read_again(account)
    if not _pays_for_more(account, quantity):
        return False
    before = Order.of(account)
    note_asked(account, None, before, **Order(CHAIN, before.interval, quantity).as_json())
    with gateway.asking():
        _set_number(account, quantity)
    _take_back(read_again(account), before=before.stores)
    return True


def _pays_for_more(account: Account, quantity: int) -> bool:
    is_changeable = account.status in IN_ORDER and account.cancels_at is None
    return is_changeable and account.plan == CHAIN.code and account.quantity > quantity


def _take_back(account: Account, *, before: int) -> None:
    """A store that was opened meanwhile had its place by the old number: what was given back for it a moment ago pays
    for it, so that nothing is charged that nobody agreed to. From here on the new number holds."""
    quantity = min(usage_of(account.chain).quantity, before)
    if quantity > account.quantity:
        with gateway.asking():
            _set_number(account, quantity)
        read_again(account)


def _set_number(account: Account, quantity: int) -> None:
    subscriptions = gateway.client().v1.subscriptions
    item = subscriptions.retrieve(account.subscription_id)["items"].data[0]
    is_trial = account.status == Account.Status.TRIALING
    params: stripe.params.SubscriptionUpdateParams = {
        "items": [{"id": item.id, "quantity": quantity}],
        "proration_behavior": "none" if is_trial else "create_prorations",
    }
    # Done twice, it is done once: the number is said, not what it falls by.
    subscriptions.update(account.subscription_id, params)


def follow_or_leave(chain: Chain) -> None:
    """As a task does it: what fails is tried again the next night."""
    try:
        follow_stores(chain)
    except AppError as error:
        logger.warning("The number of stores paid for could not follow: %s", error.code)
