"""Checkout sessions: made by the application, paid on a page (`checkout_page`) by a customer."""

from dataclasses import dataclass
from typing import Any

from deploy.development.standin import cards, coupons, customers
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import ADDRESS, Json, blank, new_id
from deploy.development.standin.params import Params
from deploy.development.standin.periods import DAY
from deploy.development.standin.state import State, now
from deploy.development.standin.subscription_changes import next_invoice
from deploy.development.standin.subscriptions import begin, price_for, require_classic, trial_end


def create(state: State, params: Params) -> Json:
    if params.choice("mode", ("subscription",)) and "mode" not in params:
        params.need("mode")
    named = params.text("customer")
    customer = customers.get(state, named) if named else None
    lines = [
        {"price": price_for(state, group)["id"], "quantity": group.number("quantity") or 1}
        for group in params.groups("line_items")
    ]
    if not lines:
        raise ApiError("You must pass line_items.", code="parameter_missing", param="line_items")
    currency = state.get("price", lines[0]["price"])["currency"]
    if customer and customer["currency"] not in {None, currency}:
        customers.fix_currency(customer, currency)
    session = _bare(state, params, customer, currency)
    data = params.group("subscription_data")
    require_classic(data)
    session["_subscription"] = {
        "lines": lines,
        "trial_end": trial_end(data, session["created"]),
        "metadata": data.metadata(),
        "missing": data.group("trial_settings").group("end_behavior").text("missing_payment_method"),
        "discount": [group.tree for group in params.groups("discounts")],
    }
    _total(state, session)
    return state.add(session)


def _bare(state: State, params: Params, customer: Json | None, currency: str) -> Json:
    moment = now(state)
    expires = params.number("expires_at") or moment + DAY
    if not moment + 1800 - 60 <= expires <= moment + DAY + 60:
        message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
        raise ApiError(message, param="expires_at", code="parameter_invalid")
    if params.flag("allow_promotion_codes") and "discounts" in params:
        raise ApiError("You may only specify one of these parameters: allow_promotion_codes, discounts.")
    updates = params.group("customer_update")
    if params.group("tax_id_collection").flag("enabled") and customer and updates.text("name") != "auto":
        message = (
            "Tax ID collection requires updating business name on the customer: set customer_update[name] to auto."
        )
        raise ApiError(message, param="customer_update[name]")
    found = f"cs_test_{new_id('a', 56)[2:]}"
    kinds = params.texts("payment_method_types") or ["card", *(cards.WALLETS if currency == "cny" else ())]
    return blank(
        "checkout.session",
        id=found,
        allow_promotion_codes=params.flag("allow_promotion_codes") or None,
        automatic_tax={"enabled": False, "liability": None, "status": None, "provider": None},
        billing_address_collection=params.text("billing_address_collection"),
        cancel_url=params.text("cancel_url"),
        client_reference_id=params.text("client_reference_id"),
        created=moment,
        currency=currency,
        custom_fields=[],
        custom_text=dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        customer=customer["id"] if customer else None,
        customer_creation=None if customer else "always",
        customer_email=params.text("customer_email"),
        discounts=[],
        expires_at=expires,
        locale=params.text("locale"),
        metadata=params.metadata(),
        mode="subscription",
        payment_method_collection=params.choice("payment_method_collection", ("always", "if_required")),
        payment_method_options={},
        payment_method_types=kinds,
        payment_status="unpaid",
        phone_number_collection={"enabled": False},
        shipping_options=[],
        status="open",
        success_url=params.need("success_url"),
        ui_mode="hosted",
        url=f"{state.address}/c/pay/{found}",
        _takes_tax_id=params.group("tax_id_collection").flag("enabled"),
        _updates=[name for name in ("name", "address") if updates.text(name) == "auto"],
        _waiting=None,
    )


def _begin(state: State, session: Json, customer: Json, **known: Any) -> Json:
    wish = session["_subscription"]
    wanted = [(state.get("price", line["price"]), line["quantity"]) for line in wish["lines"]]
    end = wish["trial_end"]
    return begin(
        state,
        customer,
        wanted,
        trial_end=end if end and end > now(state, customer) else None,
        metadata=wish["metadata"],
        discounts=[Params(tree) for tree in wish["discount"]],
        missing_method=wish["missing"],
        **known,
    )


@dataclass(frozen=True)
class Quote:
    """What is paid today and, with every period, later."""

    invoice: Json
    later: int
    interval: str
    starts: int


