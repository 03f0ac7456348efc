"""Which address does what, and which parameters it takes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.development.standin import (
    cards,
    catalogue,
    checkout,
    clocks,
    collection,
    coupons,
    customers,
    invoices,
    lists,
    payments,
    portal,
    subscription_changes,
    subscriptions,
)
from deploy.development.standin.object_fields import Json
from deploy.development.standin.params import Params
from deploy.development.standin.state import State

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    takes: frozenset[str]


def _route(method: str, path: str, handler: Handler, takes: str = "") -> Route:
    pattern = re.compile("/v1/" + path.replace("ID", r"([\w.-]+)"))
    paging = lists.PAGING if method == "LIST" else ""
    names = frozenset(f"{takes} {paging} expand".split())
    return Route("GET" if method == "LIST" else method, pattern, handler, names)


def _get(kind: str) -> Handler:
    def retrieve(state: State, params: Params, found: str) -> Json:
        return state.get(kind, found)

    return retrieve


def _pay(state: State, params: Params, found: str) -> Json:
    invoice = state.get("invoice", found)
    named = params.text("payment_method")
    method = state.get("payment_method", named, param="payment_method") if named else None
    return collection.pay(state, invoice, method=method, on_session=not params.flag("off_session", default=True))


def _finalize(state: State, params: Params, found: str) -> Json:
    return invoices.finalize(state, state.get("invoice", found))


def _void(state: State, params: Params, found: str) -> Json:
    return invoices.void(state, state.get("invoice", found))


def _write_off(state: State, params: Params, found: str) -> Json:
    return collection.write_off(state, state.get("invoice", found))


_CUSTOMER = "address balance description email invoice_settings metadata name phone preferred_locales tax_exempt"
_PRICE = "active lookup_key metadata nickname tax_behavior transfer_lookup_key"
_PRODUCT = "active description metadata name statement_descriptor tax_code unit_label url"
_SUBSCRIPTION = """cancel_at cancel_at_period_end cancellation_details default_payment_method description discounts
    items metadata off_session payment_behavior payment_settings proration_behavior trial_end trial_settings"""
_CHECKOUT = """allow_promotion_codes automatic_tax billing_address_collection cancel_url client_reference_id currency
    custom_text customer customer_email customer_update discounts expires_at line_items locale metadata mode
    payment_method_collection payment_method_types saved_payment_method_options subscription_data success_url
    tax_id_collection"""
_CONFIGURATION = "business_profile default_return_url features metadata name login_page"

ROUTES = [
    _route("LIST", "products", lists.listing("product", "active"), "active"),
    _route("POST", "products", catalogue.create_product, f"id {_PRODUCT}"),
    _route("GET", "products/ID", _get("product")),
    _route("POST", "products/ID", catalogue.update_product, f"default_price {_PRODUCT}"),
    _route("LIST", "prices", lists.prices, "active currency product type lookup_keys"),
    _route(
        "POST",
        "prices",
        catalogue.create_price,
        f"billing_scheme currency product product_data recurring tiers tiers_mode unit_amount {_PRICE}",
    ),
    _route("GET", "prices/ID", _get("price")),
    _route("POST", "prices/ID", catalogue.update_price, _PRICE),
    _route("LIST", "customers", lists.customers, "email test_clock"),
    _route("POST", "customers", customers.create, f"payment_method tax_id_data test_clock {_CUSTOMER}"),
    _route("GET", "customers/ID", customers.retrieve),
    _route("POST", "customers/ID", customers.update, _CUSTOMER),
    _route("DELETE", "customers/ID", customers.delete),
    _route("LIST", "customers/ID/tax_ids", lists.tax_ids),
    _route("POST", "customers/ID/tax_ids", customers.create_tax_id, "type value"),
    _route("GET", "customers/ID/tax_ids/ID", customers.tax_id_of),
    _route("DELETE", "customers/ID/tax_ids/ID", customers.delete_tax_id),
    _route(
        "LIST",
        "customers/ID/payment_methods",
        lists.payment_methods,
        "type",
    ),
    _route("LIST", "customers/ID/balance_transactions", lists.balance),
    _route("LIST", "payment_methods", lists.payment_methods, "customer type"),
    _route("POST", "payment_methods", cards.create, "type card billing_details metadata"),
    _route("GET", "payment_methods/ID", _get("payment_method")),
    _route("POST", "payment_methods/ID/attach", cards.attach, "customer"),
    _route("POST", "payment_methods/ID/detach", cards.detach),
    _route("LIST", "coupons", lists.listing("coupon")),
    _route(
        "POST",
        "coupons",
        coupons.create,
        """id percent_off amount_off currency duration duration_in_months max_redemptions metadata name
        redeem_by""",
    ),
    _route("GET", "coupons/ID", _get("coupon")),
    _route("POST", "coupons/ID", coupons.update, "metadata name"),
    _route("DELETE", "coupons/ID", coupons.delete),
    _route(
        "LIST", "promotion_codes", lists.listing("promotion_code", "active", "code", "coupon"), "active code coupon"
    ),
    _route(
        "POST",
        "promotion_codes",
        coupons.create_code,
        "promotion code active customer expires_at max_redemptions metadata restrictions",
    ),
    _route("GET", "promotion_codes/ID", _get("promotion_code")),
    _route("POST", "promotion_codes/ID", coupons.update_code, "active metadata"),
    _route(
        "LIST",
        "checkout/sessions",
        lists.listing("checkout.session", "customer", "status", "subscription"),
        "customer status subscription",
    ),
    _route("POST", "checkout/sessions", checkout.create, _CHECKOUT),
    _route("GET", "checkout/sessions/ID", _get("checkout.session")),
    _route("POST", "checkout/sessions/ID/expire", checkout.expire),
    _route(
        "LIST",
        "billing_portal/configurations",
        lists.listing("billing_portal.configuration", "active", "is_default"),
        "active is_default",
    ),
    _route("POST", "billing_portal/configurations", portal.create_configuration, _CONFIGURATION),
    _route("GET", "billing_portal/configurations/ID", _get("billing_portal.configuration")),
    _route("POST", "billing_portal/configurations/ID", portal.update_configuration, f"active {_CONFIGURATION}"),
    _route(
        "POST", "billing_portal/sessions", portal.create_session, "configuration customer flow_data locale return_url"
    ),
    _route("LIST", "subscriptions", subscriptions.shown, "customer price status"),
    _route(
        "POST",
        "subscriptions",
        subscriptions.create,
        f"billing_mode customer currency collection_method trial_period_days {_SUBSCRIPTION}",
    ),
    _route("GET", "subscriptions/ID", _get("subscription")),
    _route(
        "POST", "subscriptions/ID", subscription_changes.update, f"billing_cycle_anchor proration_date {_SUBSCRIPTION}"
    ),
    _route("DELETE", "subscriptions/ID", subscriptions.cancel, "cancellation_details invoice_now prorate"),
    _route(
        "LIST",
        "invoices",
        lists.listing("invoice", "customer", "status", "subscription"),
        "customer status subscription",
    ),
    _route(
        "POST",
        "invoices/create_preview",
        subscription_changes.preview,
        "automatic_tax currency customer discounts preview_mode subscription subscription_details",
    ),
    _route("GET", "invoices/ID", _get("invoice")),
    _route("LIST", "invoices/ID/lines", lists.invoice_lines),
    _route("POST", "invoices/ID/finalize", _finalize, "auto_advance"),
    _route("POST", "invoices/ID/pay", _pay, "off_session payment_method"),
    _route("POST", "invoices/ID/void", _void),
    _route("POST", "invoices/ID/mark_uncollectible", _write_off),
    _route("LIST", "invoiceitems", lists.invoice_items, "customer invoice pending"),
    _route("LIST", "invoice_payments", lists.invoice_payments, "invoice payment status"),
    _route("GET", "invoice_payments/ID", _get("invoice_payment")),
    _route("LIST", "payment_intents", lists.listing("payment_intent", "customer"), "customer"),
    _route("GET", "payment_intents/ID", _get("payment_intent")),
    _route("LIST", "charges", lists.listing("charge", "customer", "payment_intent"), "customer payment_intent"),
    _route("GET", "charges/ID", _get("charge")),
    _route("LIST", "refunds", lists.listing("refund", "charge", "payment_intent"), "charge payment_intent"),
    _route("POST", "refunds", payments.refund, "amount charge metadata payment_intent reason"),
    _route("GET", "refunds/ID", _get("refund")),
    _route("LIST", "disputes", lists.listing("dispute", "charge", "payment_intent"), "charge payment_intent"),
    _route("GET", "disputes/ID", _get("dispute")),
    _route("LIST", "events", lists.events, "type types"),
    _route("GET", "events/ID", _get("event")),
    _route("LIST", "test_helpers/test_clocks", lists.listing("test_helpers.test_clock")),
    _route("POST", "test_helpers/test_clocks", clocks.create, "frozen_time name"),
    _route("GET", "test_helpers/test_clocks/ID", _get("test_helpers.test_clock")),
    _route("POST", "test_helpers/test_clocks/ID/advance", clocks.advance, "frozen_time"),
    _route("DELETE", "test_helpers/test_clocks/ID", clocks.delete),
]
