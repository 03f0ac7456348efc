"""Changes of plan, interval or quantity: previewed by Stripe, then applied at exactly the previewed price."""

import hashlib
import secrets
from dataclasses import dataclass
from functools import cached_property
from time import time
from typing import Any

import stripe
from django.core import signing
from django.utils.translation import gettext as _
from stripe.params import InvoiceCreatePreviewParams, SubscriptionUpdateParams

from billing import gateway
from billing.models import Account
from billing.orders import Order
from billing.services.account_guards import record_request, refresh_from_stripe, require_account, require_subscription
from billing.stripe_catalogue import find_price_id
from billing.usage import get_usage
from core.accounts.models import User
from core.shared.errors import AppError
from tenants.models import Chain

Status = Account.Status
SALT = "billing.change"
# Seconds.
OFFER_MAX_AGE = 15 * 60


@dataclass(frozen=True)
class Offer:
    """The price of a change, in the smallest unit. `credit` is deducted from future invoices."""

    account: Account
    order: Order
    # Stripe's proration_date.
    proration_date: int
    due_now: int
    credit: int
    each_period: int

    @cached_property
    def token(self) -> str:
        """The signed offer, so that the user confirms exactly what was shown.

        A nonce makes every token, and so every idempotency key, unique: a refused payment can be tried again.
        """
        content = [self.account.pk, *self.order.as_json().values(), self.proration_date, *self.figures]
        return signing.dumps([secrets.token_urlsafe(6), *content], salt=SALT)

    @property
    def figures(self) -> tuple[int, int, int]:
        return self.due_now, self.credit, self.each_period


class PriceChangedError(AppError):
    """The change would cost something else by now; `offer` holds the new price."""

    def __init__(self, offer: Offer) -> None:
        super().__init__(
            "price_moved", _("The price has moved meanwhile. Nothing was changed; look again."), status=409
        )
        self.offer = offer


def preview_change(chain: Chain, order: Order, *, acting_user: User) -> Offer:
    """Return the price of a change without making it.

    Raises AppError: not an owner, no running subscription, payment overdue, plan too small, Stripe unavailable.
    """
    account = refresh_from_stripe(require_account(chain, acting_user))
    _require_changeable(account)
    order.require_fit(get_usage(chain))
    with gateway.app_errors_for_stripe():
        return _build_offer(account, order, int(time()))


def apply_change(chain: Chain, token: str, *, acting_user: User) -> Account:
    """Apply the offer in the token, once however often it is sent.

    Raises PriceChangedError if it would cost something else by now, and AppError as `preview_change` or if the payment
    is refused; then nothing has changed.
    """
    account = refresh_from_stripe(require_account(chain, acting_user))
    order, proration_date, figures = _parse_token(token, account)
    _require_changeable(account)
    if order == Order.of(account):
        return account
    order.require_fit(get_usage(chain))
    with gateway.app_errors_for_stripe():
        offer = _build_offer(account, order, proration_date)
        if offer.figures != figures:
            raise PriceChangedError(_build_offer(account, order, int(time())))
        record_request(account, acting_user, Order.of(account), **order.as_json())
        with gateway.idempotent(f"change-{hashlib.sha256(token.encode()).hexdigest()[:40]}") as options:
            gateway.client().v1.subscriptions.update(account.subscription_id, _update_params(offer), options)
    return refresh_from_stripe(account)


def preview_next_invoice(chain: Chain, *, acting_user: User) -> stripe.Invoice:
    """Return Stripe's preview of the next invoice. Raises AppError: not an owner, no subscription, no answer."""
    account = require_account(chain, acting_user)
    subscription = require_subscription(account)
    with gateway.app_errors_for_stripe():
        return gateway.client().v1.invoices.create_preview(
            {"customer": account.customer_id or "", "subscription": subscription}
        )


def cancel_at_period_end(chain: Chain, *, acting_user: User) -> Account:
    """Cancel the subscription at the end of its period. Raises AppError: not an owner, no subscription, no answer."""
    return _set_cancel_at_period_end(chain, acting_user, ends=True)


