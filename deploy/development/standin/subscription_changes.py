"""Changes of a subscription that runs, and the look at what one would cost: the change itself, then taken back."""

import time
from copy import deepcopy

from deploy.development.standin import cards, collection, customers, invoice_lines, invoices, prorations
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import Json
from deploy.development.standin.params import Params
from deploy.development.standin.periods import next_end
from deploy.development.standin.state import State, now
from deploy.development.standin.subscriptions import ENDED, begin, make_item, price_for, tie_discount, trial_end

PRORATIONS = ("create_prorations", "always_invoice", "none")
BEHAVIORS = ("allow_incomplete", "error_if_incomplete", "pending_if_incomplete", "default_incomplete")
_PENDING_FOR = 23 * 3600


def update(state: State, params: Params, found: str) -> Json:
    subscription = state.get("subscription", found)
    if subscription["status"] in ENDED:
        raise ApiError("A canceled subscription can only update its metadata and cancellation_details.", param="id")
    behavior = params.choice("payment_behavior", BEHAVIORS)
    before = {key: deepcopy(value) for key, value in subscription.items() if key != "latest_invoice"}
    invoice = change(state, subscription, params)
    if invoice is not None:
        if behavior == "pending_if_incomplete":
            subscription["_pending"] = {"invoice": invoice["id"]}
        reason = collection.collect(state, invoices.finalize(state, invoice))
        if reason and behavior == "error_if_incomplete":
            raise cards.refusal("generic_decline" if reason == "missing" else reason)
        if reason and behavior == "pending_if_incomplete":
            _hold(state, subscription, before, invoice)
        if not reason:
            subscription.pop("_pending", None)
    emit(state, "customer.subscription.updated", subscription)
    return subscription


def _hold(state: State, subscription: Json, before: Json, invoice: Json) -> None:
    """The old stays until the invoice is paid."""
    wanted = {key: subscription[key] for key in ("items", "billing_cycle_anchor")}
    subscription.update(before)
    subscription["_pending"] = {"invoice": invoice["id"], "wanted": wanted}
    subscription["pending_update"] = {
        **dict.fromkeys(("billing_cycle_anchor", "discount", "discounts", "trial_end", "trial_from_plan", "metadata")),
        "expires_at": now(state, subscription["customer"]) + _PENDING_FOR,
        "subscription_items": deepcopy(wanted["items"]["data"]),
    }
    invoice["auto_advance"], invoice["next_payment_attempt"] = False, None


def change(state: State, subscription: Json, params: Params) -> Json | None:
    """Do it; the draft of an invoice where something is to be paid now."""
    moment = now(state, subscription["customer"])
    _set_plain(state, subscription, params)
    _set_cancellation(subscription, params, moment)
    if "trial_end" in params and subscription["status"] == "trialing":
        return _move_trial(state, subscription, params, moment)
    return _change_items(state, subscription, params, moment) if "items" in params else None


def _set_plain(state: State, subscription: Json, params: Params) -> None:
    subscription["metadata"] = params.metadata(subscription["metadata"])
    for name in ("default_payment_method", "description"):
        if name in params:
            subscription[name] = params.text(name)
    if method := subscription["default_payment_method"]:
        state.get("payment_method", method, param="default_payment_method")
    if "discounts" in params:
        customer = state.get("customer", subscription["customer"])
        subscription["discounts"] = []
        for given in params.groups("discounts"):
            tie_discount(state, subscription, given, customer)


def _set_cancellation(subscription: Json, params: Params, moment: int) -> None:
    end = subscription["items"]["data"][0]["current_period_end"]
    at = subscription["cancel_at"]
    if "cancel_at" in params:
        at = end if params.text("cancel_at") in {"min_period_end", "max_period_end"} else params.number("cancel_at")
        subscription["cancel_at_period_end"] = False
    if "cancel_at_period_end" in params:
        subscription["cancel_at_period_end"] = params.flag("cancel_at_period_end")
        at = end if subscription["cancel_at_period_end"] else None
    details = params.group("cancellation_details")
    for name in ("comment", "feedback"):
        if name in details:
            subscription["cancellation_details"][name] = details.text(name)
    if at != subscription["cancel_at"]:
        subscription.update(cancel_at=at, canceled_at=moment if at else None)
        subscription["cancellation_details"]["reason"] = "cancellation_requested" if at else None


