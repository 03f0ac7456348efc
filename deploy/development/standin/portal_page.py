"""The Billing Portal's page: plan, card, billing details, invoices, the end of the subscription."""

from deploy.development.standin import cards, customers, invoice_lines, subscription_changes, subscriptions
from deploy.development.standin.amounts import money
from deploy.development.standin.api import Reply
from deploy.development.standin.chinese import choose, day, t
from deploy.development.standin.customers import TAX_ID_TYPES
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.markup import (
    address_fields,
    address_of,
    button,
    e,
    field,
    form_of,
    page,
    problem,
    redirect,
    tax_fields,
)
from deploy.development.standin.object_fields import Json
from deploy.development.standin.params import Params
from deploy.development.standin.state import State


def answer(state: State, site: str, method: str, found: str, part: str, body: str) -> Reply:
    session = state.get("billing_portal.session", found)
    if session["locale"] not in {None, "auto"}:
        choose(session["locale"])
    customer = customers.get(state, session["customer"])
    wrong = ""
    if method == "POST":
        form = form_of(body)
        try:
            _act(state, customer, _features(state, session), form)
            return redirect(_after(session, form))
        except ApiError as error:
            state.rollback()
            session, customer, wrong = (
                state.get("billing_portal.session", found),
                state.get("customer", customer["id"]),
                str(error),
            )
    return page(t("Billing with {site}", site=site), problem(wrong) + _body(state, session, customer))


def _features(state: State, session: Json) -> Json:
    features: Json = state.get("billing_portal.configuration", session["configuration"])["features"]
    return features


def _after(session: Json, form: dict[str, str]) -> str:
    """A flow leads back where the application said."""
    flow = session["flow"] or {}
    back = (flow.get("after_completion", {}).get("redirect") or {}).get("return_url")
    does = {"payment_method_update": "update_card", "subscription_cancel": "cancel"}
    return back if back and does.get(flow["type"]) == form.get("action") else f"/p/session/{session['id']}"


def _act(state: State, customer: Json, features: Json, form: dict[str, str]) -> None:
    action = form.get("action", "")
    if action == "update_card" and features["payment_method_update"]["enabled"]:
        _update_card(state, customer, form)
    elif action == "update_details" and features["customer_update"]["enabled"]:
        _update_details(state, customer, form)
    elif action in {"cancel", "resume"} and features["subscription_cancel"]["enabled"]:
        _cancel(state, customer, features["subscription_cancel"], form)
    else:
        raise ApiError("This is not offered here.")


def _update_card(state: State, customer: Json, form: dict[str, str]) -> None:
    """It becomes the customer's and that of each running subscription, as at Stripe. Someone is present."""
    method = cards.make_card(state, form.get("card_number", ""), name=customer["name"], address=customer["address"])
    method["_known"] = True
    cards.attach_to(state, method, customer)
    customer["invoice_settings"]["default_payment_method"] = method["id"]
    emit(state, "customer.updated", customer)
    for subscription in running(state, customer):
        if subscription["default_payment_method"] is not None:
            subscription["default_payment_method"] = method["id"]
            emit(state, "customer.subscription.updated", subscription)


def _update_details(state: State, customer: Json, form: dict[str, str]) -> None:
    customer.update(name=form.get("name") or None, email=form.get("email") or None, address=address_of(form))
    emit(state, "customer.updated", customer)
    for old in state.where("tax_id", customer=customer["id"]):
        if old["value"] != form.get("tax_id", "").strip() or old["type"] != form.get("tax_type"):
            customers.delete_tax_id(state, Params({}), customer["id"], old["id"])
    value = form.get("tax_id", "").strip()
    if value and not state.where("tax_id", customer=customer["id"]):
        customers.create_tax_id(state, Params({"type": form.get("tax_type", ""), "value": value}), customer["id"])


def _cancel(state: State, customer: Json, feature: Json, form: dict[str, str]) -> None:
    subscription = state.get("subscription", form.get("subscription", ""))
    if subscription["customer"] != customer["id"] or subscription["status"] in subscriptions.ENDED:
        raise ApiError("There is no such subscription.")
    if form["action"] == "cancel" and feature["mode"] == "immediately":
        subscriptions.cancel(state, Params({}), subscription["id"])
        return
    wish = "true" if form["action"] == "cancel" else "false"
    subscription_changes.update(state, Params({"cancel_at_period_end": wish}), subscription["id"])


