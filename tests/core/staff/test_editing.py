"""Correcting staff: files follow, who has records is not deleted."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.shared.errors import AppError
from core.staff.models import StaffMember
from core.staff.services.editing import change_staff, delete_staff
from core.stores.models import Store
from core.visits.models import VisitLine
from tests.core.imports.conftest import Bring, bring, media, stores, write
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

__all__ = ["bring", "media", "stores", "write"]
VISITS = "store_code,client_ref,started_at,staff_code,amount\nS1,C1,2025-03-01,ANN,50\nS1,C2,2025-03-02,BEA,80\n"


@pytest.fixture
def member(bring: Bring, stores: list[Store]) -> StaffMember:
    bring("visits", VISITS, create_missing=True)
    return StaffMember.objects.get(code="ANN")


def values(member: StaffMember, **changed: Any) -> dict[str, Any]:
    plain = {"code": "ANN", "name": "Ann", "store": member.store, "role": "", "phone": "", "email": ""}
    return {**plain, "hired_on": None, **changed}


def test_files_follow_a_staff_member(member: StaffMember, stores: list[Store], hq_user: User, bring: Bring) -> None:
    changed = values(member, code="A-1", store=stores[1], role="Stylist", hired_on=date(2024, 1, 2))
    change_staff(staff_id=member.pk, values=changed, acting_user=hq_user)
    member.refresh_from_db()
    assert (member.code, member.name, member.store, member.role) == ("A-1", "Ann", stores[1], "Stylist")
    assert bring("visits", VISITS).unchanged == 2
    bring("visits", VISITS.replace("2025", "2024"))
    assert set(VisitLine.objects.values_list("staff__code", flat=True)) == {"A-1", "BEA"}
    bring("staff", "staff_code,name,store_code,phone\nANN,Ann,S2,139\n")
    assert set(StaffMember.objects.values_list("code", flat=True)) == {"A-1", "BEA"}
    entry = AuditEntry.objects.get(action="staff.changed")
    assert (entry.before["staff_code"], entry.after["staff_code"], entry.after["store"]) == ("ANN", "A-1", "Salon S2")
    # And back, as it was.
    change_staff(staff_id=member.pk, values=values(member), acting_user=hq_user)
    assert bring("visits", VISITS).unchanged == 2


def test_a_code_is_of_one_staff_member(member: StaffMember, hq_user: User, manager_user: User) -> None:
    with pytest.raises(AppError) as refused:
        change_staff(staff_id=member.pk, values=values(member, code="BEA"), acting_user=hq_user)
    assert (refused.value.code, refused.value.field) == ("code_taken", "code")
    change_staff(staff_id=member.pk, values=values(member, code="A-1"), acting_user=hq_user)
    other = StaffMember.objects.get(code="BEA")
    with pytest.raises(AppError):
        change_staff(staff_id=other.pk, values=values(other, code="ANN"), acting_user=hq_user)
    with pytest.raises(AppError) as refused:
        change_staff(staff_id=other.pk, values=values(other, code="B"), acting_user=manager_user)
    assert refused.value.code == "not_allowed"


def test_who_has_records_is_not_deleted(member: StaffMember, hq_user: User) -> None:
    with pytest.raises(AppError) as refused:
        delete_staff(staff_id=member.pk, acting_user=hq_user)
    assert refused.value.code == "staff_has_records"
    change_staff(staff_id=member.pk, values=values(member, code="A-1"), acting_user=hq_user)
    VisitLine.objects.all().delete()
    delete_staff(staff_id=member.pk, acting_user=hq_user)
    assert list(StaffMember.known.values_list("code", flat=True)) == ["BEA"]
    with pytest.raises(AppError) as refused:
        delete_staff(staff_id=member.pk, acting_user=hq_user)
    assert refused.value.code == "unknown_staff"
    assert AuditEntry.objects.get(action="staff.deleted").before["staff_code"] == "A-1"


@pytest.fixture
def person(salon: dict[str, Store]) -> StaffMember:
    return StaffMember.objects.create(code="E9", name="Li Na", store=salon["S001"])


def form(store: Store, **changed: Any) -> dict[str, Any]:
    return {"code": "E10", "name": "Li Na", "store": store.pk, "hired_on": "2024-01-02", **changed}


def test_a_staff_member_is_found_and_corrected_by_page(
    hq_client: ChainClient, person: StaffMember, salon: dict[str, Store], english: None
) -> None:
    page = f"/staff/{person.pk}/"
    assert page in hq_client.get("/staff/", {"q": "e9"}).content.decode()
    assert "Nothing found" in text_of(hq_client.get("/staff/", {"q": "zzz"}))
    assert "/staff/" in hq_client.get("/clients/").content.decode()
    assert hq_client.post(page, form(salon["S002"], name="")).status_code == 400
    assert hq_client.post(page, {**form(salon["S002"]), "store": 0}).status_code == 400
    assert hq_client.post(page, form(salon["S002"])).headers["Location"] == "/staff/"
    person.refresh_from_db()
    assert (person.code, person.store, person.hired_on) == ("E10", salon["S002"], date(2024, 1, 2))
    assert 'value="2024-01-02"' in hq_client.get(page).content.decode()
    unused = StaffMember.objects.create(code="X", name="X", store=salon["S001"])
    assert "is the code of another" in text_of(hq_client.post(page, form(salon["S002"], code="X")))
    VisitLine.objects.filter(pk=VisitLine.objects.earliest("pk").pk).update(staff=person)
    assert "cannot be deleted" in text_of(hq_client.get(page))
    assert hq_client.post(f"{page}deletion/").status_code == 409
    assert hq_client.post(f"/staff/{unused.pk}/deletion/").status_code == 302
    assert not StaffMember.objects.filter(code="X").exists()


def test_who_may_not(
    person: StaffMember,
    salon: dict[str, Store],
    hq_client: ChainClient,
    manager_client: ChainClient,
    anonymous_client: ChainClient,
    other_client: ChainClient,
) -> None:
    own, sent = f"/staff/{person.pk}/", form(salon["S002"])
    for path in ("/staff/", own, f"{own}deletion/"):
        assert manager_client.get(path).status_code == 403
        assert manager_client.post(path, sent).status_code == 403
        assert anonymous_client.post(path, sent).status_code == 302
        assert hq_client.delete(path).status_code == 405
    for path in (own, f"{own}deletion/"):
        assert other_client.post(path, sent).status_code == 404
    assert hq_client.get(f"{own}deletion/").status_code == 405
    assert hq_client.post("/staff/").status_code == 405
    assert '"/staff/"' not in manager_client.get("/clients/").content.decode()
    person.refresh_from_db()
    assert person.code == "E9"


def test_the_pages_ask_as_much_for_many_as_for_few(
    hq_client: ChainClient, person: StaffMember, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    StaffMember.objects.bulk_create(StaffMember(code=f"B{n}", name=f"B{n}", store=person.store) for n in range(40))
    for path in ("/staff/", f"/staff/{person.pk}/"):
        with django_assert_max_num_queries(14):
            assert hq_client.get(path).status_code == 200
