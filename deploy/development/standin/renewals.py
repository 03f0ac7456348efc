"""What time does: trials end, periods renew, payments are tried again, what nobody finished expires."""

from collections.abc import Callable, Iterator

from deploy.development.standin import checkout, collection, invoice_lines, invoices, subscription_changes
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import Json
from deploy.development.standin.periods import DAY
from deploy.development.standin.state import State, now
from deploy.development.standin.subscriptions import ENDED, end

TRIAL_TOLD_BEFORE = 3 * DAY
UPCOMING_BEFORE = 7 * DAY
INCOMPLETE_FOR = 23 * 3600

Action = Callable[[State, Json], object]
Due = tuple[int, Action, str]


def run(state: State, clock: Json | None, until: int) -> None:
    """Everything due on a clock (None: the one of all customers without a test clock), in its order."""
    while True:
        moment, action, found = min(
            _due(state, clock["id"] if clock else None), default=_NOTHING, key=lambda due: due[0]
        )
        if moment > until:
            break
        _set(state, clock, max(moment, _time(state, clock)))
        value = state.find(found)
        if value is not None:
            action(state, value)
    _set(state, clock, until)


def tick(state: State) -> None:
    """What has come due by itself."""
    run(state, None, now(state))
    state.settings["at"] = None


def next_due(state: State, subscription: Json) -> int:
    """When the next payment of a subscription is made or tried."""
    tried = [
        invoice["next_payment_attempt"] or invoice["automatically_finalizes_at"]
        for invoice in state.where("invoice", customer=subscription["customer"])
        if invoice["status"] in {"open", "draft"}
    ]
    times = [moment for moment in tried if moment]
    end_of_period: int = subscription["items"]["data"][0]["current_period_end"]
    return min(times) if times else end_of_period + invoices.FINALIZED_AFTER


def _time(state: State, clock: Json | None) -> int:
    return int(clock["frozen_time"]) if clock else now(state)


def _set(state: State, clock: Json | None, moment: int) -> None:
    if clock is not None:
        clock["frozen_time"] = moment
    else:
        state.settings["at"] = moment


def _never(state: State, value: Json) -> None:
    raise AssertionError


_NOTHING: Due = (1 << 62, _never, "")


def _due(state: State, clock: str | None) -> Iterator[Due]:
    for subscription in state.seen("subscription"):
        if subscription["test_clock"] == clock and subscription["status"] not in ENDED:
            yield from _due_of_subscription(subscription)
    for invoice in state.seen("invoice"):
        if invoice["test_clock"] != clock:
            continue
        if invoice["status"] == "draft" and invoice["automatically_finalizes_at"]:
            yield invoice["automatically_finalizes_at"], _finalize, invoice["id"]
        if invoice["status"] == "open" and invoice["next_payment_attempt"]:
            yield invoice["next_payment_attempt"], _retry, invoice["id"]
    if clock is None:
        for session in state.seen("checkout.session"):
            if session["status"] == "open":
                yield session["expires_at"], checkout.expire_now, session["id"]


def _due_of_subscription(subscription: Json) -> Iterator[Due]:
    found, told = subscription["id"], subscription["_told"]
    if subscription["status"] == "incomplete":
        yield subscription["created"] + INCOMPLETE_FOR, _expire, found
        return
    period_end = subscription["items"]["data"][0]["current_period_end"]
    ends = subscription["cancel_at"]
    if ends and ends <= period_end:
        yield ends, _end, found
        return
    if subscription["pending_update"]:
        yield subscription["pending_update"]["expires_at"], _drop_pending, found
    if subscription["status"] == "paused":
        return
    start = subscription["items"]["data"][0]["current_period_start"]
    if subscription["status"] == "trialing" and f"trial {period_end}" not in told:
        yield max(period_end - TRIAL_TOLD_BEFORE, start), _tell_trial, found
    if f"upcoming {period_end}" not in told:
        yield max(period_end - UPCOMING_BEFORE, start), _tell_upcoming, found
    yield period_end, _renew, found


def _expire(state: State, subscription: Json) -> None:
    end(state, subscription, reason="payment_failed", status="incomplete_expired")


def _end(state: State, subscription: Json) -> None:
    end(state, subscription, reason="cancellation_requested")


def _drop_pending(state: State, subscription: Json) -> None:
    pending = subscription.pop("_pending")
    subscription["pending_update"] = None
    invoices.void(state, state.get("invoice", pending["invoice"]))
    emit(state, "customer.subscription.pending_update_expired", subscription)


def _tell_trial(state: State, subscription: Json) -> None:
    subscription["_told"].append(f"trial {subscription['items']['data'][0]['current_period_end']}")
    emit(state, "customer.subscription.trial_will_end", subscription)


def _tell_upcoming(state: State, subscription: Json) -> None:
    """With the invoice as it would be. It has no id yet."""
    found, clock = subscription["id"], subscription["items"]["data"][0]["current_period_end"]
    subscription["_told"] = [*subscription["_told"][-2:], f"upcoming {clock}"]
    with state.undone():
        invoice = subscription_changes.next_invoice(state, state.get("subscription", found))
        invoices.show_due(state, invoice)
        shown = {key: value for key, value in invoice.items() if key != "id"}
    emit(state, "invoice.upcoming", shown)


def _renew(state: State, subscription: Json) -> None:
    """Into the next period, with a draft that becomes final an hour later."""
    was_trial = subscription["status"] == "trialing"
    if was_trial and not _can_pay(state, subscription):
        behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
        if behavior == "cancel":
            end(state, subscription, reason="payment_failed")
            return
        if behavior == "pause":
            subscription["status"] = "paused"
            emit(state, "customer.subscription.updated", subscription)
            emit(state, "customer.subscription.paused", subscription)
            return
    subscription_changes.advance(subscription)
    if was_trial:
        subscription["status"] = "active"
    lines = invoice_lines.period_lines(state, subscription)
    invoice = invoices.draft(state, subscription, "subscription_cycle", lines)
    if subscription["status"] == "unpaid":
        invoice.update(auto_advance=False, automatically_finalizes_at=None)
    emit(state, "customer.subscription.updated", subscription)


def _can_pay(state: State, subscription: Json) -> bool:
    customer = state.get("customer", subscription["customer"])
    return bool(subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"])


def _finalize(state: State, invoice: Json) -> None:
    collection.collect(state, invoices.finalize(state, invoice))


def _retry(state: State, invoice: Json) -> None:
    """After the last one fails, what the settings say: by default the subscription is cancelled, as at Stripe."""
    invoice["next_payment_attempt"] = None
    reason = collection.collect(state, invoice)
    if not reason or invoice["next_payment_attempt"] is not None:
        return
    subscription = collection.subscription_of(state, invoice)
    after = state.settings["after_retries"]
    if after == "cancel":
        end(state, subscription, reason="payment_failed")
    elif after == "unpaid":
        subscription["status"] = "unpaid"
        emit(state, "customer.subscription.updated", subscription)
