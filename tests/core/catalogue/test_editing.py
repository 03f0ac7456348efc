"""Correcting services and categories: files and figures follow, what has been sold is not deleted."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.catalogue.services.editing import change_service, delete_category, delete_service, rename_category
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.models import VisitLine
from tests.core.imports.conftest import Bring, bring, media, stores, write
from tests.core.imports.undo.test_properties import facts
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

__all__ = ["bring", "media", "stores", "write"]
VISITS = (
    "store_code,client_ref,started_at,item,amount\nS1,C1,2025-03-01,Cut,50\nS1,C2,2025-03-02,Colour,80\n"
    "S1,C2,2025-04-02,Cut,80\n"
)


@pytest.fixture
def service(bring: Bring, stores: list[Store]) -> Service:
    bring("services", "service_code,name,category\nCut,Cut,Hair\nColour,Colour,Hair\n")
    bring("visits", VISITS, create_missing=True)
    return Service.objects.get(code="Cut")


def values(service: Service, **changed: Any) -> dict[str, Any]:
    plain = {"code": "Cut", "name": "Cut", "category": "Hair", "price": None, "duration_min": None}
    return {**plain, "interval_days": None, **changed}


def test_files_and_figures_follow_a_service(service: Service, hq_user: User, bring: Bring) -> None:
    from core.reporting.facts.refresh import refresh_all

    changed = values(service, code="C-1", name="Ladies cut", category="Cuts", price=Decimal(60))
    change_service(service_id=service.pk, values=changed, acting_user=hq_user)
    service.refresh_from_db()
    assert (service.code, service.name, service.category.name, service.price) == ("C-1", "Ladies cut", "Cuts", 60)
    # Before anything else has them counted anew.
    kept = facts()
    refresh_all()
    assert facts() == kept
    assert bring("visits", VISITS).unchanged == 3
    bring("visits", VISITS.replace("2025", "2024"))
    assert set(VisitLine.objects.values_list("service__code", flat=True)) == {"C-1", "Colour"}
    kept = facts()
    refresh_all()
    assert facts() == kept
    entry = AuditEntry.objects.get(action="service.changed")
    assert (entry.before["service_code"], entry.after["category"]) == ("Cut", "Cuts")
    # And back, as it was.
    change_service(service_id=service.pk, values=values(service), acting_user=hq_user)
    assert bring("visits", VISITS).unchanged == 3


def test_a_code_is_of_one_service(service: Service, hq_user: User) -> None:
    with pytest.raises(AppError) as refused:
        change_service(service_id=service.pk, values=values(service, code="Colour"), acting_user=hq_user)
    assert (refused.value.code, refused.value.field) == ("code_taken", "code")
    change_service(service_id=service.pk, values=values(service, code="C-1"), acting_user=hq_user)
    other = Service.objects.get(code="Colour")
    with pytest.raises(AppError):
        change_service(service_id=other.pk, values=values(other, code="Cut"), acting_user=hq_user)


def test_what_was_sold_is_not_deleted(service: Service, hq_user: User) -> None:
    with pytest.raises(AppError) as refused:
        delete_service(service_id=service.pk, acting_user=hq_user)
    assert refused.value.code == "service_has_records"
    with pytest.raises(AppError) as refused:
        delete_category(category_id=service.category_id, acting_user=hq_user)
    assert refused.value.code == "category_has_records"
    change_service(service_id=service.pk, values=values(service, code="C-1"), acting_user=hq_user)
    VisitLine.objects.all().delete()
    delete_service(service_id=service.pk, acting_user=hq_user)
    assert list(Service.known.values_list("code", flat=True)) == ["Colour"]
    Service.known.all().delete()
    delete_category(category_id=service.category_id, acting_user=hq_user)
    assert not ServiceCategory.objects.filter(name="Hair").exists()


def test_a_category_goes_that_a_former_code_alone_had(service: Service, hq_user: User, bring: Bring) -> None:
    change_service(service_id=service.pk, values=values(service, code="C-1"), acting_user=hq_user)
    bring("services", "service_code,name,category\nC-1,Cut,New\nColour,Colour,New\n")
    former = ServiceCategory.objects.get(name="Hair")
    delete_category(category_id=former.pk, acting_user=hq_user)
    assert set(Service.known.values_list("category__name", flat=True)) == {"New"}


def test_a_category_is_renamed_and_files_name_it_as_before(service: Service, hq_user: User, bring: Bring) -> None:
    category = service.category
    ServiceCategory.objects.create(name="Other")
    with pytest.raises(AppError) as refused:
        rename_category(category_id=category.pk, name="Other", acting_user=hq_user)
    assert (refused.value.code, refused.value.field) == ("name_taken", "name")
    rename_category(category_id=category.pk, name="美发", acting_user=hq_user)
    bring("services", "service_code,name,category\nPerm,Perm,Hair\n")
    assert Service.objects.get(code="Perm").category == category
    rename_category(category_id=category.pk, name="Hair", acting_user=hq_user)
    assert set(ServiceCategory.objects.values_list("name", flat=True)) == {"Hair", "Other"}


def test_the_category_of_what_has_none_stays(chain: Any, hq_user: User) -> None:
    category = ServiceCategory.objects.create(name=UNCATEGORISED)
    with pytest.raises(AppError) as refused:
        rename_category(category_id=category.pk, name="X", acting_user=hq_user)
    assert refused.value.code == "category_of_none"


FORM = {"code": "F2", "name": "Facial", "category": "Skin", "price": "198.00"}


def test_a_service_is_found_and_corrected_by_page(
    hq_client: ChainClient, salon: dict[str, Store], english: None
) -> None:
    service = Service.objects.get()
    listed = hq_client.get("/services/", {"q": "f1"})
    assert f"/services/{service.pk}/" in listed.content.decode()
    assert "Nothing found" in text_of(hq_client.get("/services/", {"q": "zzz"}))
    page = f"/services/{service.pk}/"
    assert "cannot be deleted" in text_of(hq_client.get(page))
    assert hq_client.post(page, {**FORM, "name": ""}).status_code == 400
    assert hq_client.post(page, FORM).headers["Location"] == "/services/"
    service.refresh_from_db()
    assert (service.code, service.category.name) == ("F2", "Skin")
    Service.objects.create(code="X", name="X", category=service.category)
    assert "is the code of another" in text_of(hq_client.post(page, {**FORM, "code": "X"}))
    assert hq_client.post(f"{page}deletion/").status_code == 409
    unsold = Service.objects.get(code="X")
    assert hq_client.post(f"/services/{unsold.pk}/deletion/").status_code == 302
    assert not Service.objects.filter(code="X").exists()


def test_a_category_is_corrected_by_page(hq_client: ChainClient, salon: dict[str, Store], english: None) -> None:
    category = ServiceCategory.objects.get()
    assert category.name in text_of(hq_client.get("/services/categories/"))
    page = f"/services/categories/{category.pk}/"
    assert hq_client.post(page, {"name": "Skin"}).status_code == 302
    ServiceCategory.objects.create(name="X")
    assert "is the name of another" in text_of(hq_client.post(page, {"name": "X"}))
    assert hq_client.post(f"{page}deletion/").status_code == 409
    unused = ServiceCategory.objects.get(name="X")
    assert hq_client.post(f"/services/categories/{unused.pk}/deletion/").status_code == 302
    assert list(ServiceCategory.objects.values_list("name", flat=True)) == ["Skin"]


def test_who_may_not(
    salon: dict[str, Store],
    hq_client: ChainClient,
    manager_client: ChainClient,
    anonymous_client: ChainClient,
    other_client: ChainClient,
) -> None:
    service = Service.objects.get()
    own, of_category = f"/services/{service.pk}/", f"/services/categories/{service.category_id}/"
    for path in ("/services/", own, f"{own}deletion/", "/services/categories/", of_category, f"{of_category}deletion/"):
        assert manager_client.get(path).status_code == 403
        assert manager_client.post(path, FORM).status_code == 403
        assert anonymous_client.post(path, FORM).status_code == 302
        assert hq_client.delete(path).status_code == 405
    for path in (own, f"{own}deletion/", of_category, f"{of_category}deletion/"):
        assert other_client.post(path, FORM).status_code == 404
    assert hq_client.get(f"{own}deletion/").status_code == 405
    assert hq_client.post("/services/").status_code == 405
    assert Service.objects.get() == service


def test_lists_ask_as_much_for_many_as_for_few(
    hq_client: ChainClient, salon: dict[str, Store], django_assert_max_num_queries: Callable[..., Any]
) -> None:
    category = ServiceCategory.objects.get()
    Service.objects.bulk_create(Service(code=f"B{n}", name=f"B{n}", category=category) for n in range(40))
    for path in ("/services/", "/services/categories/", f"/services/{Service.objects.all()[0].pk}/"):
        with django_assert_max_num_queries(14):
            assert hq_client.get(path).status_code == 200
