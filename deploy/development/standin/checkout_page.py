"""The page on which a customer pays a Checkout session, and the bank's question after it."""

from dataclasses import asdict

from deploy.development.standin import cards, checkout
from deploy.development.standin.amounts import money
from deploy.development.standin.api import Reply
from deploy.development.standin.checkout import Payer
from deploy.development.standin.chinese import choose, day, t
from deploy.development.standin.customers import TAX_ID_TYPES
from deploy.development.standin.errors import ApiError
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
from deploy.development.standin.state import State

_CARD_HINT = "4242 4242 4242 4242 pays; 4000 0000 0000 0002 is declined; 4000 0025 0000 3155 asks for authentication."


def answer(state: State, site: str, method: str, found: str, part: str, body: str) -> Reply:
    session = state.get("checkout.session", found)
    if session["locale"] not in {None, "auto"}:
        choose(session["locale"])
    if session["status"] == "complete":
        # A second tab, a double click: it was paid once.
        return redirect(_success(session))
    if session["status"] == "expired":
        back = (
            f'<p><a href="{e(session["cancel_url"])}">{e(t("Back to {site}", site=site))}</a></p>'
            if session["cancel_url"]
            else ""
        )
        return page(t("This page has expired"), f"<p>{t('Begin again where you came from.')}</p>{back}", status=410)
    if part:
        return _authentication(state, session, site, method, form_of(body))
    return _pay(state, session, site, form_of(body)) if method == "POST" else _show(state, session, site, {})


def _success(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _pay(state: State, session: Json, site: str, form: dict[str, str]) -> Reply:
    action = form.get("action", "pay")
    try:
        if action == "apply_code":
            if session["allow_promotion_codes"]:
                checkout.use_code(state, session, form.get("promotion_code", ""))
            return _show(state, session, site, form)
        payer = _payer(state, session, form, action)
        if payer.method and checkout.needs_authentication(payer):
            session["_waiting"] = asdict(payer)
            return redirect(f"/c/pay/{session['id']}/authentication")
        checkout.complete(state, session, payer)
    except ApiError as error:
        state.rollback()
        return _show(state, state.get("checkout.session", session["id"]), site, form, str(error))
    return redirect(_success(session))


def _payer(state: State, session: Json, form: dict[str, str], action: str) -> Payer:
    wallet = action.removesuffix("_fails")
    if wallet in cards.WALLETS and wallet in session["payment_method_types"]:
        chosen = wallet
    else:
        chosen = form.get("card_number", "").strip()
    if not chosen and not _may_pay_nothing(state, session):
        raise ApiError("Your card number is incomplete.", param="number")
    if chosen and chosen not in cards.WALLETS:
        card = cards.card_of(chosen)
        if card.refused:
            raise cards.refusal(card.refused)
    return Payer(
        method=chosen,
        name=form.get("name", ""),
        email=form.get("email", ""),
        address=address_of(form),
        tax_type=form.get("tax_type", ""),
        tax_id=form.get("tax_id", "").strip(),
        fails=action.endswith("_fails"),
    )


def _may_pay_nothing(state: State, session: Json) -> bool:
    return bool(session["payment_method_collection"] == "if_required" and session["amount_total"] == 0)


def _authentication(state: State, session: Json, site: str, method: str, form: dict[str, str]) -> Reply:
    waiting = session["_waiting"]
    if waiting is None:
        return redirect(f"/c/pay/{session['id']}")
    if method != "POST":
        asked = t("This is what a bank's page would ask. Complete it, or let it fail.")
        buttons = button("Complete", "complete") + button("Fail", "fail", quiet=True)
        return page(t("Authentication"), f'<p>{e(asked)}</p><form method="post">{buttons}</form>')
    session["_waiting"] = None
    if form.get("action") == "complete":
        try:
            checkout.complete(state, session, Payer(**waiting), authenticated=True)
        except ApiError as error:
            state.rollback()
            return _show(state, state.get("checkout.session", session["id"]), site, {}, str(error))
        return redirect(_success(session))
    message = "We are unable to authenticate your payment method. Choose a different one and try again."
    return _show(state, session, site, {}, message)


def _show(state: State, session: Json, site: str, form: dict[str, str], wrong: str = "") -> Reply:
    quote = checkout.quote(state, session)
    currency = session["currency"]
    rows = [(line["description"], money(line["amount"], currency)) for line in quote.invoice["lines"]["data"]]
    off = sum(part["amount"] for part in quote.invoice["total_discount_amounts"])
    rows += [(t("Discount"), money(-off, currency))] if off else []
    summary = "".join(f"<div><dt>{e(name)}</dt><dd>{e(value)}</dd></div>" for name, value in rows)
    due = money(quote.invoice["amount_due"], currency)
    later = t(
        f"Then {{amount}} each {quote.interval}, from {{day}}.",
        amount=money(quote.later, currency),
        day=day(quote.starts),
    )
    summary += f'<div class="total"><dt>{t("Due today")}</dt><dd id="due">{e(due)}</dd></div>'
    body = f'{problem(wrong)}<dl>{summary}</dl><p class="soft" id="later">{e(later)}</p>'
    body += f'<form method="post" action="/c/pay/{session["id"]}">{_fields(state, session, form)}</form>'
    if session["cancel_url"]:
        body += f'<p><a href="{e(session["cancel_url"])}">{t("Back without paying")}</a></p>'
    return page(t("Subscribe to {site}", site=site), body)


def _fields(state: State, session: Json, form: dict[str, str]) -> str:
    customer = state.find(session["customer"]) or {}
    text = button("Subscribe", "pay", quiet=False).replace("<button", '<button class="first" hidden', 1)
    # The first button is what the enter key presses.
    text += field(
        "email", "E-mail", form.get("email") or customer.get("email") or session["customer_email"], auto="email"
    )
    text += "<fieldset><legend>" + t("Card") + "</legend>"
    text += field("card_number", "Card number", form.get("card_number"), hint=_CARD_HINT, auto="cc-number")
    text += field("expiry", "Expiry", form.get("expiry", "12 / 40"), auto="cc-exp")
    text += field("cvc", "Security code", form.get("cvc", "123"), auto="cc-csc")
    text += field(
        "name", "Name on the card or of the company", form.get("name") or customer.get("name"), auto="cc-name"
    )
    text += "</fieldset><fieldset><legend>" + t("Billing address") + "</legend>"
    text += address_fields(address_of(form) if form else customer.get("address")) + "</fieldset>"
    if session["_takes_tax_id"]:
        text += tax_fields(list(TAX_ID_TYPES), form.get("tax_type", ""), form.get("tax_id", ""))
    if session["allow_promotion_codes"]:
        text += field("promotion_code", "Promotion code", form.get("promotion_code"))
        text += button("Apply the code", "apply_code", quiet=True) + "<br>"
    text += button("Subscribe", "pay")
    for wallet in cards.WALLETS:
        if wallet in session["payment_method_types"]:
            name = t(cards.WALLETS[wallet])
            text += button(t("Pay with {wallet}", wallet=name), wallet, quiet=True)
            text += button(t("{wallet} fails", wallet=name), f"{wallet}_fails", quiet=True)
    return text
