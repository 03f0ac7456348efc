"""Payment intents and the charges they try; refunds and disputes."""

from deploy.development.standin import cards
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import Json, blank, listed, new_id
from deploy.development.standin.params import Params
from deploy.development.standin.periods import DAY
from deploy.development.standin.state import State, now


def open_intent(state: State, invoice: Json) -> Json:
    """The intent an invoice is to be paid by, and the row that ties them."""
    found = new_id("pi")
    intent = blank(
        "payment_intent",
        id=found,
        amount=invoice["amount_due"],
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        capture_method="automatic",
        client_secret=f"{found}_secret_{new_id('s')[2:]}",
        confirmation_method="automatic",
        created=now(state, invoice["customer"]),
        currency=invoice["currency"],
        customer=invoice["customer"],
        description="Subscription creation"
        if invoice["billing_reason"] == "subscription_create"
        else "Subscription update",
        payment_method_options={},
        payment_method_types=["card"],
        setup_future_usage="off_session",
        status="requires_payment_method",
    )
    state.add(intent)
    emit(state, "payment_intent.created", intent)
    payment = blank(
        "invoice_payment",
        id=new_id("inpay"),
        amount_requested=invoice["amount_due"],
        created=intent["created"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": found},
        status="open",
        status_transitions={"canceled_at": None, "paid_at": None},
    )
    state.add(payment)
    return intent


def payment_of(state: State, invoice: Json) -> Json | None:
    found = state.where("invoice_payment", invoice=invoice["id"])
    return found[-1] if found else None


def intent_of(state: State, invoice: Json) -> Json | None:
    payment = payment_of(state, invoice)
    return state.find(payment["payment"]["payment_intent"]) if payment else None


def attempt(state: State, intent: Json, method: Json, *, on_session: bool) -> str:
    """Charge it: empty where it is paid, else why not."""
    reason = cards.outcome(method, on_session=on_session)
    intent["payment_method"] = method["id"]
    intent["payment_method_types"] = [method["type"]]
    if reason == "authentication_required":
        intent["status"] = "requires_action"
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
        emit(state, "payment_intent.requires_action", intent)
        return reason
    charge = _charge(state, intent, method, reason)
    intent.update(latest_charge=charge["id"], next_action=None)
    if reason:
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {**cards.refusal(reason).body["error"], "charge": charge["id"]}
        emit(state, "charge.failed", charge)
        emit(state, "payment_intent.payment_failed", intent)
        return reason
    intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    if on_session:
        method["_known"] = True
    emit(state, "charge.succeeded", charge)
    emit(state, "payment_intent.succeeded", intent)
    if cards.CARDS[method["_number"]].disputed:
        dispute(state, charge, "fraudulent")
    return ""


def _charge(state: State, intent: Json, method: Json, reason: str) -> Json:
    paid = not reason
    moment = now(state, intent["customer"])
    error = cards.refusal(reason).body["error"] if reason else {}
    charge = blank(
        "charge",
        id=new_id("ch"),
        amount=intent["amount"],
        amount_captured=intent["amount"] if paid else 0,
        amount_refunded=0,
        balance_transaction=new_id("txn") if paid else None,
        billing_details=method["billing_details"],
        captured=paid,
        created=moment,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_code=error.get("code"),
        failure_message=error.get("message"),
        fraud_details={},
        outcome=blank(
            "charge.outcome",
            network_status="approved_by_network" if paid else "declined_by_network",
            reason=reason or None,
            seller_message="Payment complete." if paid else "The bank declined.",
            type="authorized" if paid else "issuer_declined",
        ),
        paid=paid,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=_details(method, intent["amount"]),
        receipt_url=f"{state.address}/receipts/{intent['id']}" if paid else None,
        refunded=False,
        status="succeeded" if paid else "failed",
    )
    return state.add(charge)


def _details(method: Json, amount: int) -> Json:
    if method["type"] != "card":
        return {"type": method["type"], method["type"]: {}}
    same = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    card = blank("charge.card", **{key: method["card"][key] for key in same}, amount_authorized=amount)
    return {"type": "card", "card": {**card, "network": method["card"]["brand"]}}


def cancel_intent(state: State, invoice: Json) -> None:
    """Of an invoice that will not be paid any more."""
    payment, intent = payment_of(state, invoice), intent_of(state, invoice)
    if payment is None or intent is None or intent["status"] in {"succeeded", "canceled"}:
        return
    moment = now(state, invoice["customer"])
    intent.update(status="canceled", canceled_at=moment, cancellation_reason="void_invoice", next_action=None)
    payment.update(status="canceled")
    payment["status_transitions"]["canceled_at"] = moment
    emit(state, "payment_intent.canceled", intent)


def refund(state: State, params: Params) -> Json:
    """All that is left of a charge, or a part of it."""
    named = params.text("payment_intent")
    if named is not None:
        intent = state.get("payment_intent", named, param="payment_intent")
        charge = state.get("charge", intent["latest_charge"] or "", param="payment_intent")
    else:
        charge = state.get("charge", params.need("charge"), param="charge")
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = left if params.number("amount") is None else params.need_number("amount")
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["disputed"]:
        raise ApiError("A disputed charge cannot be refunded.", code="charge_disputed")
    if not 0 < amount <= left:
        raise ApiError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", param="amount"
        )
    made = blank(
        "refund",
        id=new_id("re"),
        amount=amount,
        balance_transaction=new_id("txn"),
        charge=charge["id"],
        created=now(state, charge["customer"]),
        currency=charge["currency"],
        destination_details={"card": {"type": "refund"}, "type": "card"},
        metadata=params.metadata(),
        payment_intent=charge["payment_intent"],
        reason=params.text("reason"),
        status="succeeded",
        customer=charge["customer"],
        payment_method=charge["payment_method"],
    )
    state.add(made)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    emit(state, "refund.created", made)
    emit(state, "charge.refunded", charge)
    emit(state, "charge.refund.updated", made)
    return made


