"""A request is one transaction, whatever is looked at within it."""

from pathlib import Path

from deploy.development.standin.object_fields import Json
from deploy.development.standin.state import State


def thing(found: str, value: int) -> Json:
    return {"id": found, "object": "thing", "value": value}


def test_a_look_ahead_leaves_what_was_done_before_it_and_nothing_else(tmp_path: Path) -> None:
    state = State(tmp_path / "state", "")
    kept = state.add(thing("kept", 1))
    state.commit()
    kept = state.get("thing", "kept")
    kept["value"] = 2
    new = state.add(thing("new", 1))
    with state.undone():
        state.get("thing", "kept")["value"] = 3
        state.get("thing", "new")["value"] = 3
        state.add(thing("inside", 1))
        state.remove(state.add(thing("gone", 1)))
    assert (kept["value"], new["value"], state.find("inside")) == (2, 1, None)
    state.commit()
    assert [one["value"] for one in State(tmp_path / "state", "").seen("thing")] == [2, 1]


def test_what_was_removed_comes_back(tmp_path: Path) -> None:
    state = State(tmp_path / "state", "")
    state.add(thing("kept", 1))
    state.commit()
    with state.undone():
        state.remove(state.get("thing", "kept"))
    assert state.get("thing", "kept")["value"] == 1
    state.remove(state.get("thing", "kept"))
    state.rollback()
    assert state.get("thing", "kept")["value"] == 1


def test_a_rollback_takes_back_all_of_a_request(tmp_path: Path) -> None:
    state = State(tmp_path / "state", "")
    state.add(thing("kept", 1))
    state.commit()
    held = state.get("thing", "kept")
    held["value"] = 2
    with state.undone():
        held["value"] = 3
    state.add(thing("new", 1))
    state.rollback()
    assert [one["value"] for one in state.seen("thing")] == [1]
    assert held["value"] == 1
