"""An invoice's own page, where it can be paid, and its PDF."""

from deploy.development.standin import cards, collection, pdf, periods
from deploy.development.standin.amounts import money
from deploy.development.standin.api import Reply
from deploy.development.standin.chinese import day, t
from deploy.development.standin.errors import ApiError
from deploy.development.standin.markup import button, e, field, form_of, page, problem, redirect
from deploy.development.standin.object_fields import Json
from deploy.development.standin.state import State


def answer(state: State, site: str, method: str, found: str, part: str, body: str) -> Reply:
    invoice = state.get("invoice", found)
    if part == "pdf":
        name = f'attachment; filename="Invoice-{invoice["number"]}.pdf"'
        return Reply(200, pdf.document(_lines(site, invoice)), "application/pdf", {"Content-Disposition": name})
    wrong = ""
    if method == "POST":
        try:
            _pay(state, invoice, form_of(body))
        except ApiError as error:
            if not error.keep:
                state.rollback()
            wrong = str(error)
        else:
            return redirect(f"/i/{found}")
    return page(t("Invoice {number}", number=invoice["number"]), problem(wrong) + _body(state, invoice))


def _pay(state: State, invoice: Json, form: dict[str, str]) -> None:
    """With a new card, which then is the customer's, or the one that is known. Someone is present."""
    method = None
    if number := form.get("card_number", "").strip():
        customer = state.get("customer", invoice["customer"])
        method = cards.attach_to(state, cards.make_card(state, number, name=customer["name"]), customer)
        customer["invoice_settings"]["default_payment_method"] = method["id"]
        subscription = collection.subscription_of(state, invoice)
        if subscription["default_payment_method"] is not None:
            subscription["default_payment_method"] = method["id"]
    collection.pay(state, invoice, method=method, on_session=True)


def _rows(invoice: Json) -> list[tuple[str, str]]:
    currency = invoice["currency"]
    rows = [(line["description"], money(line["amount"], currency)) for line in invoice["lines"]["data"]]
    rows += [("Discount", money(-part["amount"], currency)) for part in invoice["total_discount_amounts"]]
    rows += [("Total", money(invoice["total"], currency))]
    if invoice["amount_due"] != invoice["total"]:
        rows += [("From the balance", money(invoice["amount_due"] - invoice["total"], currency))]
    return [*rows, ("Due", money(invoice["amount_due"], currency)), ("Paid", money(invoice["amount_paid"], currency))]


def _body(state: State, invoice: Json) -> str:
    rows = "".join(f"<div><dt>{e(t(name))}</dt><dd>{e(value)}</dd></div>" for name, value in _rows(invoice))
    who = ", ".join(f"{one['type']} {one['value']}" for one in invoice["customer_tax_ids"])
    text = f"<p>{e(invoice['customer_name'] or invoice['customer_email'])} {e(who)}<br>"
    text += f'<span class="soft">{day(invoice["created"])}, {e(t(invoice["status"]))}</span></p><dl>{rows}</dl>'
    if invoice["status"] in {"open", "uncollectible"}:
        card = field("card_number", "Card number", hint="Leave it empty to use the card on file.", auto="cc-number")
        text += f'<form method="post">{card}{button("Pay", "pay")}</form>'
    return f'{text}<p><a href="{e(invoice["invoice_pdf"])}">{t("Download the PDF")}</a></p>'


def _lines(site: str, invoice: Json) -> list[str]:
    return [
        f"Invoice {invoice['number']}",
        f"{site} (stand-in for Stripe: no money moved)",
        f"{periods.day(invoice['created'])}, {invoice['status']}",
        f"To: {invoice['customer_name'] or invoice['customer_email'] or invoice['customer']}",
        *(f"{one['type']}: {one['value']}" for one in invoice["customer_tax_ids"]),
        "",
        *(f"{value:>16}   {name}" for name, value in _rows(invoice)),
    ]
