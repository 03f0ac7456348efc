"""The test cards and what each does, and payment methods made of them."""

from dataclasses import dataclass
from typing import Any

from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import ADDRESS, Json, blank, new_id
from deploy.development.standin.params import Params
from deploy.development.standin.state import State, now

WALLETS = {"alipay": "Alipay", "wechat_pay": "WeChat Pay"}


@dataclass(frozen=True)
class Card:
    """`refused`: at once, as a code; `fails`: it is taken, and every charge of it fails."""

    brand: str = "visa"
    country: str = "US"
    refused: str = ""
    fails: bool = False
    # "setup": asks once, then is known; "always": asks for each payment.
    authentication: str = ""
    disputed: bool = False


CARDS = {
    "4242424242424242": Card(),
    "4000001560000002": Card(country="CN"),
    "5555555555554444": Card("mastercard"),
    "378282246310005": Card("amex"),
    "6200000000000005": Card("unionpay", "CN"),
    "4000000000000002": Card(refused="generic_decline"),
    "4000000000009995": Card(refused="insufficient_funds"),
    "4000000000000069": Card(refused="expired_card"),
    "4000000000000127": Card(refused="incorrect_cvc"),
    "4000000000000119": Card(refused="processing_error"),
    "4000000000000341": Card(fails=True),
    "4000002500003155": Card(authentication="setup"),
    "4000002760003184": Card(authentication="always"),
    "4000000000000259": Card(disputed=True),
}
# Stripe's names for them, by which tests attach one without a page.
_TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_cn": "4000001560000002",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_createDispute": "4000000000000259",
}
_REFUSALS = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "authentication_required": ("authentication_required", "Your card was declined. It needs authentication."),
}


def refusal(reason: str, *, keep: bool = False, **extra: Any) -> ApiError:
    code, message = _REFUSALS[reason]
    decline = reason if code == "card_declined" else None
    return ApiError(message, status=402, kind="card_error", code=code, decline_code=decline, keep=keep, **extra)


def card_of(number: str) -> Card:
    """Raises ApiError where it is none of the test cards."""
    found = CARDS.get(number.replace(" ", ""))
    if found is None:
        message = (
            "Your card number is incorrect. This is a stand-in: only test cards are taken, such as 4242 4242 4242 4242."
        )
        raise ApiError(message, status=402, kind="card_error", code="incorrect_number", param="number")
    return found


def make_card(state: State, number: str, *, name: str | None = None, address: Json | None = None) -> Json:
    """A payment method that belongs to nobody yet."""
    number = number.replace(" ", "")
    card = card_of(number)
    details = blank(
        "payment_method.card",
        brand=card.brand,
        checks={"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        country=card.country,
        display_brand=card.brand,
        exp_month=12,
        exp_year=2040,
        fingerprint=f"standin{number[-8:]}",
        funding="credit",
        last4=number[-4:],
        networks={"available": [card.brand], "preferred": None},
        three_d_secure_usage={"supported": True},
    )
    return _make(state, "card", details, number, name=name, address=address)


def make_wallet(state: State, kind: str, *, fails: bool = False) -> Json:
    return _make(state, kind, {}, "4000000000000341" if fails else "4242424242424242")


def _make(
    state: State, kind: str, details: Json, number: str, *, name: str | None = None, address: Json | None = None
) -> Json:
    billing = blank("billing_details", name=name, address=address or dict.fromkeys(ADDRESS.split()))
    method = blank(
        "payment_method", id=new_id("pm"), allow_redisplay="limited", billing_details=billing, created=now(state)
    )
    if kind != "card":
        del method["card"]
    method.update({"type": kind, kind: details, "_number": number, "_known": False})
    return state.add(method)


def create(state: State, params: Params) -> Json:
    kind = params.choice("type", ("card", *WALLETS))
    if kind != "card":
        return make_wallet(state, kind)
    billing = params.group("billing_details")
    address = {key: billing.group("address").text(key) for key in ADDRESS.split()}
    return make_card(state, params.group("card").need("number"), name=billing.text("name"), address=address)


def attach(state: State, params: Params, found: str) -> Json:
    """`found` may be one of Stripe's test names, which stand for a new card each time."""
    customer = state.get("customer", params.need("customer"), param="customer")
    method = make_card(state, _TOKENS[found]) if found in _TOKENS else state.get("payment_method", found)
    return attach_to(state, method, customer)


def attach_to(state: State, method: Json, customer: Json) -> Json:
    card = CARDS[method["_number"]]
    if card.refused:
        raise refusal(card.refused)
    if method["customer"] not in {None, customer["id"]}:
        raise ApiError("The payment method is attached to another customer.", code="payment_method_unexpected_state")
    if method["customer"] is None:
        method["customer"] = customer["id"]
        emit(state, "payment_method.attached", method)
    return method


def detach(state: State, params: Params, found: str) -> Json:
    method = state.get("payment_method", found)
    if method["customer"] is None:
        raise ApiError("The payment method is not attached to a customer.", code="payment_method_unexpected_state")
    owner = state.find(method["customer"])
    if owner and owner["invoice_settings"]["default_payment_method"] == found:
        owner["invoice_settings"]["default_payment_method"] = None
    for subscription in state.where("subscription", default_payment_method=found):
        subscription["default_payment_method"] = None
    method["customer"] = None
    emit(state, "payment_method.detached", method)
    return method


def outcome(method: Json, *, on_session: bool) -> str:
    """Of a charge: empty where it succeeds, else why it does not. Someone present can authenticate first."""
    card = CARDS[method["_number"]]
    if card.refused:
        return card.refused
    if card.fails:
        return "generic_decline"
    asks = card.authentication == "always" or (card.authentication == "setup" and not method["_known"])
    return "authentication_required" if asks and not on_session else ""