def undo_cancellation(chain: Chain, *, acting_user: User) -> Account:
    """Withdraw a scheduled cancellation. Raises AppError as `cancel_at_period_end`."""
    return _set_cancel_at_period_end(chain, acting_user, ends=False)


def _set_cancel_at_period_end(chain: Chain, acting_user: User, *, ends: bool) -> Account:
    account = refresh_from_stripe(require_account(chain, acting_user))
    subscription = require_subscription(account)
    record_request(account, acting_user, None, ends=ends)
    with gateway.app_errors_for_stripe():
        gateway.client().v1.subscriptions.update(subscription, {"cancel_at_period_end": ends})
    return refresh_from_stripe(account)


def _require_changeable(account: Account) -> None:
    require_subscription(account)
    if account.status not in Account.GOOD_STANDING:
        raise AppError("payment_overdue", _("A payment is open: pay it first, then change the plan."), status=409)
    if account.cancels_at is not None:
        message = _("The subscription is about to end: take that back first, then change it.")
        raise AppError("ends_soon", message, status=409)


def _build_offer(account: Account, order: Order, proration_date: int) -> Offer:
    items = _subscription_items(account, order)
    previews = gateway.client().v1.invoices
    customer = account.customer_id or ""
    # In a trial nothing has been paid, so there is nothing to prorate.
    due: int = 0
    credit = 0
    if account.status != Status.TRIALING:
        params: InvoiceCreatePreviewParams = {
            "customer": customer,
            "subscription": account.subscription_id,
            "subscription_details": {
                "items": items, "proration_behavior": "always_invoice", "proration_date": proration_date
            },
        }  # fmt: skip
        invoice = previews.create_preview(params)
        due, credit = max(0, invoice.amount_due), max(0, -invoice.total)
    recurring = previews.create_preview(
        {
            "customer": customer,
            "subscription": account.subscription_id,
            "preview_mode": "recurring",
            "subscription_details": {"items": items, "proration_behavior": "none"},
        }
    )
    return Offer(account, order, proration_date, due, credit, recurring.total)


def _subscription_items(account: Account, order: Order) -> list[Any]:
    """Return the items for Stripe; if only the quantity changes, without a price, so that an old price is kept."""
    subscription = gateway.client().v1.subscriptions.retrieve(account.subscription_id)
    item = {"id": subscription["items"].data[0].id, "quantity": order.stores}
    if (account.plan, account.interval) == (order.plan.code, order.interval):
        return [item]
    return [{**item, "price": find_price_id(order.plan, account.currency, order.interval)}]


def _update_params(offer: Offer) -> SubscriptionUpdateParams:
    """Return the parameters of the update.

    An upgrade is invoiced and paid at once or fails; a downgrade becomes a credit on the next invoice. Another interval
    starts a new period, which is invoiced at once.
    """
    params: SubscriptionUpdateParams = {"items": _subscription_items(offer.account, offer.order)}
    if offer.account.status == Status.TRIALING:
        return {**params, "proration_behavior": "none"}
    params["proration_date"] = offer.proration_date
    if offer.credit and offer.account.interval == offer.order.interval:
        return {**params, "proration_behavior": "create_prorations"}
    return {**params, "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}


def _parse_token(token: str, account: Account) -> tuple[Order, int, tuple[int, ...]]:
    try:
        _nonce, pk, plan, interval, stores, proration_date, *figures = signing.loads(
            token, salt=SALT, max_age=OFFER_MAX_AGE
        )
    except signing.BadSignature as error:
        raise _expired_offer_error() from error
    if pk != account.pk:
        raise _expired_offer_error()
    return Order.parse(plan, interval, stores), proration_date, tuple(figures)


def _expired_offer_error() -> AppError:
    message = _("This offer is too old. Nothing was changed; look at the price again.")
    return AppError("offer_stale", message, status=409)
