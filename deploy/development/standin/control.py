"""What tests and the demo can do to the stand-in, under `/_standin/`, as JSON."""

import json
from collections.abc import Callable
from typing import Any

from deploy.development.standin import clocks, deliveries, payments
from deploy.development.standin.api import Reply
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import DELIVERY
from deploy.development.standin.faults import Faults
from deploy.development.standin.object_fields import Json
from deploy.development.standin.state import State, now

SETTABLE = {
    "webhook_url": str,
    "secrets": list,
    "after_retries": str,
    "paused": bool,
    "shuffled": bool,
    "copies": int,
}
_AFTER = ("cancel", "unpaid", "past_due")


def _reset(state: State, faults: Faults, given: Json) -> Json:
    faults.clear()
    state.clear()
    return _settings(state, faults, given)


def _settings(state: State, faults: Faults, given: Json) -> Json:
    for name, value in given.items():
        if name not in SETTABLE or not isinstance(value, SETTABLE[name]):
            raise ApiError(f"A setting that is not known: {name}={value!r}", param=name)
    if given.get("after_retries", "cancel") not in _AFTER:
        raise ApiError(f"after_retries must be one of {', '.join(_AFTER)}", param="after_retries")
    state.settings.update(given)
    state.wake.set()
    return {key: value for key, value in state.settings.items() if key in SETTABLE}


def _clock(state: State, faults: Faults, given: Json) -> Json:
    """`seconds` forward, or `to` a moment."""
    until = int(given["to"]) if "to" in given else now(state) + int(given.get("seconds", 0))
    clocks.move_global(state, until)
    return {"now": now(state)}


def _fault(state: State, faults: Faults, given: Json) -> Json:
    faults.add(given)
    return {"faults": len(faults.faults)}


def _no_faults(state: State, faults: Faults, given: Json) -> Json:
    faults.faults.clear()
    return {"faults": 0}


def _calls(state: State, faults: Faults, given: Json) -> Json:
    return {"calls": faults.shown()}


def _no_calls(state: State, faults: Faults, given: Json) -> Json:
    faults.calls.clear()
    return {"calls": []}


def _deliveries(state: State, faults: Faults, given: Json) -> Json:
    return {"deliveries": [{**one, "id": one["event"]} for one in state.seen(DELIVERY)]}


def _again(state: State, faults: Faults, given: Json) -> Json:
    named = given.get("event")
    events = [named] if named else [one["event"] for one in state.seen(DELIVERY)]
    return {"deliveries": [deliveries.again(state, event)["event"] for event in events]}


def _dispute(state: State, faults: Faults, given: Json) -> Json:
    return payments.dispute(state, state.get("charge", given["charge"]), given.get("reason", "general"))


def _close_dispute(state: State, faults: Faults, given: Json) -> Json:
    if given.get("status") not in {"won", "lost"}:
        raise ApiError("status must be won or lost", param="status")
    return payments.close_dispute(state, given["dispute"], given["status"])


def _health(state: State, faults: Faults, given: Json) -> Json:
    return {"now": now(state), "objects": len(state.seen("event"))}


_CALLS: dict[tuple[str, str], Callable[[State, Faults, Json], Json]] = {
    ("GET", "health"): _health,
    ("POST", "reset"): _reset,
    ("POST", "settings"): _settings,
    ("POST", "clock"): _clock,
    ("POST", "faults"): _fault,
    ("DELETE", "faults"): _no_faults,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _no_calls,
    ("GET", "deliveries"): _deliveries,
    ("POST", "deliveries/again"): _again,
    ("POST", "disputes"): _dispute,
    ("POST", "disputes/close"): _close_dispute,
}


def answer(state: State, faults: Faults, method: str, path: str, text: str) -> Reply:
    work = _CALLS.get((method, path))
    if work is None:
        return reply(404, {"error": {"message": f"The stand-in knows no {method} /_standin/{path}"}})
    if work in {_reset, _no_faults}:
        # What begins anew, or is whole again, is nothing that a call of before still changes.
        faults.wait_for_calls()
    with state.lock:
        try:
            given: Any = json.loads(text or "{}")
            result = work(state, faults, given)
        except ApiError as error:
            state.rollback()
            return reply(error.status, error.body)
        except (KeyError, ValueError, TypeError) as error:
            state.rollback()
            return reply(400, {"error": {"message": f"Not understood: {error}"}})
        state.commit()
    return reply(200, result)


def reply(status: int, body: Json) -> Reply:
    return Reply(status, json.dumps(body).encode())
