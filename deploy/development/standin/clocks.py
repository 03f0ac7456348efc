"""Test clocks, as Stripe has them: customers made on one live in its time."""

from deploy.development.standin import renewals
from deploy.development.standin.customers import delete as delete_customer
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import Json, blank, new_id
from deploy.development.standin.params import Params
from deploy.development.standin.periods import DAY
from deploy.development.standin.state import State, now


def create(state: State, params: Params) -> Json:
    clock = blank(
        "test_helpers.test_clock",
        id=new_id("clock"),
        created=now(state),
        deletes_after=now(state) + 30 * DAY,
        frozen_time=params.need_number("frozen_time"),
        name=params.text("name"),
        status="ready",
        status_details={},
    )
    state.add(clock)
    emit(state, "test_helpers.test_clock.created", clock)
    return clock


def advance(state: State, params: Params, found: str) -> Json:
    """Done at once, though the answer says `advancing` as Stripe's does."""
    clock = state.get("test_helpers.test_clock", found)
    until = params.need_number("frozen_time")
    if until <= clock["frozen_time"]:
        raise ApiError("The frozen time must be after the clock's.", param="frozen_time", code="parameter_invalid")
    renewals.run(state, clock, until)
    emit(state, "test_helpers.test_clock.ready", clock)
    return {**clock, "status": "advancing", "status_details": {"advancing": {"target_frozen_time": until}}}


def delete(state: State, params: Params, found: str) -> Json:
    clock = state.get("test_helpers.test_clock", found)
    for customer in state.where("customer", test_clock=found):
        if not customer.get("_deleted"):
            delete_customer(state, params, customer["id"])
    emit(state, "test_helpers.test_clock.deleted", clock)
    state.remove(clock)
    return {"id": found, "object": "test_helpers.test_clock", "deleted": True}


def move_global(state: State, until: int) -> None:
    """The time of all customers without a clock of their own; it then runs on from there."""
    began = now(state)
    if until < began:
        raise ApiError("Time does not go back.", param="to", code="parameter_invalid")
    renewals.run(state, None, until)
    state.settings["at"] = None
    state.settings["offset"] += until - began