def running(state: State, customer: Json) -> list[Json]:
    found = state.where("subscription", customer=customer["id"])
    return [one for one in found if one["status"] not in subscriptions.ENDED]


def _body(state: State, session: Json, customer: Json) -> str:
    features = _features(state, session)
    text = (
        "".join(_plan(state, one, features) for one in running(state, customer))
        or f"<p>{t('No subscription runs.')}</p>"
    )
    if features["payment_method_update"]["enabled"]:
        text += _card(state, customer)
    if features["customer_update"]["enabled"]:
        text += _details(state, customer)
    if features["invoice_history"]["enabled"]:
        text += _invoices(state, customer)
    if session["return_url"]:
        text += f'<p><a href="{e(session["return_url"])}">{t("Back")}</a></p>'
    return text


def _plan(state: State, subscription: Json, features: Json) -> str:
    item = subscription["items"]["data"][0]
    name = invoice_lines.product_name(state, item["price"])
    end = day(subscription["cancel_at"] or item["current_period_end"])
    what = t("ends on {day}" if subscription["cancel_at"] else "renews on {day}", day=end)
    status = e(t(subscription["status"]))
    text = f"<h2>{t('Plan')}</h2><p><strong>{item['quantity']} × {e(name)}</strong>, {status}, {what}.</p>"
    if features["subscription_cancel"]["enabled"]:
        resume = subscription["cancel_at"] is not None
        label, action = ("Keep the subscription", "resume") if resume else ("Cancel the subscription", "cancel")
        text += f'<form method="post"><input type="hidden" name="subscription" value="{e(subscription["id"])}">'
        text += f"{button(label, action, quiet=not resume)}</form>"
    return text


def _card(state: State, customer: Json) -> str:
    methods = [one for one in state.seen("payment_method") if one["customer"] == customer["id"]]
    named = {customer["invoice_settings"]["default_payment_method"]}
    named |= {one["default_payment_method"] for one in running(state, customer)}
    used = [one for one in methods if one["id"] in named]
    shown = ", ".join(
        f"{m['card']['brand']} •••• {m['card']['last4']}" if m["type"] == "card" else m["type"] for m in used
    )
    text = f'<h2>{t("Payment method")}</h2><p>{e(shown or t("None."))}</p><form method="post">'
    text += field(
        "card_number",
        "New card number",
        auto="cc-number",
        hint="4242 4242 4242 4242 pays; 4000 0000 0000 0341 is taken, and then fails.",
    )
    return f"{text}{button('Use this card', 'update_card')}</form>"


def _details(state: State, customer: Json) -> str:
    tax_ids = [one for one in state.seen("tax_id") if one["customer"] == customer["id"]]
    kind, value = (tax_ids[-1]["type"], tax_ids[-1]["value"]) if tax_ids else ("", "")
    text = f'<h2>{t("Billing details")}</h2><form method="post">'
    text += field("name", "Name", customer["name"]) + field("email", "E-mail", customer["email"])
    text += address_fields(customer["address"]) + tax_fields(list(TAX_ID_TYPES), kind, value)
    return f"{text}{button('Save', 'update_details')}</form>"


def _invoices(state: State, customer: Json) -> str:
    rows = ""
    for invoice in reversed([one for one in state.seen("invoice") if one["customer"] == customer["id"]]):
        if invoice["status"] == "draft":
            continue
        link = f'<a href="{e(invoice["hosted_invoice_url"])}">{e(invoice["number"])}</a>'
        total = e(money(invoice["total"], invoice["currency"]))
        rows += f"<tr><td>{link}</td><td>{day(invoice['created'])}</td><td>{e(t(invoice['status']))}</td>"
        rows += f'<td class="number">{total}</td></tr>'
    head = "".join(f"<th>{t(name)}</th>" for name in ("Invoice", "Date", "Status"))
    head = f'<tr>{head}<th class="number">{t("Total")}</th></tr>'
    return f'<h2>{t("Invoices")}</h2><div class="scroll"><table>{head}{rows}</table></div>' if rows else ""