def _move_trial(state: State, subscription: Json, params: Params, moment: int) -> Json | None:
    """To another day, or to an end at once, with the first paid period."""
    end = trial_end(params, moment)
    subscription["trial_end"] = end or moment
    subscription["billing_cycle_anchor"] = end or moment
    for item in subscription["items"]["data"]:
        item["current_period_end"] = end or next_end(moment, item["price"]["recurring"], moment)
        item["current_period_start"] = item["current_period_start"] if end else moment
    if end:
        return None
    subscription["status"] = "active"
    return invoices.draft(state, subscription, "subscription_update", invoice_lines.period_lines(state, subscription))


def _proration_date(state: State, subscription: Json, params: Params) -> int | None:
    """The application's clock does not move with ours: what is now or past there is as much later here."""
    date = params.number("proration_date")
    if date is None or date > time.time() or state.get("customer", subscription["customer"])["test_clock"]:
        return date
    return date + int(state.settings["offset"])


def _change_items(state: State, subscription: Json, params: Params, moment: int) -> Json | None:
    settle = params.choice("proration_behavior", PRORATIONS)
    when = _proration_date(state, subscription, params) or moment
    old = deepcopy(subscription["items"]["data"])
    new = _wanted(state, subscription, params)
    if not old[0]["current_period_start"] <= when < old[0]["current_period_end"]:
        raise ApiError("Cannot use a proration date outside the current period.", param="proration_date")
    if subscription["status"] in {"trialing", "incomplete"}:
        subscription["items"]["data"] = new
        return None
    restarts = new[0]["price"]["recurring"] != old[0]["price"]["recurring"]
    restarts = restarts or params.text("billing_cycle_anchor") == "now"
    changed = [item for item in new if restarts or not _same(item, old)]
    gone = [item for item in old if restarts or not _same(item, new)]
    credits_ = [prorations.credit(state, subscription, item, when) for item in gone]
    subscription["items"]["data"] = new
    if restarts:
        _restart(subscription, moment)
        charges = invoice_lines.period_lines(state, subscription)
    else:
        charges = [prorations.charge(state, subscription, item, when) for item in changed]
    return _settle(state, subscription, settle, credits_, charges, restarts=restarts)


def _settle(
    state: State, subscription: Json, settle: str, credits_: list[Json], charges: list[Json], *, restarts: bool
) -> Json | None:
    """Now where the period begins anew or it is asked for, else with the next invoice."""
    waiting = [] if settle == "none" else [*credits_, *([] if restarts else charges)]
    for line in waiting:
        invoices.wait(state, subscription, line)
    if restarts:
        return invoices.draft(state, subscription, "subscription_update", charges)
    if settle == "always_invoice" and waiting:
        return invoices.draft(state, subscription, "subscription_update", [])
    return None


def _restart(subscription: Json, moment: int) -> None:
    subscription["billing_cycle_anchor"] = moment
    for item in subscription["items"]["data"]:
        item["current_period_start"] = moment
        item["current_period_end"] = next_end(moment, item["price"]["recurring"], moment)


def _same(item: Json, others: list[Json]) -> bool:
    return any(
        (item["id"], item["price"]["id"], item["quantity"]) == (other["id"], other["price"]["id"], other["quantity"])
        for other in others
    )