def refunds_of(state: State, charge: Json) -> Json:
    found = [refund for refund in state.seen("refund") if refund["charge"] == charge["id"]]
    return listed(found[::-1], f"/v1/charges/{charge['id']}/refunds")


def dispute(state: State, charge: Json, reason: str) -> Json:
    """Somebody told the bank that they did not want to pay: the money is taken back until it is settled."""
    if charge["disputed"]:
        raise ApiError("The charge is disputed already.")
    moment = now(state, charge["customer"])
    made = blank(
        "dispute",
        id=new_id("du"),
        amount=charge["amount_captured"],
        balance_transactions=[],
        charge=charge["id"],
        created=moment,
        currency=charge["currency"],
        evidence={**blank("dispute.evidence"), "enhanced_evidence": {}},
        evidence_details={
            "due_by": moment + 9 * DAY,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "enhanced_eligibility": {},
        },
        is_charge_refundable=False,
        payment_intent=charge["payment_intent"],
        payment_method_details={
            "card": {"brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4", "network": "visa"},
            "type": "card",
        },
        reason=reason,
        status="needs_response",
        enhanced_eligibility_types=[],
    )
    state.add(made)
    charge["disputed"] = True
    emit(state, "charge.dispute.created", made)
    emit(state, "charge.dispute.funds_withdrawn", made)
    return made


def close_dispute(state: State, found: str, status: str) -> Json:
    made = state.get("dispute", found)
    if made["status"] in {"won", "lost"}:
        raise ApiError("The dispute is closed already.")
    made["status"] = status
    if status == "won":
        charge = state.get("charge", made["charge"])
        charge["disputed"] = False
        emit(state, "charge.dispute.funds_reinstated", made)
    emit(state, "charge.dispute.closed", made)
    return made
