"""Files of records of clients: brought twice they change nothing, taken back they leave nothing, in whatever pieces."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.appointments.models import Appointment
from core.balances.models import OpeningBalance
from core.imports.undo.undoing import undo_import
from tests.core.imports.test_import_properties import rolled_back
from tests.core.imports.undo.conftest import bring_run, tables

SETTINGS = settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
pytestmark = pytest.mark.usefixtures("media", "stores")

Rows = list[tuple[str, ...]]
# Each row is an appointment of its own.
OPTIONS: dict[str, Any] = {"create_missing": True, "answers": {"appointments:moved": "other"}}
APPOINTMENTS = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2"]),
        st.sampled_from(["", "1", "2"]),
        st.sampled_from(["", "C1", "C2"]),
        st.sampled_from(["2025-03-04 10:00", "2025-03-04 11:00", "2025-03-05 10:00"]),
        st.sampled_from(["", "Cut", "Gel"]),
        st.sampled_from(["", "ANN", "BEA"]),
        st.sampled_from(["", "booked", "done", "cancelled", "no show"]),
    ),
    min_size=1,
    max_size=5,
)
# No two are the same appointment.
WITHOUT_NUMBERS = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2"]),
        st.just(""),
        st.sampled_from(["C1", "C2"]),
        st.sampled_from(["2025-03-04 10:00", "2025-03-04 11:00", "2025-03-05 10:00"]),
        st.sampled_from(["Cut", "Gel"]),
        st.sampled_from(["", "ANN", "BEA"]),
        st.sampled_from(["booked", "done", "cancelled", "no show"]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda row: row[:5],
)
BALANCES = st.lists(
    st.tuples(
        st.sampled_from(["C1", "C2"]),
        st.sampled_from(["", "Ten", "Spa"]),
        st.sampled_from(["", "K1", "K2"]),
        st.sampled_from(["", "2025-01-01", "2025-02-01"]),
        st.sampled_from(["", "Cut", "Gel"]),
        st.sampled_from(["0", "1", "7.5"]),
    ),
    min_size=1,
    max_size=5,
)
MODELS = {"appointments": Appointment.objects.all(), "balances": OpeningBalance.objects.all()}
HEADS = {
    "appointments": "store_code,appointment_ref,client_ref,started_at,service_code,staff_code,status",
    "balances": "client_ref,item,card_number,bought_on,service_code,times_left",
}


def as_text(kind: str, rows: Rows) -> str:
    return "\n".join([HEADS[kind], *map(",".join, rows), ""])


def check_twice_and_back(kind: str, first: Rows, second: Rows, folder: Path) -> None:
    with rolled_back():
        bring_run(kind, as_text(kind, first), folder, **OPTIONS)
        assert MODELS[kind].all().count() == len(first)
        once = tables()
        bring_run(kind, as_text(kind, first), folder, **OPTIONS)
        assert tables() == once
        run = bring_run(kind, as_text(kind, second), folder, **OPTIONS)
        undone = undo_import(run.pk, acting_user=None)
        assert undone.undo is not None
        assert undone.undo["kept"] == 0
        assert tables() == once


@SETTINGS
@given(first=APPOINTMENTS, second=APPOINTMENTS)
def test_appointments(tmp_path: Path, first: Rows, second: Rows) -> None:
    check_twice_and_back("appointments", first, second, tmp_path)


@SETTINGS
@given(first=BALANCES, second=BALANCES)
def test_balances(tmp_path: Path, first: Rows, second: Rows) -> None:
    check_twice_and_back("balances", first, second, tmp_path)


@SETTINGS
@given(rows=WITHOUT_NUMBERS)
def test_appointments_in_pieces_are_those_of_the_whole(tmp_path: Path, rows: Rows) -> None:
    with rolled_back():
        bring_run("appointments", as_text("appointments", rows), tmp_path, **OPTIONS)
        expected = held()
    with rolled_back():
        for row in reversed(rows):
            bring_run("appointments", as_text("appointments", [row]), tmp_path, **OPTIONS)
        assert held() == expected


def held() -> list[tuple[object, ...]]:
    names = ("store__code", "ref", "client__ref", "day", "start_time", "service__code", "staff__code", "status")
    return sorted(Appointment.objects.values_list(*names), key=str)
