"""Events: what happened, with the object as it then was; each is then delivered."""

from typing import Any

from deploy.development.standin.object_fields import API_VERSION, Json, blank, new_id, public
from deploy.development.standin.state import State, now

DELIVERY = "_delivery"


def emit(state: State, kind: str, value: Json) -> None:
    """An `….updated` that changed nothing is none."""
    data: Json = {"object": public(value)}
    if kind.endswith(".updated"):
        changed = _changes(public(state.before(value["id"]) or {}), data["object"])
        if not changed:
            return
        data["previous_attributes"] = changed
    if "id" in value:
        state.tell(value)
    event = blank(
        "event",
        id=new_id("evt"),
        api_version=API_VERSION,
        created=now(state),
        data=_copy(data),
        pending_webhooks=1,
        request=dict(state.request),
        type=kind,
    )
    state.add(event)
    state.add(
        {
            "id": f"_{event['id']}",
            "object": DELIVERY,
            "event": event["id"],
            "attempts": 0,
            "due": 0.0,
            "done": False,
            "answer": None,
        }
    )
    state.wake.set()


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def _changes(before: Json, after: Json) -> Json:
    """The old values of what differs; of a group only the part that does."""
    found: Json = {}
    for key, old in before.items():
        new = after.get(key)
        if old == new:
            continue
        found[key] = _changes(old, new) if isinstance(old, dict) and isinstance(new, dict) and old else old
    return found
