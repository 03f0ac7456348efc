"""Whatever comes before and after an import: taken back, what was touched since is kept, the rest is as without it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.catalogue.services.editing import FIELDS as SERVICE_FIELDS
from core.catalogue.services.editing import change_service
from core.clients.models import Client
from core.imports.undo.undoing import undo_import
from core.membership.models import ClientTier
from core.merging.models import Merge
from core.merging.services.merging import merge_categories, merge_clients, merge_services, merge_staff, merge_stores
from core.merging.services.undoing import undo_merge
from core.profiles.services.editing import FIELDS as CLIENT_FIELDS
from core.profiles.services.editing import change_client
from core.reporting.facts.refresh import refresh_all
from core.reporting.models import ClientFacts, StoreDay
from core.staff.models import StaffMember
from core.stores.models import Store
from core.visits.models import Visit, VisitLine
from core.visits.services.visits import void_visit
from tests.core.imports.test_import_properties import ANSWERS, ROWS, Row, rolled_back, text_of
from tests.core.imports.undo.conftest import bring_run, tables

SETTINGS = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("media")]
Rows = dict[Any, Any]

CLIENTS = st.dictionaries(
    st.sampled_from(["C1", "C2", "C3", "C4"]),
    st.tuples(
        st.sampled_from(["", "Li", "Fang"]),
        st.sampled_from(["", "138", "139"]),
        st.sampled_from(["", "gold", "jade"]),
        st.sampled_from(["", "C1", "C4", "C9"]),
    ),
    min_size=1,
)
Clients = dict[str, tuple[str, ...]]
EDITS = st.lists(
    st.tuples(st.sampled_from(["C1", "C2", "C3", "C4", "C9"]), st.sampled_from(["name", "phone"])), max_size=2
)


def visits() -> Rows:
    """By id, each with its lines."""
    lines: Rows = {}
    for line in VisitLine.objects.order_by("pk").values():
        lines.setdefault(line["visit_id"], []).append(line)
    return {visit["id"]: (visit, lines.get(visit["id"])) for visit in Visit.objects.values()}


def clients() -> Rows:
    return {client["id"]: client for client in Client.objects.values()}


def tiers() -> Rows:
    held: Rows = {}
    for tier in ClientTier.objects.order_by("pk").values():
        held.setdefault(tier["client_id"], []).append(tier)
    return held


def facts() -> list[Any]:
    return [
        list(ClientFacts.objects.order_by("client_id").values_list("client_id", "facts")),
        list(StoreDay.objects.filter(lines__gt=0).order_by("store_id", "day").values_list()),
    ]


def as_text(rows: Clients) -> str:
    lines = [",".join((ref, *(cell if cell != ref else "" for cell in cells))) for ref, cells in rows.items()]
    return "\n".join(["client_ref,name,phone,member_tier,referrer_ref", *lines, ""])


@SETTINGS
@given(first=ROWS, second=ROWS)
def test_import_then_undo_is_nothing(tmp_path: Path, stores: list[Store], first: list[Row], second: list[Row]) -> None:
    with rolled_back():
        bring_run("visits", text_of(first), tmp_path, create_missing=True, answers=ANSWERS)
        before, answers = tables(), facts()
        run = bring_run("visits", text_of(second), tmp_path, create_missing=True, answers=ANSWERS)
        undone = undo_import(run.pk, acting_user=None)
        assert undone.undo is not None
        assert undone.undo["kept"] == 0
        assert (tables(), facts()) == (before, answers)


@SETTINGS
@given(first=ROWS, second=ROWS, third=ROWS, voided=st.sets(st.integers(0, 9)))
def test_visits_touched_since_are_kept(
    tmp_path: Path,
    stores: list[Store],
    hq_user: Any,
    first: list[Row],
    second: list[Row],
    third: list[Row],
    voided: set[int],
) -> None:
    with rolled_back():
        bring_run("visits", text_of(first), tmp_path, create_missing=True, answers=ANSWERS)
        without = visits()
        run = bring_run("visits", text_of(second), tmp_path, create_missing=True, answers=ANSWERS)
        left = visits()
        bring_run("visits", text_of(third), tmp_path, create_missing=True, answers=ANSWERS)
        for number, visit in enumerate(Visit.objects.filter(voided_at=None).order_by("pk")):
            if number in voided:
                void_visit(acting_user=hq_user, visit_id=visit.pk)
        by_now = visits()
        undo_import(run.pk, acting_user=None)
        expected = {pk: without.get(pk) if visit == left.get(pk) else visit for pk, visit in by_now.items()}
        assert visits() == {pk: visit for pk, visit in expected.items() if visit is not None}
        named = {visit["client_id"] for visit, _lines in visits().values()}
        assert named - {None} <= set(Client.objects.values_list("pk", flat=True))
        serving = set(VisitLine.objects.exclude(staff=None).values_list("staff", flat=True))
        assert serving <= set(StaffMember.objects.values_list("pk", flat=True))
        answers = facts()
        refresh_all()
        assert facts() == answers


@SETTINGS
@given(first=CLIENTS, second=CLIENTS, third=CLIENTS, edits=EDITS)
def test_clients_touched_since_are_kept(
    tmp_path: Path, stores: list[Store], first: Clients, second: Clients, third: Clients, edits: list[tuple[str, str]]
) -> None:
    with rolled_back():
        bring_run("clients", as_text(first), tmp_path, create_missing=True)
        without = clients()
        run = bring_run("clients", as_text(second), tmp_path, create_missing=True)
        left, tiers_left = clients(), tiers()
        bring_run("clients", as_text(third), tmp_path, create_missing=True)
        for ref, column in edits:
            Client.objects.filter(ref=ref).update(**{column: "by hand"})
        by_now, tiers_by_now = clients(), tiers()
        undo_import(run.pk, acting_user=None)
        remaining = clients()
        for pk, client in remaining.items():
            was = without.get(pk, client)
            same = left.get(pk, client)
            assert client == {name: was[name] if value == same[name] else value for name, value in by_now[pk].items()}
        assert {pk for pk in by_now if pk in without or pk not in left} <= set(remaining)
        assert {client["referrer_id"] for client in remaining.values()} - {None} <= set(remaining)
        brought = {client["referrer_id"] for client in remaining.values()}
        for pk in set(remaining) - set(without) - brought:
            assert (left.get(pk), tiers_left.get(pk)) != (by_now[pk], tiers_by_now.get(pk))


MERGES = {
    "stores": (Store, "code", merge_stores),
    "staff": (StaffMember, "code", merge_staff),
    "services": (Service, "code", merge_services),
    "categories": (ServiceCategory, "name", merge_categories),
    "clients": (Client, "ref", merge_clients),
}
PAIRS = st.lists(st.tuples(st.sampled_from(sorted(MERGES)), st.integers(0, 5), st.integers(0, 5)), max_size=3)


def merge_some(pairs: list[tuple[str, int, int]]) -> list[Merge]:
    """Of the records there are, those at these places."""
    done = []
    for kind, first, second in pairs:
        model, code, merge = MERGES[kind]
        records = list(model.objects.exclude(**{code: UNCATEGORISED}).order_by(code))
        if records and (keep := records[first % len(records)]) != (gone := records[second % len(records)]):
            done.append(merge(keep=keep, gone=gone, acting_user=None))  # type: ignore[operator]
    return done


def all_rows() -> dict[str, list[str]]:
    """Without the list of merges that were taken back; codes of which one was merged are kept by it."""
    return {name: rows for name, rows in tables().items() if name != "merging_merge"}


@SETTINGS
@given(first=ROWS, second=ROWS, before=PAIRS, between=PAIRS)
def test_merges_between_an_import_and_its_undo(
    tmp_path: Path,
    stores: list[Store],
    first: list[Row],
    second: list[Row],
    before: list[tuple[str, int, int]],
    between: list[tuple[str, int, int]],
) -> None:
    """Taken back in any order, all is as without them."""
    with rolled_back():
        bring_run("visits", text_of(first), tmp_path, create_missing=True, answers=ANSWERS)
        plain, there = (all_rows(), facts()), visits()
        merges = merge_some(before)
        run = bring_run("visits", text_of(second), tmp_path, create_missing=True, answers=ANSWERS)
        merges += merge_some(between)
        undone = undo_import(run.pk, acting_user=None)
        assert undone.undo is not None
        assert {record["reason"] for record in undone.undo["records"]} <= {"used"}
        kept = facts()
        refresh_all()
        assert facts() == kept
        for merge in reversed(merges):
            undo_merge(merge.pk, acting_user=None)
        if not undone.undo["kept"]:
            assert (all_rows(), facts()) == plain
        assert visits() == there


RECODED = st.lists(st.tuples(st.sampled_from(["service", "client"]), st.integers(0, 5)), max_size=3)


def recode_some(edits: list[tuple[str, int]]) -> None:
    """Of the services and clients there are, those at these places get another code or number."""
    for number, (kind, place) in enumerate(edits):
        if kind == "client" and (clients := list(Client.objects.order_by("pk"))):
            client = clients[place % len(clients)]
            values = {name: getattr(client, name) for name in CLIENT_FIELDS} | {"ref": f"new {number}"}
            change_client(client_id=client.pk, values=values, acting_user=None)
        if kind == "service" and (services := list(Service.objects.order_by("pk"))):
            service = services[place % len(services)]
            values = {name: getattr(service, name) for name in SERVICE_FIELDS}
            values |= {"code": f"new {number}", "category": service.category.name}
            change_service(service_id=service.pk, values=values, acting_user=None)


@SETTINGS
@given(first=ROWS, second=ROWS, edits=RECODED)
def test_new_codes_between_an_import_and_its_undo(
    tmp_path: Path, stores: list[Store], first: list[Row], second: list[Row], edits: list[tuple[str, int]]
) -> None:
    """Visits are as before the import, and the files of before say nothing new."""
    with rolled_back():
        bring_run("visits", text_of(first), tmp_path, create_missing=True, answers=ANSWERS)
        there = without_keys(visits())
        run = bring_run("visits", text_of(second), tmp_path, create_missing=True, answers=ANSWERS)
        recode_some(edits)
        undo_import(run.pk, acting_user=None)
        assert without_keys(visits()) == there
        kept = facts()
        refresh_all()
        assert facts() == kept
        bring_run("visits", text_of(first), tmp_path, create_missing=True, answers=ANSWERS)
        assert without_keys(visits()) == there


def without_keys(found: Rows) -> Rows:
    """What the product keeps for itself follows the number."""
    return {pk: ({**visit, "import_key": None}, lines) for pk, (visit, lines) in found.items()}
