"""Invoices: their lines and totals, from draft to final. Their payment is in `collection`."""

from deploy.development.standin import coupons, customers, payments
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import Json, blank, listed, new_id
from deploy.development.standin.periods import day
from deploy.development.standin.state import State, now

COUNTRY = "HK"
FINALIZED_AFTER = 3600


def draft(state: State, subscription: Json, reason: str, lines: list[Json]) -> Json:
    """With what waits for the next invoice, then these lines. A line's `_item` is the waiting item it comes from."""
    customer = state.get("customer", subscription["customer"])
    moment = now(state, customer)
    found = new_id("in")
    lines = [line for item in pending(state, subscription) for line in [_from_item(item, found)]] + lines
    for line in lines:
        line["invoice"] = found
    renews = reason in {"subscription_cycle", "upcoming"}
    start = subscription["items"]["data"][0]["current_period_start"]
    discounts = coupons.running(state, subscription, start if renews else moment)
    invoice = _bare(subscription, customer, found, moment)
    invoice.update(
        billing_reason=reason,
        discounts=[discount["id"] for discount in discounts],
        lines=listed(lines, f"/v1/invoices/{found}/lines"),
        # As at Stripe: of the period before for a renewal, of this moment for all else.
        period_end=start if renews else moment,
        period_start=subscription.get("_period_before", moment) if renews else moment,
        total_discount_amounts=coupons.apply(lines, discounts),
    )
    _total(invoice, customer)
    _copy_customer(state, invoice, customer)
    state.add(invoice)
    coupons.used_up(subscription, discounts)
    subscription["latest_invoice"] = found
    emit(state, "invoice.created", invoice)
    return invoice


def _bare(subscription: Json, customer: Json, found: str, moment: int) -> Json:
    return blank(
        "invoice",
        id=found,
        account_country=COUNTRY,
        account_name="Revisit (stand-in)",
        amount_overpaid=0,
        amount_paid=0,
        amount_shipping=0,
        attempt_count=0,
        attempted=False,
        auto_advance=True,
        automatic_tax={"enabled": False, **dict.fromkeys(("liability", "status", "disabled_reason", "provider"))},
        automatically_finalizes_at=moment + FINALIZED_AFTER,
        collection_method="charge_automatically",
        created=moment,
        currency=subscription["currency"],
        customer=customer["id"],
        default_tax_rates=[],
        issuer={"type": "self"},
        parent={
            "quote_details": None,
            "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
            "type": "subscription_details",
        },
        payment_settings=dict.fromkeys(("default_mandate", "payment_method_options", "payment_method_types")),
        post_payment_credit_notes_amount=0,
        pre_payment_credit_notes_amount=0,
        status="draft",
        status_transitions=dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")),
        test_clock=customer["test_clock"],
        total_taxes=[],
        _first_failed_at=None,
    )


def pending(state: State, subscription: Json) -> list[Json]:
    """Items that wait for the next invoice."""
    return [
        item
        for item in state.where("invoiceitem", customer=subscription["customer"], invoice=None)
        if item["parent"]["subscription_details"]["subscription"] == subscription["id"]
    ]


def _from_item(item: Json, invoice: str) -> Json:
    item["invoice"] = invoice
    return {**item["_line"], "discount_amounts": []}


def _total(invoice: Json, customer: Json) -> None:
    lines = invoice["lines"]["data"]
    subtotal = sum(line["amount"] for line in lines)
    total = subtotal - sum(part["amount"] for part in invoice["total_discount_amounts"])
    due = max(0, total + customer["balance"])
    invoice.update(
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal,
        total=total,
        total_excluding_tax=total,
        starting_balance=customer["balance"],
        amount_due=due,
        amount_remaining=due,
    )


