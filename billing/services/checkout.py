"""Checkout: the first payment on Stripe's own page, with at most one open session per account."""

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
from billing.models import Account
from billing.orders import Order
from billing.plans import CURRENCIES
from billing.services.access import BEFORE_FIRST_PAYMENT
from billing.services.account_guards import record_request, refresh_from_stripe, require_account
from billing.stripe_catalogue import find_price_id
from billing.usage import get_usage
from core.accounts.models import User
from core.shared.chain import outside_chain
from core.shared.errors import AppError
from tenants.models import Chain

# Stripe refuses a trial that ends within 48 hours; a few minutes allow for the time on its page.
MIN_TRIAL = timedelta(hours=48, minutes=5)


@dataclass(frozen=True)
class ReturnUrls:
    """Where Stripe's page sends the customer back to."""

    success: str
    cancel: str


def start_checkout(chain: Chain, order: Order, *, currency: str, return_urls: ReturnUrls, acting_user: User) -> str:
    """Return the URL of Stripe's checkout page, reusing an open session for the same order.

    Raises AppError: not an owner, already subscribed, plan too small, Stripe unavailable.
    """
    account = refresh_from_stripe(require_account(chain, acting_user))
    _require_no_subscription(account)
    order.require_fit(get_usage(chain))
    currency = account.currency or currency
    if currency not in CURRENCIES:
        raise AppError("unknown_currency", _("Choose one of the currencies listed."), field="currency")
    record_request(account, acting_user, None, **order.as_json(), currency=currency)
    with gateway.app_errors_for_stripe():
        _ensure_customer(account, acting_user)
        first = first_payment_at(account)
        terms = {**order.as_json(), "currency": currency, "free_until": first and int(first.timestamp())}
        return _reuse_open_session(account, terms) or _create_session(
            account, _session_params(account, order, terms, return_urls)
        )


def first_payment_at(account: Account) -> datetime | None:
    """Return when a new subscription is first charged: after the trial or the period already paid; None: at once."""
    free_until = account.trial_ends_at if account.status in BEFORE_FIRST_PAYMENT else account.ended_at
    return free_until if free_until is not None and free_until > timezone.now() + MIN_TRIAL else None


def create_portal_session(chain: Chain, *, back: str, acting_user: User) -> str:
    """Return the URL of Stripe's customer portal (card, billing address, tax ids, invoices). Raises AppError."""
    account = require_account(chain, acting_user)
    if account.customer_id is None:
        raise AppError("no_subscription", _("There is no subscription yet: choose a plan first."), status=409)
    record_request(account, acting_user, None, portal=True)
    with gateway.app_errors_for_stripe():
        session = gateway.client().v1.billing_portal.sessions.create(
            {"customer": account.customer_id, "return_url": back, "locale": _locale()}
        )
    return session.url


def _require_no_subscription(account: Account) -> None:
    if account.status in Account.RUNNING:
        message = _("There is a subscription already. You can change it under “Plan and billing”.")
        raise AppError("already_subscribed", message, status=409)
    if account.status == Account.Status.INCOMPLETE:
        message = _("The first payment is under way. This page shows it as soon as it has come.")
        raise AppError("payment_under_way", message, status=409)


def _ensure_customer(account: Account, owner: User) -> None:
    """Create the Stripe customer if there is none; the idempotency key makes concurrent calls create one only."""
    if account.customer_id is not None:
        return
    params: CustomerCreateParams = {
        "name": account.chain.name,
        "email": owner.email,
        "preferred_locales": [_locale()],
        "metadata": {"chain": account.chain.schema_name, "account": str(account.pk)},
    }
    key = _idempotency_key("customer", account, params, str(account.read_at))
    with gateway.idempotent(key) as options:
        customer = gateway.client().v1.customers.create(params, options)
    with outside_chain():
        Account.objects.filter(pk=account.pk, customer_id=None).update(customer_id=customer.id)
        account.refresh_from_db(fields=["customer_id"])


def _reuse_open_session(account: Account, terms: Mapping[str, Any]) -> str:
    """Return the URL of an open session for the same terms, else ''; a session for other terms is expired."""
    if not account.checkout_id:
        return ""
    sessions = gateway.client().v1.checkout.sessions
    session = sessions.retrieve(account.checkout_id)
    if session.status != "open":
        return ""
    if session.metadata is not None and session.metadata["order"] == _canonical_json(terms):
        return session.url or ""
    try:
        sessions.expire(account.checkout_id)
    except stripe.InvalidRequestError:
        # The session was paid at this very moment.
        _require_no_subscription(refresh_from_stripe(account))
        raise
    return ""


def _create_session(account: Account, params: SessionCreateParams) -> str:
    """Create a session and return its URL; of several created at once, the first one saved wins."""
    sessions, previous_id = gateway.client().v1.checkout.sessions, account.checkout_id
    with gateway.idempotent(_idempotency_key("checkout", account, params, previous_id)) as options:
        session = sessions.create(params, options)
    with outside_chain():
        Account.objects.filter(pk=account.pk, checkout_id=previous_id).update(checkout_id=session.id)
        account.refresh_from_db(fields=["checkout_id"])
    if account.checkout_id == session.id:
        return session.url or ""
    sessions.expire(session.id)
    return sessions.retrieve(account.checkout_id).url or ""


def _session_params(
    account: Account, order: Order, terms: Mapping[str, Any], return_urls: ReturnUrls
) -> SessionCreateParams:
    """Return the session's parameters. No payment methods: Stripe offers those that fit country and currency."""
    subscription: SessionCreateParamsSubscriptionData = {
        # Stripe's new default, `flexible`, prorates differently and cannot be undone.
        "billing_mode": {"type": "classic"},
        "metadata": {"chain": account.chain.schema_name},
    }
    if terms["free_until"] is not None:
        subscription["trial_end"] = terms["free_until"]
    return {
        "mode": "subscription",
        "customer": cast("str", account.customer_id),
        "client_reference_id": account.chain.schema_name,
        "line_items": [
            {"price": find_price_id(order.plan, terms["currency"], order.interval), "quantity": order.stores}
        ],
        "subscription_data": subscription,
        "metadata": {"order": _canonical_json(terms)},
        "allow_promotion_codes": True,
        "billing_address_collection": "required",
        "tax_id_collection": {"enabled": True},
        "customer_update": {"address": "auto", "name": "auto"},
        "locale": _locale(),
        "success_url": return_urls.success,
        "cancel_url": return_urls.cancel,
    }


def _locale() -> Any:
    return "zh" if (get_language() or "").startswith("zh") else "en"


def _canonical_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _idempotency_key(prefix: str, account: Account, *parts: object) -> str:
    """Return a key that is the same for the same request of the same account."""
    digest = hashlib.sha256(
        _canonical_json([account.chain.schema_name, account.pk, account.created_at, *parts]).encode()
    )
    return f"{prefix}-{digest.hexdigest()[:40]}"
