"""Another number of stores, plan or interval: shown as Stripe works it out, then done at just that price."""

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
from billing.catalogue import price_id
from billing.models import Account
from billing.orders import Order
from billing.services.owners import IN_ORDER, note_asked, read_again, require_account, require_running
from billing.usage import usage_of
from core.accounts.models import User
from core.shared.errors import AppError
from tenants.models import Chain

Status = Account.Status
SALT = "billing.change"
# An offer is good for so long, in seconds.
GOOD_FOR = 15 * 60


@dataclass(frozen=True)
class Offer:
    """What a change costs, in the smallest unit. `credit` is taken off the invoices to come."""

    account: Account
    order: Order
    # By which Stripe prorates.
    at: int
    due_now: int
    credit: int
    each_period: int

    @cached_property
    def token(self) -> str:
        """The offer, so that what is confirmed is what was seen. No two are alike: what Stripe refused to one, it does
        not repeat to the next."""
        about = [self.account.pk, *self.order.as_json().values(), self.at, *self.figures]
        return signing.dumps([secrets.token_urlsafe(6), *about], salt=SALT)

    @property
    def figures(self) -> tuple[int, int, int]:
        return self.due_now, self.credit, self.each_period


class PriceMovedError(AppError):
    def __init__(self, offer: Offer) -> None:
        super().__init__(
            "price_moved", _("The price has moved meanwhile. Nothing was changed; look again."), status=409
        )
        self.offer = offer


def offer_change(chain: Chain, order: Order, *, acting_user: User) -> Offer:
    """Changes nothing. Raises AppError: not an owner, nothing runs, something is owed, too small, no answer."""
    account = read_again(require_account(chain, acting_user))
    _require_changeable(account)
    order.require_fit(usage_of(chain))
    with gateway.asking():
        return _offer(account, order, int(time()))


def make_change(chain: Chain, token: str, *, acting_user: User) -> Account:
    """Does what the offer said, once however often it is sent.

    Raises PriceMovedError where it would cost something else by now, AppError as `offer_change`, and where the payment
    is refused; then nothing has changed.
    """
    account = read_again(require_account(chain, acting_user))
    order, at, figures = _read(token, account)
    _require_changeable(account)
    if order == Order.of(account):
        return account
    order.require_fit(usage_of(chain))
    with gateway.asking():
        offer = _offer(account, order, at)
        if offer.figures != figures:
            raise PriceMovedError(_offer(account, order, int(time())))
        note_asked(account, acting_user, Order.of(account), **order.as_json())
        with gateway.once(f"change-{hashlib.sha256(token.encode()).hexdigest()[:40]}") as options:
            gateway.client().v1.subscriptions.update(account.subscription_id, _update(offer), options)
    return read_again(account)


def next_invoice(chain: Chain, *, acting_user: User) -> stripe.Invoice:
    """As Stripe would make it now. Raises AppError: not an owner, nothing runs, no answer."""
    account = require_account(chain, acting_user)
    subscription = require_running(account)
    with gateway.asking():
        return gateway.client().v1.invoices.create_preview(
            {"customer": account.customer_id or "", "subscription": subscription}
        )


def end_at_period(chain: Chain, *, acting_user: User) -> Account:
    """No further period is paid for. Raises AppError: not an owner, nothing runs, no answer."""
    return _set_end(chain, acting_user, ends=True)


def go_on(chain: Chain, *, acting_user: User) -> Account:
    """Takes the end back. Raises AppError as `end_at_period`."""
    return _set_end(chain, acting_user, ends=False)


def _set_end(chain: Chain, acting_user: User, *, ends: bool) -> Account:
    account = read_again(require_account(chain, acting_user))
    subscription = require_running(account)
    note_asked(account, acting_user, None, ends=ends)
    with gateway.asking():
        gateway.client().v1.subscriptions.update(subscription, {"cancel_at_period_end": ends})
    return read_again(account)


def _require_changeable(account: Account) -> None:
    require_running(account)
    if account.status not in IN_ORDER:
        raise AppError("payment_overdue", _("A payment is open: pay it first, then change the plan."), status=409)
    if account.cancels_at is not None:
        message = _("The subscription is about to end: take that back first, then change it.")
        raise AppError("ends_soon", message, status=409)


def _offer(account: Account, order: Order, at: int) -> Offer:
    items = _items(account, order)
    previews = gateway.client().v1.invoices
    customer = account.customer_id or ""
    # In a trial nothing has been paid yet that could be prorated.
    due: int = 0
    credit = 0
    if account.status != Status.TRIALING:
        params: InvoiceCreatePreviewParams = {
            "customer": customer,
            "subscription": account.subscription_id,
            "subscription_details": {
                "items": items, "proration_behavior": "always_invoice", "proration_date": at
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
    return Offer(account, order, at, due, credit, recurring.total)


def _items(account: Account, order: Order) -> list[Any]:
    """No price where only the number changes: who has an old one, which is no longer sold, keeps it."""
    subscription = gateway.client().v1.subscriptions.retrieve(account.subscription_id)
    item = {"id": subscription["items"].data[0].id, "quantity": order.stores}
    if (account.plan, account.interval) == (order.plan.code, order.interval):
        return [item]
    return [{**item, "price": price_id(order.plan, account.currency, order.interval)}]


def _update(offer: Offer) -> SubscriptionUpdateParams:
    """More is paid at once or not given; less is a credit on the next invoice, but for another interval, with which a
    new period begins, and its invoice at once."""
    params: SubscriptionUpdateParams = {"items": _items(offer.account, offer.order)}
    if offer.account.status == Status.TRIALING:
        return {**params, "proration_behavior": "none"}
    params["proration_date"] = offer.at
    if offer.credit and offer.account.interval == offer.order.interval:
        return {**params, "proration_behavior": "create_prorations"}
    return {**params, "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}


def _read(token: str, account: Account) -> tuple[Order, int, tuple[int, ...]]:
    try:
        _once, pk, plan, interval, stores, at, *figures = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise _stale() from error
    if pk != account.pk:
        raise _stale()
    return Order.parsed(plan, interval, stores), at, tuple(figures)


def _stale() -> AppError:
    message = _("This offer is too old. Nothing was changed; look at the price again.")
    return AppError("offer_stale", message, status=409)