def _copy_customer(state: State, invoice: Json, customer: Json) -> None:
    """An invoice shows them as they were when it became final."""
    invoice.update(
        customer_address=customer["address"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_phone=customer["phone"],
        customer_tax_exempt=customer["tax_exempt"],
        customer_tax_ids=[
            {"type": tax_id["type"], "value": tax_id["value"]}
            for tax_id in state.seen("tax_id")
            if tax_id["customer"] == customer["id"]
        ],
    )


def wait(state: State, subscription: Json, made: Json) -> Json:
    """Keep a line for the next invoice."""
    customer = subscription["customer"]
    item = blank(
        "invoiceitem",
        id=new_id("ii"),
        amount=made["amount"],
        net_amount=made["amount"],
        currency=made["currency"],
        customer=customer,
        date=now(state, customer),
        description=made["description"],
        discountable=True,
        discounts=[],
        period=made["period"],
        proration=made["parent"]["subscription_item_details"]["proration"],
        quantity=made["quantity"],
        quantity_decimal=made["quantity_decimal"],
        tax_rates=[],
        parent={
            "subscription_details": {"subscription": subscription["id"]},
            "type": "subscription_details",
        },
        pricing=made["pricing"],
    )
    details = {**made["parent"]["subscription_item_details"], "invoice_item": item["id"]}
    del details["subscription_item"]
    kept = {"invoice_item_details": details, "subscription_item_details": None, "type": "invoice_item_details"}
    item["_line"] = {**made, "parent": kept}
    state.add(item)
    emit(state, "invoiceitem.created", item)
    return item


def finalize(state: State, invoice: Json) -> Json:
    """Give it its number and what there is to pay; the customer's credit is used up for it."""
    if invoice["status"] != "draft":
        raise ApiError("This invoice is already finalized.", code="invoice_not_editable")
    customer = state.get("customer", invoice["customer"])
    _copy_customer(state, invoice, customer)
    _total(invoice, customer)
    used = invoice["total"] + customer["balance"]
    customers.change_balance(
        state,
        customer,
        min(0, used) - customer["balance"],
        "applied_to_invoice" if invoice["total"] > 0 else "invoice_too_small",
        invoice=invoice["id"],
        currency=invoice["currency"],
    )
    moment = now(state, customer)
    number = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = number + 1
    invoice.update(
        number=f"{customer['invoice_prefix']}-{number:04}",
        status="open",
        effective_at=moment,
        ending_balance=customer["balance"],
        automatically_finalizes_at=None,
        hosted_invoice_url=f"{state.address}/i/{invoice['id']}",
        invoice_pdf=f"{state.address}/i/{invoice['id']}/pdf",
    )
    invoice["status_transitions"]["finalized_at"] = moment
    emit(state, "invoice.finalized", invoice)
    if invoice["amount_due"]:
        payments.open_intent(state, invoice)
    return invoice


def void(state: State, invoice: Json) -> Json:
    if invoice["status"] not in {"open", "uncollectible"}:
        raise ApiError(
            f"You can only void open invoices; this one is {invoice['status']}.", code="invoice_not_editable"
        )
    return _close(state, invoice, "void", "voided_at", "invoice.voided")


def write_off(state: State, invoice: Json) -> Json:
    if invoice["status"] != "open":
        raise ApiError(f"This invoice is {invoice['status']}, not open.", code="invoice_not_editable")
    return _close(state, invoice, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible")


def _close(state: State, invoice: Json, status: str, transition: str, event: str) -> Json:
    invoice.update(status=status, auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"][transition] = now(state, invoice["customer"])
    if status == "void":
        payments.cancel_intent(state, invoice)
    emit(state, event, invoice)
    return invoice


def title(invoice: Json) -> str:
    return f"{invoice['number'] or 'Draft'} of {day(invoice['created'])}"


def show_due(state: State, invoice: Json) -> None:
    """What a draft would ask for, with the customer's address: for a look ahead."""
    customer = state.get("customer", invoice["customer"])
    _total(invoice, customer)
    _copy_customer(state, invoice, customer)
    invoice["ending_balance"] = min(0, invoice["total"] + customer["balance"])
