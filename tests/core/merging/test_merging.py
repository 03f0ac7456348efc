"""Two records become one: all that named the one names the other, files go on as before, and it can be taken back."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps

from core.accounts.models import User
from core.appointments.models import Appointment
from core.audit.models import AuditEntry
from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.catalogue.services.editing import change_service, delete_category
from core.clients.models import Client
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.undo.undoing import undo_import
from core.merging.kinds import KINDS
from core.merging.models import Merge
from core.merging.services.merging import merge_categories, merge_clients, merge_services, merge_staff, merge_stores
from core.merging.services.undoing import preview_undo, undo_merge
from core.reporting.answers import answer
from core.reporting.facts.refresh import refresh_all
from core.reporting.question import Question
from core.shared.errors import AppError
from core.shared.merged import references_to
from core.staff.models import StaffMember
from core.stores.models import Store, StoreAccess
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit, void_visit
from tests.core.imports.undo.conftest import BringRun, tables
from tests.core.imports.undo.test_properties import facts

ANSWERS = {"receipts:days": "separate"}
pytestmark = pytest.mark.usefixtures("stores", "media")
VISITS = (
    "store_code,client_ref,started_at,visit_ref,item,category,amount,staff_code\n"
    "S1,C1,2025-03-01 10:00,1,Cut,Hair,50,ANN\n"
    "S1,C1,2025-03-01 10:00,1,Colour,Hair,80,ANN\n"
    "S2,C1,2025-03-01 11:00,1,Haircut,Styling,50,BEA\n"
    "S2,C2,2025-03-02 11:00,2,Haircut,Styling,50,BEA\n"
    "S2,,2025-03-02 12:00,3,Haircut,,50,BEA\n"
)
DAYS = (
    "store_code,client_ref,started_at,item,amount\n"
    "S1,C1,2025-04-01,Cut,50\nS2,C1,2025-04-01,Cut,60\nS1,,2025-04-01,Cut,5\nS2,,2025-04-01,Cut,6\n"
)


def counts(folder: Path, content: str) -> tuple[int, int, int]:
    """What a file of visits comes to: new, changed and as before."""
    path = folder / "again.csv"
    path.write_text(content)
    result = import_file(kind="visits", source=path, options=ImportOptions(create_missing=True))
    return result.created, result.updated, result.unchanged


@pytest.fixture
def pair(stores: list[Store], bring: BringRun) -> tuple[Store, Store]:
    bring("visits", VISITS, create_missing=True)
    bring("visits", DAYS, create_missing=True)
    return stores[0], stores[1]


def third_store() -> Store:
    store = Store.objects.create(code="S3", name="Third")
    store.locations.create(city="上海", city_tier="一线", region="华东")
    return store


def facts_are_right() -> bool:
    kept = facts()
    refresh_all()
    return facts() == kept


def without_merges(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: rows for name, rows in found.items() if not name.startswith("merging_")}


def test_a_store_and_all_it_has_comes_to_the_other(pair: tuple[Store, Store], hq_user: User) -> None:
    keep, gone = pair
    merge = merge_stores(keep=keep, gone=gone, acting_user=hq_user)
    assert set(Visit.objects.values_list("store__code", flat=True)) == {"S1"}
    assert set(StaffMember.objects.values_list("store__code", flat=True)) == {"S1"}
    assert list(Store.objects.values_list("code", flat=True)) == ["S1"]
    assert merge.moved["visits_visit"] == 5
    question = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="store")
    assert [group.key for group in answer(question).groups] == ["S1"]
    assert facts_are_right()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.subject_label, entry.after["gone"]) == ("merged", keep.name, f"{gone.name} (S2)")


@pytest.mark.parametrize(("file", "visits"), [(VISITS, 4), (DAYS, 4)])
def test_the_files_of_a_merged_store_say_what_they_said(
    pair: tuple[Store, Store], hq_user: User, tmp_path: Path, file: str, visits: int
) -> None:
    """Also where both have the same receipt, or a day of the same client."""
    keep, gone = pair
    merge_stores(keep=keep, gone=gone, acting_user=hq_user)
    before = tables()
    assert counts(tmp_path, file) == (0, 0, visits)
    assert tables() == before


def test_new_rows_of_a_merged_store_go_to_the_kept_one(
    pair: tuple[Store, Store], hq_user: User, bring: BringRun
) -> None:
    keep, gone = pair
    merge_stores(keep=keep, gone=gone, acting_user=hq_user)
    new = VISITS.replace("2025-03", "2025-05").replace("BEA", "NEW")
    bring("visits", new, create_missing=True, answers=ANSWERS)
    bring("clients", "client_ref,name,store_code\nC9,Wu,S2\n")
    bring("staff", "staff_code,name,store_code\nZOE,Zoe,S2\n")
    bring("visits", "client_ref,started_at,amount\nC1,2025-06-01,5\n", store="S2")
    for model in (Visit, StaffMember):
        assert set(model._default_manager.values_list("store__code", flat=True)) == {"S1"}
    assert Client.objects.get(ref="C9").store == keep
    assert facts_are_right()


def test_a_name_of_both_is_the_kept_one(stores: list[Store], hq_user: User, bring: BringRun) -> None:
    Store.objects.update(name="Salon")
    merge_stores(keep=stores[0], gone=stores[1], acting_user=hq_user)
    bring("visits", "store_code,client_ref,started_at,amount\nsalon,C1,2025-04-01,50\n", create_missing=True)
    assert Visit.objects.get().store == stores[0]


def test_services_come_with_their_lines_and_category(
    pair: tuple[Store, Store], hq_user: User, bring: BringRun, tmp_path: Path
) -> None:
    services = {service.code: service for service in Service.objects.all()}
    merge = merge_services(keep=services["Cut"], gone=services["Haircut"], acting_user=hq_user)
    assert set(VisitLine.objects.values_list("service__code", "category__name")) == {
        ("Cut", "Hair"),
        ("Colour", "Hair"),
        ("Cut", "Styling"),
        ("Cut", None),
    }
    # What a file did not say is as the kept one has it.
    assert VisitLine.objects.get(visit__ref="3").current_category == services["Cut"].category
    assert merge.moved == {"visits_visitline": 3}
    assert facts_are_right()
    before = tables()
    assert counts(tmp_path, VISITS) == (0, 0, 4)
    assert tables() == before
    bring("visits", "store_code,client_ref,started_at,item,amount\nS1,C1,2025-08-01,haircut,5\n", create_missing=True)
    line = VisitLine.objects.latest("pk")
    assert (line.service, line.current_category.name) == (services["Cut"], "Hair")


def test_staff_come_with_their_lines_and_appointments(
    pair: tuple[Store, Store], hq_user: User, bring: BringRun, tmp_path: Path
) -> None:
    file = "store_code,client_ref,started_at,staff_code,status\nS2,C2,2025-07-01 10:00,BEA,booked\n"
    bring("appointments", file)
    staff = {member.code: member for member in StaffMember.objects.all()}
    before = without_merges(tables())
    merge = merge_staff(keep=staff["ANN"], gone=staff["BEA"], acting_user=hq_user)
    assert merge.moved == {"appointments_appointment": 1, "visits_visitline": 3}
    assert list(StaffMember.objects.values_list("code", flat=True)) == ["ANN"]
    question = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="staff")
    assert {group.key for group in answer(question).groups} == {"ANN"}
    assert facts_are_right()
    merged = tables()
    assert counts(tmp_path, VISITS) == (0, 0, 4)
    assert tables() == merged
    taken = [bring("appointments", file.replace("booked", "no-show"))]
    taken.append(bring("visits", VISITS.replace("2025-03", "2025-06"), answers=ANSWERS))
    assert set(VisitLine.objects.values_list("staff__code", flat=True)) == {"ANN", None}
    assert set(Appointment.objects.values_list("staff__code", flat=True)) == {"ANN"}
    for run in reversed(taken):
        undo_import(run.pk, acting_user=hq_user)
    undo_merge(merge.pk, acting_user=hq_user)
    assert without_merges(tables()) == before
    assert facts_are_right()


def test_categories_come_with_their_services_and_lines(
    pair: tuple[Store, Store], hq_user: User, bring: BringRun, tmp_path: Path
) -> None:
    category = {one.name: one for one in ServiceCategory.objects.all()}
    before = without_merges(tables())
    merge = merge_categories(keep=category["Hair"], gone=category["Styling"], acting_user=hq_user)
    assert merge.moved == {"catalogue_service": 1, "visits_visitline": 2}
    # Before anything else has them counted anew; of lines that follow their service too.
    assert facts_are_right()
    assert {line.current_category.name for line in VisitLine.objects.all()} == {"Hair"}
    question = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="category")
    assert {group.key for group in answer(question).groups} == {"Hair"}
    merged = tables()
    assert counts(tmp_path, VISITS) == (0, 0, 4)
    assert tables() == merged
    taken = [bring("services", "service_code,name,category\nPerm,Perm,styling\nHaircut,Haircut,Styling\n")]
    taken.append(
        bring(
            "visits",
            VISITS.replace("2025-03", "2025-06").replace("Haircut", "New"),
            create_missing=True,
            answers=ANSWERS,
        )
    )
    assert set(Service.objects.values_list("category__name", flat=True)) == {"Hair"}
    assert set(VisitLine.objects.values_list("category__name", flat=True)) == {"Hair", None}
    assert facts_are_right()
    with pytest.raises(AppError):
        delete_category(category_id=category["Styling"].pk, acting_user=hq_user)
    for run in reversed(taken):
        undo_import(run.pk, acting_user=hq_user)
    undo_merge(merge.pk, acting_user=hq_user)
    assert without_merges(tables()) == before
    assert facts_are_right()


def test_the_category_of_what_has_none_is_not_merged(pair: tuple[Store, Store], hq_user: User) -> None:
    none, _new = ServiceCategory.objects.get_or_create(name=UNCATEGORISED)
    hair = ServiceCategory.objects.get(name="Hair")
    for keep, gone in ((hair, none), (none, hair)):
        with pytest.raises(AppError) as refused:
            merge_categories(keep=keep, gone=gone, acting_user=hq_user)
        assert refused.value.code == "unknown_record"


def test_files_of_records_leave_the_kept_one_alone(pair: tuple[Store, Store], hq_user: User, bring: BringRun) -> None:
    keep, gone = pair
    merge_stores(keep=keep, gone=gone, acting_user=hq_user)
    bring("stores", "store_code,name,city\nS1,One,上海\nS2,Two,北京\n")
    assert list(Store.objects.values_list("code", "name")) == [("S1", "One")]


@pytest.mark.parametrize("both", [False, True])
def test_a_row_of_a_merged_record_is_of_the_kept_one(
    pair: tuple[Store, Store], hq_user: User, bring: BringRun, tmp_path: Path, *, both: bool
) -> None:
    """It overwrites nothing, tells what is not known, and where the file names the kept one too, that row counts."""
    staff = {one.code: one for one in StaffMember.objects.all()}
    services = {one.code: one for one in Service.objects.all()}
    clients = {one.ref: one for one in Client.objects.all()}
    merge_stores(keep=pair[0], gone=pair[1], acting_user=hq_user)
    merge_staff(keep=staff["ANN"], gone=staff["BEA"], acting_user=hq_user)
    merge_services(keep=services["Cut"], gone=services["Haircut"], acting_user=hq_user)
    merge_clients(keep=clients["C1"], gone=clients["C2"], acting_user=hq_user)
    places = list(Store.objects.get().locations.values_list("city", "valid_from"))
    before = without_merges(tables())
    files = {
        "stores": "store_code,name,city,opened_on\nS2,Two,北京,2020-01-01\n" + "S1,Salon S1,上海,\n" * both,
        "staff": "staff_code,name,store_code,phone\nBEA,Bea,S2,139\n" + "ANN,ANN,S1,\n" * both,
        "services": "service_code,name,category,price\nHaircut,Other,Styling,90\n" + "Cut,Cut,Hair,\n" * both,
        "clients": "client_ref,name,birth_date,referrer_ref,member_tier\nC2,Wu,1990-05-12,C1,gold\n"
        + "C1,,,,\n" * both,
    }
    taken = []
    for kind, file in files.items():
        (tmp_path / "check.csv").write_text(file)
        options = ImportOptions(create_missing=True, dry_run=True)
        result = import_file(kind=kind, source=tmp_path / "check.csv", options=options)
        assert (result.rows, result.created, result.updated) == (1 + both, 0, int(not both)), kind
        assert [one.code for one in result.findings].count("merged_records") == 1
        taken.append(bring(kind, file, create_missing=True))
    opened = Store.objects.values_list("name", "opened_on").get()
    assert opened == ("Salon S1", None if both else date(2020, 1, 1))
    assert list(Store.objects.get().locations.values_list("city", "valid_from")) == places
    assert StaffMember.objects.values_list("name", "phone").get() == ("ANN", "" if both else "139")
    cut = Service.objects.values_list("name", "category__name", "price").get(code="Cut")
    assert cut == ("Cut", "Hair", None if both else Decimal(90))
    client = Client.objects.get()
    told = ("", None) if both else ("Wu", date(1990, 5, 12))
    assert (client.name, client.birth_date, client.referrer) == (*told, None)
    assert client.tiers.count() == int(not both)
    assert facts_are_right()
    for run in reversed(taken):
        undo_import(run.pk, acting_user=hq_user)
    assert without_merges(tables()) == before


def test_a_row_by_a_former_code_is_of_the_record_itself(
    pair: tuple[Store, Store], hq_user: User, bring: BringRun
) -> None:
    service = Service.objects.get(code="Cut")
    values = {"code": "C-1", "name": "Cut", "category": "Hair", "price": Decimal(5)}
    change_service(
        service_id=service.pk, values={**values, "duration_min": None, "interval_days": None}, acting_user=hq_user
    )
    bring("services", "service_code,name,category,price\nCut,Ladies,Hair,90\n")
    service.refresh_from_db()
    assert (service.code, service.name, service.price) == ("C-1", "Ladies", 90)


def test_clients_come_with_visits_and_tiers(
    pair: tuple[Store, Store], hq_user: User, bring: BringRun, tmp_path: Path
) -> None:
    bring("clients", "client_ref,member_tier,referrer_ref\nC1,,C2\nC2,gold,\nC3,,C2\n", create_missing=True)
    clients = {client.ref: client for client in Client.objects.all()}
    before = without_merges(tables())
    merge = merge_clients(keep=clients["C1"], gone=clients["C2"], acting_user=hq_user)
    undo_merge(merge.pk, acting_user=hq_user)
    assert without_merges(tables()) == before
    merge_clients(keep=clients["C1"], gone=clients["C2"], acting_user=hq_user)
    assert list(Client.objects.order_by("ref").values_list("ref", "referrer__ref")) == [("C1", None), ("C3", "C1")]
    assert set(Visit.objects.values_list("client__ref", flat=True)) == {"C1", None}
    assert clients["C1"].tiers.get().tier.code == "gold"
    assert facts_are_right()
    assert counts(tmp_path, VISITS) == (0, 0, 4)
    again = "client_ref,member_tier,referrer_ref\nC2,gold,\nC3,,C2\n"
    bring("clients", again, create_missing=True)
    assert Client.objects.get(ref="C3").referrer == clients["C1"]


def test_taken_back_all_is_as_before(pair: tuple[Store, Store], hq_user: User) -> None:
    keep, gone = pair
    StoreAccess.objects.create(user=hq_user, store=gone)
    before, answers = without_merges(tables()), facts()
    merge = merge_stores(keep=keep, gone=gone, acting_user=hq_user)
    assert preview_undo(merge) == {"restored": 5 + 1 + 1, "kept": 0, "records": []}
    undo_merge(merge.pk, acting_user=hq_user)
    assert (without_merges(tables()), facts()) == (before, answers)
    assert facts_are_right()
    with pytest.raises(AppError) as refused:
        undo_merge(merge.pk, acting_user=hq_user)
    assert refused.value.code == "already_undone"
    assert [entry.action for entry in AuditEntry.objects.order_by("-pk")[:2]] == ["merged.undone", "merged"]


def test_what_was_changed_since_stays_and_is_listed(
    pair: tuple[Store, Store], hq_user: User, stores: list[Store]
) -> None:
    keep, gone = pair
    third = third_store()
    merge = merge_stores(keep=keep, gone=gone, acting_user=hq_user)
    moved = Visit.objects.get(ref="2")
    Visit.objects.filter(pk=moved.pk).update(store=third)
    voided = Visit.objects.get(ref="3")
    void_visit(acting_user=hq_user, visit_id=voided.pk)
    new = record_visit(
        acting_user=hq_user, store=keep, client=None, day=date(2025, 6, 1), lines=[NewLine(amount=Decimal(1))]
    )
    undone = undo_merge(merge.pk, acting_user=hq_user)
    assert undone.undo is not None
    assert [one["reason"] for one in undone.undo["records"]] == ["changed"]
    stores_of = dict(Visit.objects.values_list("pk", "store__code"))
    assert (stores_of[moved.pk], stores_of[voided.pk], stores_of[new.pk]) == ("S3", "S2", "S1")


def test_a_chain_of_merges_is_taken_back_from_its_end(pair: tuple[Store, Store], hq_user: User) -> None:
    keep, gone = pair
    third = third_store()
    before = without_merges(tables())
    first = merge_stores(keep=keep, gone=gone, acting_user=hq_user)
    second = merge_stores(keep=third, gone=keep, acting_user=hq_user)
    assert {store.merged_into for store in Store.known.exclude(code="S3")} == {third}
    with pytest.raises(AppError) as refused:
        undo_merge(first.pk, acting_user=hq_user)
    assert refused.value.code == "merged_again"
    undo_merge(second.pk, acting_user=hq_user)
    undo_merge(first.pk, acting_user=hq_user)
    assert without_merges(tables()) == before


def test_no_record_is_merged_twice_or_with_itself(pair: tuple[Store, Store], hq_user: User, manager_user: User) -> None:
    keep, gone = pair
    with pytest.raises(AppError) as refused:
        merge_stores(keep=keep, gone=keep, acting_user=hq_user)
    assert refused.value.code == "same_record"
    with pytest.raises(AppError) as refused:
        merge_stores(keep=keep, gone=gone, acting_user=manager_user)
    assert refused.value.code == "not_allowed"
    merge_stores(keep=keep, gone=gone, acting_user=hq_user)
    with pytest.raises(AppError) as refused:
        merge_stores(keep=keep, gone=gone, acting_user=hq_user)
    assert refused.value.code == "unknown_record"
    assert Merge.objects.count() == 1


@pytest.mark.parametrize("model", [kind.model for kind in KINDS.values()])
def test_every_table_that_names_such_a_record_can_be_moved(model: type) -> None:
    """A new table has an id of whole numbers, and its rules are columns that are alike."""
    for field in references_to(model):
        assert field.model._meta.pk.column == "id", field
        assert field.model._meta.pk.get_internal_type() in {"AutoField", "BigAutoField"}, field
        for constraint in field.model._meta.constraints:
            assert not getattr(constraint, "expressions", ()), field
    assert apps.is_installed("core.merging")


def test_appointments_follow_their_store_client_and_service(
    pair: tuple[Store, Store], hq_user: User, bring: BringRun
) -> None:
    file = "store_code,client_ref,started_at,service_code,status\nS2,C2,2025-07-01 10:00,Haircut,booked\n"
    bring("appointments", file)
    clients = {client.ref: client for client in Client.objects.all()}
    services = {service.code: service for service in Service.objects.all()}
    before = without_merges(tables())
    merges = [
        merge_stores(keep=pair[0], gone=pair[1], acting_user=hq_user),
        merge_clients(keep=clients["C1"], gone=clients["C2"], acting_user=hq_user),
        merge_services(keep=services["Cut"], gone=services["Haircut"], acting_user=hq_user),
    ]
    assert [merge.moved["appointments_appointment"] for merge in merges] == [1, 1, 1]
    named = Appointment.objects.values_list("store__code", "client__ref", "service__code")
    assert list(named) == [("S1", "C1", "Cut")]
    taken = bring("appointments", file.replace("booked", "no-show"))
    assert list(named) == [("S1", "C1", "Cut")]
    undo_import(taken.pk, acting_user=hq_user)
    for merge in merges:
        undo_merge(merge.pk, acting_user=hq_user)
    assert without_merges(tables()) == before