def _wanted(state: State, subscription: Json, params: Params) -> list[Json]:
    """The items as they are to be: those named changed, taken away or added, the others as they are."""
    items = {item["id"]: deepcopy(item) for item in subscription["items"]["data"]}
    first = subscription["items"]["data"][0]
    period = (first["current_period_start"], first["current_period_end"])
    for given in params.groups("items"):
        found = given.text("id")
        if found is not None and found not in items:
            raise ApiError(f"No such subscription item: '{found}'", status=404, code="resource_missing")
        old = items.get(found or "")
        if found is not None and given.flag("deleted"):
            del items[found]
            continue
        price = price_for(state, given) if old is None or "price" in given else state.get("price", old["price"]["id"])
        if price["currency"] != subscription["currency"]:
            raise ApiError(f"The price's currency ({price['currency']}) is not the subscription's.", param="items")
        kept = old["quantity"] if old is not None and "price" not in given else None
        quantity = given.number("quantity") if given.text("quantity") else kept
        made = make_item(subscription["id"], price, 1 if quantity is None else quantity, period=period, found=found)
        items[made["id"]] = {**made, "created": old["created"] if old else made["created"]}
    if not items or len({item["price"]["id"] for item in items.values()}) < len(items):
        raise ApiError("A subscription needs at least one item, each with a price of its own.", param="items")
    return list(items.values())


def preview(state: State, params: Params) -> Json:
    """The invoice that a change, a new subscription or the next renewal would make. Nothing of it stays."""
    with state.undone():
        invoice = _previewed(state, params)
        invoices.show_due(state, invoice)
        found = deepcopy(invoice)
    found.update(id=f"upcoming_{found['id']}", status="draft", number=None, automatically_finalizes_at=None)
    for line in found["lines"]["data"]:
        line["invoice"] = found["id"]
    return found


def _previewed(state: State, params: Params) -> Json:
    details = params.group("subscription_details")
    named = params.text("subscription")
    if named is None and "items" in details:
        return _preview_new(state, params, details)
    if named is None:
        customer = customers.get(state, params.need("customer"))
        running = [one for one in state.where("subscription", customer=customer["id"]) if one["status"] not in ENDED]
        if not running:
            raise ApiError("No upcoming invoices for customer", status=404, code="invoice_upcoming_none")
        named = running[0]["id"]
    subscription = state.get("subscription", named, param="subscription")
    if subscription["status"] in ENDED:
        raise ApiError("No upcoming invoices for a canceled subscription", status=404, code="invoice_upcoming_none")
    if "discounts" in params:
        details.tree["discounts"] = params.tree["discounts"]
    if params.text("preview_mode") == "recurring":
        # What comes again and again: without what waits for the next invoice alone.
        for item in invoices.pending(state, subscription):
            state.remove(item)
    return change(state, subscription, details) or next_invoice(state, subscription)


def next_invoice(state: State, subscription: Json) -> Json:
    """The renewal's: what waits and the next period."""
    if subscription["cancel_at"]:
        if not invoices.pending(state, subscription):
            raise ApiError("No upcoming invoices: the subscription ends.", status=404, code="invoice_upcoming_none")
        return invoices.draft(state, subscription, "upcoming", [])
    advance(subscription)
    return invoices.draft(state, subscription, "upcoming", invoice_lines.period_lines(state, subscription))


def advance(subscription: Json) -> None:
    """Into the next period."""
    for item in subscription["items"]["data"]:
        subscription["_period_before"] = item["current_period_start"]
        start = item["current_period_end"]
        item["current_period_start"] = start
        item["current_period_end"] = next_end(subscription["billing_cycle_anchor"], item["price"]["recurring"], start)


def _preview_new(state: State, params: Params, details: Params) -> Json:
    named = params.text("customer")
    wanted = [(price_for(state, group), group.number("quantity") or 1) for group in details.groups("items")]
    customer = customers.get(state, named) if named else customers.create(state, Params({}))
    end = trial_end(details, now(state, customer))
    subscription = begin(
        state, customer, wanted, trial_end=end, discounts=params.groups("discounts"), behavior="default_incomplete"
    )
    return state.get("invoice", subscription["latest_invoice"])
