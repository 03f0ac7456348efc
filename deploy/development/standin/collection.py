"""Getting an invoice paid, and what that means for its subscription."""

from deploy.development.standin import cards, invoices, payments
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import Json
from deploy.development.standin.periods import DAY
from deploy.development.standin.state import State, now

# Days after the first failure.
RETRIES = (3, 5, 7)


def subscription_of(state: State, invoice: Json) -> Json:
    return state.get("subscription", invoice["parent"]["subscription_details"]["subscription"])


def method_for(state: State, invoice: Json) -> Json | None:
    """The subscription's own, else the customer's."""
    customer = state.get("customer", invoice["customer"])
    named = subscription_of(state, invoice)["default_payment_method"]
    return state.find(named or customer["invoice_settings"]["default_payment_method"])


def collect(state: State, invoice: Json, *, method: Json | None = None, on_session: bool = False) -> str:
    """Try to have a final invoice paid: empty where it is, else why not. The subscription's status follows."""
    if invoice["amount_due"] == 0:
        _paid(state, invoice)
        return ""
    intent = payments.intent_of(state, invoice)
    method = method or method_for(state, invoice)
    invoice["attempted"] = True
    if method is None or intent is None:
        _failed(state, invoice, "missing", on_session=on_session)
        return "missing"
    invoice["attempt_count"] += 1
    reason = payments.attempt(state, intent, method, on_session=on_session)
    if reason:
        _failed(state, invoice, reason, on_session=on_session)
    else:
        _paid(state, invoice)
    return reason


def _paid(state: State, invoice: Json) -> None:
    moment = now(state, invoice["customer"])
    payment = payments.payment_of(state, invoice)
    if payment is not None:
        payment.update(status="paid", amount_paid=invoice["amount_due"])
        payment["status_transitions"]["paid_at"] = moment
        emit(state, "invoice_payment.paid", payment)
    invoice.update(
        status="paid",
        attempted=True,
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        next_payment_attempt=None,
        auto_advance=False,
    )
    invoice["status_transitions"]["paid_at"] = moment
    emit(state, "invoice.updated", invoice)
    emit(state, "invoice.paid", invoice)
    emit(state, "invoice.payment_succeeded", invoice)
    _settle(state, invoice)


def _settle(state: State, invoice: Json) -> None:
    """A subscription that waited for this payment runs again."""
    subscription = subscription_of(state, invoice)
    pending = subscription.get("_pending", {})
    if pending.get("invoice") == invoice["id"] and "wanted" in pending:
        subscription.update(subscription.pop("_pending")["wanted"])
        subscription["pending_update"] = None
    owes = [other for other in _unpaid(state, subscription) if other["attempted"]]
    if subscription["status"] == "incomplete" or (subscription["status"] in {"past_due", "unpaid"} and not owes):
        subscription["status"] = "active"
    _tell_delinquent(state, subscription["customer"])
    emit(state, "customer.subscription.updated", subscription)


def write_off(state: State, invoice: Json) -> Json:
    """As at Stripe, a subscription that is overdue runs again, for all that the invoice can still be paid."""
    invoices.write_off(state, invoice)
    subscription = subscription_of(state, invoice)
    if subscription["status"] == "past_due" and not _unpaid(state, subscription):
        subscription["status"] = "active"
        emit(state, "customer.subscription.updated", subscription)
    _tell_delinquent(state, subscription["customer"])
    return invoice


def _unpaid(state: State, subscription: Json) -> list[Json]:
    return [
        invoice
        for invoice in state.where("invoice", customer=subscription["customer"], status="open")
        if invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]
    ]


def _failed(state: State, invoice: Json, reason: str, *, on_session: bool) -> None:
    moment = now(state, invoice["customer"])
    first = invoice["_first_failed_at"] = invoice["_first_failed_at"] or moment
    subscription = subscription_of(state, invoice)
    # The first payment is the customer's to make again; later ones are tried again by themselves.
    if subscription["status"] in {"incomplete", "canceled"} or invoice["billing_reason"] == "subscription_create":
        invoice["next_payment_attempt"] = None
    elif not on_session or invoice["next_payment_attempt"] is None:
        later = [first + days * DAY for days in RETRIES if first + days * DAY > moment]
        invoice["next_payment_attempt"] = later[0] if later else None
    emit(state, "invoice.updated", invoice)
    emit(state, "invoice.payment_failed", invoice)
    if reason == "authentication_required":
        emit(state, "invoice.payment_action_required", invoice)
    if subscription["status"] in {"active", "trialing"} and "_pending" not in subscription:
        subscription["status"] = "past_due"
        emit(state, "customer.subscription.updated", subscription)
    _tell_delinquent(state, subscription["customer"])


def _tell_delinquent(state: State, found: str) -> None:
    customer = state.get("customer", found)
    owed = state.where("invoice", customer=found, status="open")
    customer["delinquent"] = any(invoice["attempted"] for invoice in owed)
    emit(state, "customer.updated", customer)


def pay(state: State, invoice: Json, *, method: Json | None = None, on_session: bool = False) -> Json:
    """As somebody asks for it. Raises ApiError where it fails; the attempt is kept."""
    if invoice["status"] == "draft":
        invoices.finalize(state, invoice)
    if invoice["status"] == "paid":
        raise ApiError("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "void":
        raise ApiError("A void invoice cannot be paid.", code="invoice_not_editable")
    reason = collect(state, invoice, method=method, on_session=on_session)
    if reason == "missing":
        message = (
            "Cannot charge a customer that has no active card. Add a payment method, or set a default for the customer."
        )
        raise ApiError(message, status=402, kind="card_error", code="missing", keep=True)
    if reason:
        intent = payments.intent_of(state, invoice)
        raise cards.refusal(reason, keep=True, payment_intent=intent)
    return invoice
