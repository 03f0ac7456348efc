"""The first payment: Stripe's own page takes it, and one such page at most is open for an account."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import stripe
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from stripe.params import CustomerCreateParams
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsSubscriptionData

from billing import gateway
from billing.catalogue import price_id
from billing.models import Account
from billing.orders import Order
from billing.plans import CURRENCIES
from billing.services.access import UNPAID_YET
from billing.services.owners import RUNNING, note_asked, read_again, require_account
from billing.usage import usage_of
from core.accounts.models import User
from core.shared.errors import AppError
from tenants.models import Chain
from tenants.postgresql_backend.platform import as_platform

# Stripe takes no trial that ends within 48 hours; some minutes for the way there.
SHORTEST_TRIAL = timedelta(hours=48, minutes=5)


@dataclass(frozen=True)
class Ways:
    """Where Stripe's page leads to."""

    paid: str
    given_up: str


def begin_checkout(chain: Chain, order: Order, *, currency: str, ways: Ways, acting_user: User) -> str:
    """Gives the address of Stripe's page.

    Raises AppError: not an owner, a subscription runs already, the plan is too small, Stripe does not answer.
    """
    account = read_again(require_account(chain, acting_user))
    _refuse_second(account)
    order.require_fit(usage_of(chain))
    currency = account.currency or currency
    if currency not in CURRENCIES:
        raise AppError("unknown_currency", _("Choose one of the currencies listed."), field="currency")
    note_asked(account, acting_user, None, **order.as_json(), currency=currency)
    with gateway.asking():
        _ensure_customer(account, acting_user)
        first = first_payment_at(account)
        wanted = {**order.as_json(), "currency": currency, "free_until": first and int(first.timestamp())}
        return _open_page(account, wanted) or _new_page(account, _params(account, order, wanted, ways))


def first_payment_at(account: Account) -> datetime | None:
    """Of a subscription that begins now: at the end of the trial, or of what was paid for before; None: at once."""
    free_until = account.trial_ends_at if account.status in UNPAID_YET else account.ended_at
    return free_until if free_until is not None and free_until > timezone.now() + SHORTEST_TRIAL else None


def portal(chain: Chain, *, back: str, acting_user: User) -> str:
    """The address of Stripe's page for card, billing address, tax ids and invoices. Raises AppError."""
    account = require_account(chain, acting_user)
    if account.customer_id is None:
        raise AppError("no_subscription", _("There is no subscription yet: choose a plan first."), status=409)
    note_asked(account, acting_user, None, portal=True)
    with gateway.asking():
        made = gateway.client().v1.billing_portal.sessions.create(
            {"customer": account.customer_id, "return_url": back, "locale": _locale()}
        )
    return made.url


def _refuse_second(account: Account) -> None:
    if account.status in RUNNING:
        message = _("There is a subscription already. You can change it under “Plan and billing”.")
        raise AppError("already_subscribed", message, status=409)
    if account.status == Account.Status.INCOMPLETE:
        message = _("The first payment is under way. This page shows it as soon as it has come.")
        raise AppError("payment_under_way", message, status=409)


def _ensure_customer(account: Account, owner: User) -> None:
    """Asked for twice at once, Stripe makes one; an answer that was lost is given again."""
    if account.customer_id is not None:
        return
    params: CustomerCreateParams = {
        "name": account.chain.name,
        "email": owner.email,
        "preferred_locales": [_locale()],
        "metadata": {"chain": account.chain.schema_name, "account": str(account.pk)},
    }
    key = _key("customer", account, params, str(account.read_at))
    with gateway.once(key) as options:
        made = gateway.client().v1.customers.create(params, options)
    with as_platform():
        Account.objects.filter(pk=account.pk, customer_id=None).update(customer_id=made.id)
        account.refresh_from_db(fields=["customer_id"])


def _open_page(account: Account, wanted: Mapping[str, Any]) -> str:
    """Of the page that is open for the same order; one for another order is closed. Nothing where none is open."""
    if not account.checkout_id:
        return ""
    sessions = gateway.client().v1.checkout.sessions
    found = sessions.retrieve(account.checkout_id)
    if found.status != "open":
        return ""
    if found.metadata is not None and found.metadata["order"] == _as_text(wanted):
        return found.url or ""
    try:
        sessions.expire(account.checkout_id)
    except stripe.InvalidRequestError:
        # Paid at this very moment.
        _refuse_second(read_again(account))
        raise
    return ""


def _new_page(account: Account, params: SessionCreateParams) -> str:
    """Of several made at once, the first that is kept is the one that everyone is led to."""
    sessions, before = gateway.client().v1.checkout.sessions, account.checkout_id
    with gateway.once(_key("checkout", account, params, before)) as options:
        made = sessions.create(params, options)
    with as_platform():
        Account.objects.filter(pk=account.pk, checkout_id=before).update(checkout_id=made.id)
        account.refresh_from_db(fields=["checkout_id"])
    if account.checkout_id == made.id:
        return made.url or ""
    sessions.expire(made.id)
    return sessions.retrieve(account.checkout_id).url or ""


def _params(account: Account, order: Order, wanted: Mapping[str, Any], ways: Ways) -> SessionCreateParams:
    """Without a list of payment methods Stripe offers those that fit the country and the currency."""
    subscription: SessionCreateParamsSubscriptionData = {
        # Stripe's default of now prorates otherwise, and there is no way back from it.
        "billing_mode": {"type": "classic"},
        "metadata": {"chain": account.chain.schema_name},
    }
    if wanted["free_until"] is not None:
        subscription["trial_end"] = wanted["free_until"]
    return {
        "mode": "subscription",
        "customer": cast("str", account.customer_id),
        "client_reference_id": account.chain.schema_name,
        "line_items": [{"price": price_id(order.plan, wanted["currency"], order.interval), "quantity": order.stores}],
        "subscription_data": subscription,
        "metadata": {"order": _as_text(wanted)},
        "allow_promotion_codes": True,
        "billing_address_collection": "required",
        "tax_id_collection": {"enabled": True},
        "customer_update": {"address": "auto", "name": "auto"},
        "locale": _locale(),
        "success_url": ways.paid,
        "cancel_url": ways.given_up,
    }


def _locale() -> Any:
    return "zh" if (get_language() or "").startswith("zh") else "en"


def _as_text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _key(what: str, account: Account, *parts: object) -> str:
    """The same for the same wish of the same account."""
    digest = hashlib.sha256(_as_text([account.chain.schema_name, account.pk, account.created_at, *parts]).encode())
    return f"{what}-{digest.hexdigest()[:40]}"
