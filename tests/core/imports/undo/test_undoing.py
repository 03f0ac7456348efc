"""What an import made goes, what it changed is as before, what was changed since is kept."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.accounts.models import User
from core.appointments.models import Appointment
from core.audit.models import AuditEntry
from core.balances.models import OpeningBalance
from core.clients.models import Client
from core.imports.models import ImportRun, MadeRecords
from core.imports.undo import recording, restoring
from core.imports.undo.undoing import undo_import
from core.membership.models import ClientTier
from core.reporting.facts.refresh import refresh_all
from core.shared.errors import AppError
from core.stores.models import Store, StoreGroupMember
from core.stores.services.groups import add_stores, create_group
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit, void_visit
from tests.core.imports.undo.conftest import BringRun, tables
from tests.core.reporting.kept_facts import kept_facts

pytestmark = pytest.mark.usefixtures("stores", "media")
VISITS = (
    "store_code,client_ref,started_at,visit_ref,item,category,amount,staff_code\n"
    "S1,C1,2025-03-01 10:00,1,Cut,Hair,50,ANN\n"
    "S1,C1,2025-03-01 10:00,1,Colour,Hair,80,ANN\n"
    "S2,C2,2025-03-02 11:00,2,Cut,Hair,50,BEA\n"
    "S2,,2025-03-02 12:00,3,Cut,Hair,50,BEA\n"
)
APPOINTMENT = "client_ref,started_at,appointment_ref,status\nC1,2025-03-01 10:00,A1,booked\n"
BALANCE = "client_ref,item,bought_on,times_left\nC1,Ten cuts,2025-01-01,4\n"
FILES = {
    "stores": "store_code,name,city,valid_from\nS1,Salon One,北京,2025-01-01\nS3,Salon Three,上海,2025-01-01\n",
    "staff": "staff_code,name,store_code,role\nANN,Ann Lee,S2,Stylist\nCAT,Cat,S1,Stylist\n",
    "services": "service_code,name,category,price\nCut,Ladies cut,Styling,60\nPerm,Perm,Perms,90\n",
    "clients": (
        "client_ref,name,store_code,member_tier,referrer_ref\nC1,Fang,S1,gold,C9\nC3,Li,S2,silver,C1\nC9,Wu,,gold,\n"
    ),
    "visits": VISITS.replace(",1,Colour,Hair,80", ",1,Colour,Hair,90").replace("C2,", "C4,"),
    "balances": (
        "client_ref,item,bought_on,times_left,service_code,store_code\n"
        "C1,Ten cuts,2025-01-01,3,Cut,S2\nC6,Ten cuts,2025-01-01,9,Perm,S1\n"
    ),
    "appointments": (
        "store_code,client_ref,started_at,appointment_ref,service_code,staff_code,status,client_phone\n"
        "S1,C1,2025-03-02 10:00,A1,Cut,ANN,cancelled,139\nS2,C5,2025-03-03 11:00,A2,Perm,CAT,booked,\n"
    ),
}
OPTIONS = {
    "clients": {"create_missing": True},
    "visits": {"create_missing": True},
    "appointments": {"create_missing": True},
    "balances": {"create_missing": True},
}


def totals(run: ImportRun) -> tuple[int, int, int]:
    assert run.undo is not None
    return run.undo["removed"], run.undo["restored"], run.undo["kept"]


def kept(run: ImportRun) -> list[tuple[str, str]]:
    assert run.undo is not None
    return [(record["label"], record["reason"]) for record in run.undo["records"]]


@pytest.mark.parametrize("kind", FILES)
def test_an_import_into_an_empty_chain_leaves_nothing(bring: BringRun, kind: str) -> None:
    bring("staff", "staff_code,name,store_code\nZOE,Zoe,S1\n")
    before = tables()
    run = bring(kind, FILES[kind], **OPTIONS.get(kind, {}))
    assert tables() != before
    undone = undo_import(run.pk, acting_user=None)
    assert not kept(undone)
    assert tables() == before


@pytest.mark.parametrize("kind", FILES)
def test_an_import_over_another_leaves_what_was_there(bring: BringRun, kind: str) -> None:
    bring("visits", VISITS, create_missing=True)
    bring("clients", "client_ref,name,member_tier\nC1,Old,silver\n", create_missing=True)
    bring("appointments", APPOINTMENT, store="S1")
    bring("balances", BALANCE)
    before = tables()
    run = bring(kind, FILES[kind], **OPTIONS.get(kind, {}))
    undone = undo_import(run.pk, acting_user=None)
    assert totals(undone)[1] >= 1
    assert not kept(undone)
    assert tables() == before


def test_an_appointment_that_was_changed_since_is_kept(bring: BringRun, stores: list[Store]) -> None:
    run = bring("appointments", FILES["appointments"], create_missing=True)
    bring("appointments", APPOINTMENT.replace("booked", "completed"), store="S1")
    undone = undo_import(run.pk, acting_user=None)
    assert kept(undone) == [
        ("1 Mar 2025 · Salon S1 · C1 · A1", "changed"), ("C1", "used"), ("ANN", "used"), ("Cut", "used"),
        ("uncategorised", "used"),
    ]  # fmt: skip
    assert Appointment.objects.count() == 1


def test_a_balance_that_was_changed_since_is_kept(bring: BringRun) -> None:
    run = bring("balances", FILES["balances"], create_missing=True)
    bring("balances", BALANCE)
    assert ("C1 · Ten cuts", "changed") in kept(undo_import(run.pk, acting_user=None))
    assert OpeningBalance.objects.values_list("client__ref", "times_left").get() == ("C1", Decimal(4))


def test_appended_lines_go(bring: BringRun) -> None:
    days = "store_code,client_ref,started_at,item,amount\nS1,C1,2025-03-01 10:00,Cut,50\n"
    bring("visits", days, create_missing=True)
    before = tables()
    run = bring("visits", days.replace("Cut,50", "Gel,5"), create_missing=True, append=True)
    assert totals(undo_import(run.pk, acting_user=None))[1:] == (1, 0)
    assert tables() == before


def test_a_dry_run_keeps_nothing_but_what_it_came_to(bring: BringRun) -> None:
    run = bring("visits", VISITS, create_missing=True)
    before = tables()
    tried = undo_import(run.pk, acting_user=None, dry_run=True)
    assert totals(tried) == (10, 0, 0)
    assert tried.undone_at is None
    assert tables() == before
    assert totals(undo_import(run.pk, acting_user=None)) == totals(tried)


def test_a_visit_that_was_voided_since_is_kept_with_all_it_names(bring: BringRun, hq_user: User) -> None:
    run = bring("visits", VISITS, create_missing=True)
    visit = Visit.objects.get(ref="2")
    void_visit(acting_user=hq_user, visit_id=visit.pk)
    undone = undo_import(run.pk, acting_user=None)
    assert list(Visit.objects.all()) == [visit]
    assert sorted(kept(undone)) == [
        ("2 Mar 2025 · Salon S2 · C2 · 2", "changed"),
        ("BEA", "used"),
        ("C2", "used"),
        ("Cut", "used"),
        ("Hair", "used"),
    ]


def test_who_has_come_since_is_kept(bring: BringRun, hq_user: User, stores: list[Store]) -> None:
    run = bring("clients", FILES["clients"].replace("silver", "jade"), create_missing=True)
    client = Client.objects.get(ref="C3")
    lines = [NewLine(amount=Decimal(5))]
    record_visit(acting_user=hq_user, store=stores[0], client=client, day=date(2025, 3, 4), lines=lines)
    undone = undo_import(run.pk, acting_user=None)
    # C1 brought C3, and C9 brought C1.
    assert [label for label, _reason in kept(undone)] == ["Fang (C1)", "Li (C3)", "Wu (C9)", "jade"]
    assert ClientTier.objects.count() == 3


def test_a_store_that_is_in_a_group_since_is_kept(bring: BringRun) -> None:
    run = bring("stores", "store_code,name,city\nN1,New,上海\nN2,Newer,上海\n")
    add_stores(group_id=create_group(name="Pilot").pk, codes=["N1"])
    assert kept(undo_import(run.pk, acting_user=None)) == [("New (N1)", "used")]
    assert set(Store.objects.filter(code__startswith="N").values_list("code", flat=True)) == {"N1"}
    assert StoreGroupMember.objects.count() == 1


def test_columns_that_were_changed_since_stay(bring: BringRun) -> None:
    bring("clients", "client_ref,name,phone\nC1,Old,1\n")
    run = bring("clients", "client_ref,name,phone\nC1,New,2\n")
    Client.objects.update(phone="3")
    undone = undo_import(run.pk, acting_user=None)
    client = Client.objects.get()
    assert (client.name, client.phone) == ("Old", "3")
    assert (totals(undone), kept(undone)) == ((0, 0, 1), [("Old (C1)", "changed")])


def test_a_later_file_keeps_what_it_names_and_can_itself_be_taken_back(bring: BringRun) -> None:
    first = bring("visits", VISITS, create_missing=True)
    state = tables()
    second = bring("visits", VISITS.replace("80", "81"), create_missing=True)
    assert totals(undo_import(second.pk, acting_user=None)) == (0, 1, 0)
    assert {**tables(), "imports_maderecords": []} == {**state, "imports_maderecords": []}
    assert totals(undo_import(first.pk, acting_user=None)) == (10, 0, 0)
    assert not Visit.objects.exists()


@pytest.mark.parametrize("near", [recording.NEAR, 2])
def test_what_is_made_between_records_of_others_is_told_apart(
    bring: BringRun, monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    monkeypatch.setattr(recording, "NEAR", near)
    monkeypatch.setattr(recording, "PIECE", 2 * near)
    first = bring("visits", VISITS, create_missing=True)
    state = tables()
    # The ids of visits that are known already stay unused.
    new = [f"S1,C{client},2025-03-0{day} 10:00,{day}{client},Cut,Hair,50,ANN\n" for day in (4, 5) for client in (1, 2)]
    run = bring("visits", VISITS + "".join(new), create_missing=True)
    visits = MadeRecords.objects.filter(table="visits_visit")
    assert [sum(len(row.digests) for row in visits.filter(run=one)) for one in (first, run)] == [3, len(new)]
    if near > 2:
        assert not visits.filter(run=first, ids__isnull=False).exists()
        assert visits.filter(run=run, ids__isnull=False).exists()
    assert totals(undo_import(run.pk, acting_user=None))[0] == len(new)
    assert tables() == state


def test_what_a_restored_visit_names_has_to_be_there(bring: BringRun) -> None:
    first = bring("visits", VISITS, create_missing=True)
    second = bring("visits", VISITS.replace("ANN", "BEA"), create_missing=True)
    undo_import(first.pk, acting_user=None)
    undone = undo_import(second.pk, acting_user=None)
    assert [reason for _label, reason in kept(undone)] == ["gone"]


def test_it_is_in_the_trail(bring: BringRun, hq_user: User) -> None:
    bring("clients", "client_ref,name\nC1,Old\n")
    run = bring("clients", "client_ref,name\nC1,New\nC2,Li\n")
    undo_import(run.pk, acting_user=hq_user)
    changed, undone = list(AuditEntry.objects.order_by("pk"))[-2:]
    assert (changed.action, changed.before, changed.after) == ("client.changed", {"name": "New"}, {"name": "Old"})
    assert (undone.action, undone.actor, undone.subject_id) == ("import.undone", hq_user.email, str(run.pk))
    assert undone.after == {"removed": 1, "restored": 1, "kept": 0}


def test_nothing_is_taken_back_twice_or_that_did_not_come_in(bring: BringRun) -> None:
    run = bring("clients", "client_ref,name\nC1,Old\n")
    undo_import(run.pk, acting_user=None)
    checked = ImportRun.objects.create(kind="clients", file_name="x", status="done")
    old = ImportRun.objects.create(kind="clients", file_name="x", status="done", dry_run=False)
    for pk, code in [(run.pk, "already_undone"), (checked.pk, "not_imported"), (old.pk, "not_recorded")]:
        with pytest.raises(AppError) as refused:
            undo_import(pk, acting_user=None)
        assert refused.value.code == code


def test_facts_are_those_of_the_visits_that_stay(bring: BringRun) -> None:
    from core.reporting.models import ClientFacts, StoreDay

    bring("visits", VISITS, create_missing=True)
    run = bring("visits", FILES["visits"] + "S1,C2,2025-04-01,9,Cut,Hair,5,ANN\n", create_missing=True)
    undo_import(run.pk, acting_user=None)

    def facts() -> list[object]:
        return [
            list(ClientFacts.objects.order_by("client_id").values_list("client_id", "facts")),
            list(StoreDay.objects.filter(lines__gt=0).order_by("store_id", "day").values_list()),
        ]

    told = facts()
    refresh_all()
    assert facts() == told


def test_lines_follow_their_service_back(bring: BringRun) -> None:
    bring("visits", VISITS.replace(",Hair,", ",,"), create_missing=True)
    before = tables()
    run = bring("services", "service_code,name,category\nCut,Ladies cut,Styling\n")
    assert tables() != before
    undo_import(run.pk, acting_user=None)
    told = kept_facts()
    refresh_all()
    assert told == kept_facts()


def test_visits_come_back_in_pieces(bring: BringRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they were is never read of more than a piece at once, however many an import has replaced."""
    rows = "".join(f"S1,C{visit},2025-03-01 10:00,R{visit},{item},Hair,50,ANN\n" for visit in range(7) for item in "ab")
    text = VISITS.splitlines(keepends=True)[0] + rows
    bring("visits", text, create_missing=True)
    before = tables()
    run = bring("visits", text.replace(",50,", ",60,"), create_missing=True)
    monkeypatch.setattr(restoring, "PIECE", 3)
    with CaptureQueriesContext(connection) as queries:
        undone = undo_import(run.pk, acting_user=None)
    assert tables() == before
    assert undone.undo is not None
    assert (undone.undo["restored"], undone.undo["kept"]) == (7, 0)
    said = [query["sql"] for query in queries]
    read = [sql for sql in said if "jsonb_populate_record" in sql and "visits_visit" in sql]
    spans = [re.search(r"c\.id BETWEEN (\d+) AND (\d+)", sql) for sql in read]
    assert len(spans) > 9
    assert {int(span[2]) - int(span[1]) for span in spans if span} == {2}
    assert all(spans)
