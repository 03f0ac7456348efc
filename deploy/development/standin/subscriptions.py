"""Subscriptions: begun and ended. `subscription_changes` has what changes one that runs, `renewals` what time does."""

import time

from deploy.development.standin import cards, collection, coupons, customers, invoice_lines, invoices, prorations
from deploy.development.standin.catalogue import plan_of
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import Json, blank, listed, new_id, public
from deploy.development.standin.params import Params
from deploy.development.standin.periods import DAY, next_end
from deploy.development.standin.state import State, now

ENDED = frozenset({"canceled", "incomplete_expired"})


def price_for(state: State, params: Params) -> Json:
    """The recurring price that an item names."""
    price = state.get("price", params.need("price"), param=params.path("price"))
    if not price["active"]:
        raise ApiError(f"The price specified is inactive: {price['id']}", param=params.path("price"))
    if price["recurring"] is None:
        raise ApiError("The price specified is set to `type=one_time`; a subscription needs a recurring one.")
    return price


def make_item(
    subscription: str, price: Json, quantity: int, *, period: tuple[int, int], found: str | None = None
) -> Json:
    return blank(
        "subscription_item",
        id=found or new_id("si", 14),
        created=period[0],
        discounts=[],
        price=public(price),
        plan=plan_of(price),
        quantity=quantity,
        subscription=subscription,
        tax_rates=[],
        current_period_start=period[0],
        current_period_end=period[1],
    )


def create(state: State, params: Params) -> Json:
    customer = customers.get(state, params.need("customer"))
    given = params.groups("items")
    if not given:
        raise ApiError("Missing required param: items.", code="parameter_missing", param="items")
    require_classic(params)
    wanted = [(price_for(state, group), _quantity(group)) for group in given]
    return begin(
        state,
        customer,
        wanted,
        trial_end=trial_end(params, now(state, customer)),
        metadata=params.metadata(),
        discounts=params.groups("discounts"),
        method=params.text("default_payment_method"),
        behavior=params.choice(
            "payment_behavior",
            ("allow_incomplete", "error_if_incomplete", "default_incomplete", "pending_if_incomplete"),
        ),
        missing_method=params.group("trial_settings").group("end_behavior").text("missing_payment_method"),
        cancel_at_period_end=params.flag("cancel_at_period_end"),
    )


def require_classic(params: Params) -> None:
    """Where none is named Stripe takes the flexible mode, whose prorations are not known here."""
    if params.group("billing_mode").choice("type", ("flexible", "classic")) == "flexible":
        path = params.path("billing_mode") + "[type]"
        message = f"{path}: the stand-in knows classic prorations alone; say so."
        raise ApiError(message, code="parameter_invalid", param=path)


def _quantity(params: Params) -> int:
    quantity = params.number("quantity")
    if quantity is not None and quantity < 0:
        raise ApiError("Invalid non-negative integer", code="parameter_invalid_integer", param=params.path("quantity"))
    return 1 if quantity is None else quantity


def trial_end(params: Params, moment: int) -> int | None:
    if (days := params.number("trial_period_days")) is not None:
        return moment + days * DAY
    if params.text("trial_end") == "now":
        return None
    end = params.number("trial_end")
    # The application's clock does not move with ours: what lies ahead of it may be over here.
    if end is not None and moment >= end > time.time():
        return None
    if end is not None and end <= moment:
        raise ApiError("Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end")
    return end


def begin(
    state: State,
    customer: Json,
    wanted: list[tuple[Json, int]],
    *,
    trial_end: int | None = None,
    metadata: dict[str, str] | None = None,
    discounts: list[Params] | None = None,
    method: str | None = None,
    behavior: str = "allow_incomplete",
    missing_method: str | None = None,
    cancel_at_period_end: bool = False,
    on_session: bool = False,
) -> Json:
    """With its first invoice, which is paid at once or leaves it incomplete."""
    currency = wanted[0][0]["currency"]
    customers.fix_currency(customer, currency)
    moment = now(state, customer)
    anchor = trial_end or moment
    period = (moment, trial_end or next_end(moment, wanted[0][0]["recurring"], moment))
    subscription = _bare(customer, currency, moment, anchor)
    found = subscription["id"]
    items = [make_item(found, price, quantity, period=period) for price, quantity in wanted]
    subscription.update(
        items=listed(items, f"/v1/subscription_items?subscription={found}"),
        metadata=metadata or {},
        default_payment_method=method,
        status="trialing" if trial_end else "incomplete",
        trial_start=moment if trial_end else None,
        trial_end=trial_end,
        trial_settings={"end_behavior": {"missing_payment_method": missing_method or "create_invoice"}},
    )
    state.add(subscription)
    for given in discounts or []:
        tie_discount(state, subscription, given, customer)
    if cancel_at_period_end:
        subscription.update(cancel_at_period_end=True, cancel_at=period[1], canceled_at=moment)
    emit(state, "customer.subscription.created", subscription)
    first = (invoice_lines.trial_lines if trial_end else invoice_lines.period_lines)(state, subscription)
    invoice = invoices.finalize(state, invoices.draft(state, subscription, "subscription_create", first))
    if behavior == "default_incomplete" and invoice["amount_due"]:
        return subscription
    reason = collection.collect(state, invoice, on_session=on_session)
    if reason and behavior == "error_if_incomplete":
        raise cards.refusal("generic_decline" if reason == "missing" else reason)
    return subscription


