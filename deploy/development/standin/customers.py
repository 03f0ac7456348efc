"""Customers, their tax ids and their credit balance."""

import re
import secrets

from deploy.development.standin import cards
from deploy.development.standin.errors import ApiError, missing
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import ADDRESS, Json, blank, new_id
from deploy.development.standin.params import Params
from deploy.development.standin.state import State, now

TAX_ID_TYPES = {
    "cn_tin": r"[0-9A-Z]{15,20}",
    "eu_vat": r"[A-Z]{2}[0-9A-Z]{2,13}",
    "gb_vat": r"GB\d{9}(\d{3})?",
    "us_ein": r"\d{2}-?\d{7}",
    "hk_br": r"\d{8}",
    "sg_uen": r"[0-9A-Z]{9,10}",
    "tw_vat": r"\d{8}",
    "jp_cn": r"\d{13}",
    "ca_bn": r"\d{9}",
    "au_abn": r"\d{11}",
}


def create(state: State, params: Params) -> Json:
    clock = params.text("test_clock")
    if clock:
        state.get("test_helpers.test_clock", clock, param="test_clock")
    customer = blank(
        "customer",
        id=new_id("cus", 14),
        balance=0,
        created=now(state, {"test_clock": clock}),
        delinquent=False,
        invoice_prefix=secrets.token_hex(4).upper(),
        invoice_settings={
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        next_invoice_sequence=1,
        preferred_locales=[],
        tax_exempt="none",
        test_clock=clock,
    )
    state.add(customer)
    if (method := params.text("payment_method")) is not None:
        attached = cards.attach(state, Params({"customer": customer["id"]}), method)
        if params.group("invoice_settings").text("default_payment_method") == method:
            params.group("invoice_settings").tree["default_payment_method"] = attached["id"]
    _set(state, customer, params)
    emit(state, "customer.created", customer)
    for given in params.groups("tax_id_data"):
        create_tax_id(state, given, customer["id"])
    return customer


def update(state: State, params: Params, found: str) -> Json:
    customer = get(state, found)
    _set(state, customer, params)
    emit(state, "customer.updated", customer)
    return customer


def get(state: State, found: str, *, param: str = "customer") -> Json:
    """One that is not deleted."""
    customer = state.get("customer", found, param=param)
    if customer.get("_deleted"):
        raise missing("customer", found, param=param)
    return customer


def _set(state: State, customer: Json, params: Params) -> None:
    for name in ("name", "email", "phone", "description"):
        if name in params:
            customer[name] = params.text(name)
    if "address" in params:
        customer["address"] = read_address(params)
    if "preferred_locales" in params:
        customer["preferred_locales"] = params.texts("preferred_locales")
    if "tax_exempt" in params:
        customer["tax_exempt"] = params.choice("tax_exempt", ("none", "exempt", "reverse"))
    settings = params.group("invoice_settings")
    if "default_payment_method" in settings:
        method = settings.text("default_payment_method")
        if method and state.get("payment_method", method)["customer"] != customer["id"]:
            raise ApiError(
                "The customer does not have this payment method.", param=settings.path("default_payment_method")
            )
        customer["invoice_settings"]["default_payment_method"] = method
    customer["metadata"] = params.metadata(customer["metadata"])
    if "balance" in params:
        change_balance(state, customer, params.need_number("balance") - customer["balance"], "adjustment")


def read_address(params: Params) -> Json | None:
    given = params.group("address")
    return {key: given.text(key) for key in ADDRESS.split()} if given.tree else None


def delete(state: State, params: Params, found: str) -> Json:
    """Its subscriptions end at once; what was paid stays."""
    from deploy.development.standin.subscriptions import end

    customer = get(state, found)
    for subscription in state.where("subscription", customer=found):
        if subscription["ended_at"] is None:
            end(state, subscription, reason="cancellation_requested")
    customer["_deleted"] = True
    emit(state, "customer.deleted", customer)
    return {"id": found, "object": "customer", "deleted": True}


def retrieve(state: State, params: Params, found: str) -> Json:
    customer = state.get("customer", found)
    return {"id": found, "object": "customer", "deleted": True} if customer.get("_deleted") else customer


def change_balance(
    state: State, customer: Json, amount: int, kind: str, *, invoice: str | None = None, currency: str | None = None
) -> None:
    """Negative is credit."""
    if amount == 0:
        return
    customer["balance"] += amount
    state.add(
        blank(
            "customer_balance_transaction",
            id=new_id("cbtxn"),
            amount=amount,
            created=now(state, customer),
            currency=customer["currency"] or currency or "usd",
            customer=customer["id"],
            ending_balance=customer["balance"],
            invoice=invoice,
            type=kind,
        )
    )


def create_tax_id(state: State, params: Params, found: str) -> Json:
    customer = get(state, found)
    kind, value = params.need("type"), params.need("value")
    if kind not in TAX_ID_TYPES:
        raise ApiError(f"Invalid type: the stand-in knows {', '.join(TAX_ID_TYPES)}", param="type")
    if not re.fullmatch(TAX_ID_TYPES[kind], value):
        raise ApiError(f"Invalid value for {kind}.", code="tax_id_invalid", param="value")
    tax_id = blank(
        "tax_id",
        id=new_id("txi"),
        country=value[:2] if kind == "eu_vat" else kind[:2].upper(),
        created=now(state, customer),
        customer=found,
        owner={"customer": found, "type": "customer", "customer_account": None},
        type=kind,
        value=value,
        verification={
            "status": "pending" if kind == "eu_vat" else "unavailable",
            "verified_address": None,
            "verified_name": None,
        },
    )
    state.add(tax_id)
    emit(state, "customer.tax_id.created", tax_id)
    return tax_id


def tax_id_of(state: State, params: Params, customer: str, found: str) -> Json:
    tax_id = state.get("tax_id", found)
    if tax_id["customer"] != customer:
        raise missing("tax_id", found)
    return tax_id


def delete_tax_id(state: State, params: Params, customer: str, found: str) -> Json:
    tax_id = tax_id_of(state, params, customer, found)
    state.remove(tax_id)
    emit(state, "customer.tax_id.deleted", tax_id)
    return {"id": found, "object": "tax_id", "deleted": True}


def fix_currency(customer: Json, currency: str) -> None:
    """A customer keeps the currency of the first subscription."""
    if customer["currency"] not in {None, currency}:
        message = (
            "You cannot combine currencies on a single customer. This customer has had a subscription, "
            f"coupon, or invoice item with currency {customer['currency']}."
        )
        raise ApiError(message)
    customer["currency"] = currency