def quote(state: State, session: Json) -> Quote:
    """Worked out by beginning the subscription and taking that back."""
    with state.undone():
        customer = state.find(session["customer"]) or customers.create(state, Params({}))
        subscription = _begin(state, session, customer, behavior="default_incomplete")
        invoice = dict(state.get("invoice", subscription["latest_invoice"]))
        later = next_invoice(state, subscription)["total"]
        item = subscription["items"]["data"][0]
        starts = invoice["lines"]["data"][0]["period"]["end"]
        return Quote(invoice, later, item["price"]["recurring"]["interval"], starts)


def _total(state: State, session: Json) -> None:
    invoice = quote(state, session).invoice
    off = sum(part["amount"] for part in invoice["total_discount_amounts"])
    session.update(
        amount_subtotal=invoice["subtotal"],
        amount_total=invoice["total"],
        total_details={"amount_discount": off, "amount_shipping": 0, "amount_tax": 0},
    )


def use_code(state: State, session: Json, text: str) -> None:
    """A promotion code somebody typed; an empty one takes it off."""
    if text.strip():
        code = coupons.code_typed(state, text, state.find(session["customer"]))
        session["_subscription"]["discount"] = [{"promotion_code": code["id"]}]
        session["discounts"] = [{"coupon": None, "promotion_code": code["id"]}]
    else:
        session["_subscription"]["discount"], session["discounts"] = [], []
    _total(state, session)


@dataclass(frozen=True)
class Payer:
    """What the page asks for. `method` is a card's number or a wallet's name."""

    method: str
    name: str
    email: str
    address: Json
    tax_type: str = ""
    tax_id: str = ""
    fails: bool = False


def needs_authentication(payer: Payer) -> bool:
    return payer.method not in cards.WALLETS and bool(cards.card_of(payer.method).authentication)


def complete(state: State, session: Json, payer: Payer, *, authenticated: bool = False) -> Json:
    """Pay a session. Raises ApiError where the payment is refused, and then nothing has happened."""
    if session["status"] != "open":
        raise ApiError("This session is no longer open.")
    customer = state.find(session["customer"]) or customers.create(state, Params({"email": payer.email}))
    _update_customer(state, session, customer, payer)
    method = _method(state, payer) if payer.method else None
    if method is not None:
        method["_known"] = authenticated
        cards.attach_to(state, method, customer)
    subscription = _begin(
        state,
        session,
        customer,
        method=method["id"] if method else None,
        behavior="error_if_incomplete",
        on_session=True,
    )
    invoice = state.get("invoice", subscription["latest_invoice"])
    session.update(
        customer=customer["id"],
        customer_details=_details(state, customer, payer),
        invoice=invoice["id"],
        payment_status="paid" if invoice["amount_paid"] else "no_payment_required",
        status="complete",
        subscription=subscription["id"],
        url=None,
        _waiting=None,
    )
    emit(state, "checkout.session.completed", session)
    return session


def _method(state: State, payer: Payer) -> Json:
    if payer.method in cards.WALLETS:
        return cards.make_wallet(state, payer.method, fails=payer.fails)
    return cards.make_card(state, payer.method, name=payer.name, address=payer.address)


def _update_customer(state: State, session: Json, customer: Json, payer: Payer) -> None:
    new = session["customer"] is None
    if new or "name" in session["_updates"]:
        customer["name"] = payer.name or customer["name"]
    if new or "address" in session["_updates"]:
        customer["address"] = payer.address
    if payer.tax_id and session["_takes_tax_id"]:
        customers.create_tax_id(state, Params({"type": payer.tax_type, "value": payer.tax_id}), customer["id"])
    emit(state, "customer.updated", customer)


def _details(state: State, customer: Json, payer: Payer) -> Json:
    return blank(
        "checkout.customer_details",
        address=payer.address or dict.fromkeys(ADDRESS.split()),
        email=customer["email"] or payer.email,
        name=payer.name,
        phone=customer["phone"],
        tax_exempt="none",
        tax_ids=[
            {"type": tax_id["type"], "value": tax_id["value"]}
            for tax_id in state.seen("tax_id")
            if tax_id["customer"] == customer["id"]
        ],
    )


def expire(state: State, params: Params, found: str) -> Json:
    session = state.get("checkout.session", found)
    if session["status"] != "open":
        message = f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.'
        raise ApiError(message)
    return expire_now(state, session)


def expire_now(state: State, session: Json) -> Json:
    session.update(status="expired", url=None, _waiting=None)
    emit(state, "checkout.session.expired", session)
    return session
