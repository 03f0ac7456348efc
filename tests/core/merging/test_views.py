"""The pages of merges: choosing the record that stays, what would move, doing it, taking it back."""

from collections.abc import Callable
from typing import Any

import pytest

from core.accounts.models import User
from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.clients.models import Client
from core.jobs.models import Job
from core.merging.models import Merge
from core.merging.services.merging import merge_clients
from core.staff.models import StaffMember
from core.stores.models import Store
from core.visits.models import Visit
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of


@pytest.fixture
def pair(salon: dict[str, Store], english: None) -> tuple[Store, Store]:
    return salon["S001"], salon["S002"]


def test_a_store_is_merged_and_taken_back_by_page(hq_client: ChainClient, pair: tuple[Store, Store]) -> None:
    keep, gone = pair
    moved = Visit.objects.filter(store=gone).count()
    page = f"/merges/store/{gone.pk}/"
    assert page in hq_client.get(f"/store-editing/{gone.code}/").content.decode()
    assert "S001" in hq_client.get(page).content.decode()
    shown = text_of(hq_client.get(page, {"keep": "S001"}))
    assert f"Visits {moved}" in shown
    assert hq_client.post(page, {"keep": f"#{keep.pk}"}).headers["Location"] == "/merges/"
    assert not Visit.objects.filter(store=gone).exists()
    merge = Merge.objects.get()
    listed = text_of(hq_client.get("/merges/"))
    assert f"{gone.name} (S002)" in listed
    assert f"Would go back {sum(merge.moved.values())}" in text_of(hq_client.get(f"/merges/{merge.pk}/"))
    assert hq_client.post(f"/merges/{merge.pk}/").status_code == 302
    assert Visit.objects.filter(store=gone).count() == moved
    assert "taken back" in text_of(hq_client.get("/merges/"))
    assert "Went back" in text_of(hq_client.get(f"/merges/{merge.pk}/"))
    assert hq_client.post(f"/merges/{merge.pk}/").status_code == 409


def test_visits_that_are_in_both_are_told(hq_client: ChainClient, pair: tuple[Store, Store]) -> None:
    one, other = Client.objects.order_by("pk")[:2]
    Visit.objects.filter(client=one).update(day="2025-01-01", import_digest=5, store=pair[0])
    Visit.objects.filter(client=other).update(day="2025-01-01", import_digest=5, store=pair[0])
    shown = text_of(hq_client.get(f"/merges/client/{one.pk}/", {"keep": other.ref}))
    assert "would count twice" in shown
    assert "would count twice" not in text_of(hq_client.get(f"/merges/store/{pair[1].pk}/", {"keep": "S001"}))


def test_staff_and_categories_are_merged_by_page(hq_client: ChainClient, pair: tuple[Store, Store]) -> None:
    names = ServiceCategory.objects.get(), ServiceCategory.objects.create(name="Other")
    people = [StaffMember.objects.create(code=code, name=code, store=pair[0]) for code in ("ANN", "BEA")]
    for kind, (keep, gone), page, called in (
        ("servicecategory", names, "/services/categories/", names[0].name),
        ("staffmember", people, "/staff/", "ANN"),
    ):
        path = f"/merges/{kind}/{gone.pk}/"
        assert path in hq_client.get(f"{page}{gone.pk}/").content.decode()
        assert f'value="{called}"' in hq_client.get(path).content.decode()
        assert hq_client.get(path, {"keep": called}).status_code == 200
        assert hq_client.post(path, {"keep": f"#{keep.pk}"}).status_code == 302
        assert hq_client.get(f"{page}{gone.pk}/").status_code == 404
    none = ServiceCategory.objects.create(name=UNCATEGORISED)
    assert hq_client.get(f"/merges/servicecategory/{none.pk}/").status_code == 404
    assert hq_client.get(f"/merges/servicecategory/{names[0].pk}/", {"keep": UNCATEGORISED}).status_code == 400
    assert Merge.objects.count() == 2


@pytest.mark.parametrize("keep", ["S009", "S002", "上海", "#999999999999999999999"])
def test_a_record_that_cannot_stay_is_asked_for_again(
    hq_client: ChainClient, pair: tuple[Store, Store], keep: str
) -> None:
    page = f"/merges/store/{pair[1].pk}/"
    assert hq_client.get(page, {"keep": keep}).status_code == 400
    assert hq_client.post(page, {"keep": keep}).status_code == 400
    assert hq_client.post(page).status_code == 200
    assert not Job.objects.exists()


def test_why_a_merge_cannot_be_taken_back_is_said(
    hq_client: ChainClient, pair: tuple[Store, Store], hq_user: User
) -> None:
    one, other, third = Client.objects.order_by("pk")[:3]
    first = merge_clients(keep=one, gone=other, acting_user=hq_user)
    merge_clients(keep=third, gone=one, acting_user=hq_user)
    assert "Take that merge back first." in text_of(hq_client.get(f"/merges/{first.pk}/"))
    assert hq_client.post(f"/merges/{first.pk}/").status_code == 409
    assert hq_client.get(f"/merges/client/{other.pk}/").status_code == 404


def test_who_may_not(
    pair: tuple[Store, Store],
    hq_user: User,
    manager_client: ChainClient,
    anonymous_client: ChainClient,
    other_client: ChainClient,
    hq_client: ChainClient,
) -> None:
    one, other = Client.objects.order_by("pk")[:2]
    merge = merge_clients(keep=one, gone=other, acting_user=hq_user)
    keep = {"keep": "S001"}
    new = f"/merges/store/{pair[1].pk}/"
    for path in ("/merges/", new, f"/merges/{merge.pk}/"):
        assert manager_client.get(path).status_code == 403
        assert manager_client.post(path, keep).status_code == 403
        assert anonymous_client.post(path, keep).status_code == 302
        assert hq_client.delete(path).status_code == 405
    assert other_client.post(new, keep).status_code == 404
    assert other_client.post(f"/merges/{merge.pk}/").status_code == 404
    assert hq_client.post("/merges/", keep).status_code == 405
    assert hq_client.get(f"/merges/visit/{pair[1].pk}/").status_code == 404
    assert Store.objects.count() == 3
    assert Merge.objects.get().undone_at is None


def test_the_pages_ask_as_much_for_much_as_for_little(
    hq_client: ChainClient, pair: tuple[Store, Store], hq_user: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    clients = list(Client.objects.order_by("pk")[:12])
    for gone in clients[1:]:
        merge_clients(keep=clients[0], gone=gone, acting_user=hq_user)
    merge = Merge.objects.first()
    assert merge is not None
    service = Service.objects.get()
    for path, most in (
        ("/merges/", 14),
        (f"/merges/{merge.pk}/", 26),
        (f"/merges/client/{clients[0].pk}/?keep={Client.objects.last().ref}", 22),  # type: ignore[union-attr]
        (f"/merges/service/{service.pk}/", 12),
    ):
        with django_assert_max_num_queries(most):
            assert hq_client.get(path).status_code == 200