def _bare(customer: Json, currency: str, moment: int, anchor: int) -> Json:
    return blank(
        "subscription",
        id=new_id("sub"),
        automatic_tax={"enabled": False, "liability": None, "disabled_reason": None},
        billing_cycle_anchor=anchor,
        billing_mode={"type": "classic", "flexible": None},
        cancel_at_period_end=False,
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        collection_method="charge_automatically",
        created=moment,
        currency=currency,
        customer=customer["id"],
        default_tax_rates=[],
        discounts=[],
        invoice_settings={
            "account_tax_ids": None,
            "issuer": {"type": "self"},
            "custom_fields": None,
            "description": None,
            "footer": None,
        },
        payment_settings={
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        start_date=moment,
        test_clock=customer["test_clock"],
        _told=[],
    )


def tie_discount(state: State, subscription: Json, given: Params, customer: Json) -> None:
    discount = coupons.redeem(state, given, customer, subscription["currency"])
    if discount["subscription"] is None:
        discount["subscription"] = subscription["id"]
        emit(state, "customer.discount.created", discount)
    subscription["discounts"].append(discount["id"])


def cancel(state: State, params: Params, found: str) -> Json:
    """At once, with the rest of the period given back where that is asked for."""
    subscription = state.get("subscription", found)
    if subscription["status"] in ENDED:
        raise ApiError(f"No such subscription: '{found}'", status=404, code="resource_missing", param="id")
    moment = now(state, subscription["customer"])
    if params.flag("prorate") and subscription["status"] != "trialing":
        for item in subscription["items"]["data"]:
            invoices.wait(state, subscription, prorations.credit(state, subscription, item, moment))
    if params.flag("invoice_now") and invoices.pending(state, subscription):
        invoice = invoices.draft(state, subscription, "subscription_update", [])
        collection.collect(state, invoices.finalize(state, invoice))
    details = params.group("cancellation_details")
    for name in ("comment", "feedback"):
        subscription["cancellation_details"][name] = details.text(name)
    return end(state, subscription, reason="cancellation_requested")


def end(state: State, subscription: Json, *, reason: str, status: str = "canceled") -> Json:
    """Nothing more is collected for it; invoices that are open stay so."""
    moment = now(state, subscription["customer"])
    subscription.update(status=status, ended_at=moment, canceled_at=subscription["canceled_at"] or moment)
    subscription["cancellation_details"]["reason"] = subscription["cancellation_details"]["reason"] or reason
    for invoice in state.where("invoice", customer=subscription["customer"]):
        of_it = invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]
        if of_it and invoice["status"] in {"open", "draft"}:
            invoice.update(auto_advance=False, next_payment_attempt=None, automatically_finalizes_at=None)
            if status == "incomplete_expired":
                invoices.void(state, invoice)
            else:
                emit(state, "invoice.updated", invoice)
    event = "updated" if status == "incomplete_expired" else "deleted"
    emit(state, f"customer.subscription.{event}", subscription)
    return subscription


def shown(state: State, params: Params) -> list[Json]:
    """For the list: those that ended only where they are asked for."""
    status, customer = params.text("status"), params.text("customer")
    found: list[Json] = []
    for subscription in state.seen("subscription"):
        if customer not in {None, subscription["customer"]}:
            continue
        asked = status == "all" or subscription["status"] == status
        if status == "ended":
            asked = subscription["status"] in ENDED
        if asked or (status is None and subscription["status"] not in ENDED):
            found.append(subscription)
    price = params.text("price")
    return [one for one in found if price in {None, *(item["price"]["id"] for item in one["items"]["data"])}]
