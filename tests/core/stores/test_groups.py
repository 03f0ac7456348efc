"""The chain's own groups of stores: what can be done to them, by whom, and their pages."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.merging.services.merging import merge_stores
from core.merging.services.undoing import undo_merge
from core.shared.errors import AppError
from core.stores.models import BEGINNING, Store, StoreGroup, StoreGroupMember
from core.stores.selectors import group_memberships, groups_on
from core.stores.services.editing import change_store, delete_store
from core.stores.services.groups import add_stores, create_group, delete_group, rename_group, take_out
from core.stores.services.stores import open_store
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.salons import text_of

MARCH, MAY, JULY = date(2025, 3, 1), date(2025, 5, 1), date(2025, 7, 1)


@pytest.fixture
def group(chain: Chain) -> StoreGroup:
    for code, city, region in (("A", "上海", "华东"), ("B", "北京", "华北"), ("C", "天津", "华北")):
        open_store(code=code, name=f"店{code}", city=city, city_tier="一线", region=region)
    return create_group(name=" Franchise ")


def spans() -> list[tuple[str, date, date | None]]:
    rows = StoreGroupMember.objects.order_by("store__code", "valid_from")
    return list(rows.values_list("store__code", "valid_from", "valid_until"))


def refusal(deed: object, **values: object) -> AppError:
    before = spans(), list(StoreGroup.objects.values_list("name", flat=True)), AuditEntry.objects.count()
    with pytest.raises(AppError) as refused:
        deed(**values)  # type: ignore[operator]
    assert before == (spans(), list(StoreGroup.objects.values_list("name", flat=True)), AuditEntry.objects.count())
    return refused.value


def test_stores_join_and_leave_with_dates_and_a_trail(group: StoreGroup, hq_user: User) -> None:
    add_stores(group_id=group.pk, codes=["B", "A"], joined_on=MARCH, acting_user=hq_user)
    add_stores(group_id=group.pk, codes=["C"], acting_user=hq_user)
    assert spans() == [("A", MARCH, None), ("B", MARCH, None), ("C", BEGINNING, None)]
    members = list(group.members.filter(store__code__in="AB").values_list("pk", flat=True))
    take_out(group_id=group.pk, member_ids=members, left_on=MAY, acting_user=hq_user)
    add_stores(group_id=group.pk, codes=["A"], joined_on=MAY, left_on=JULY, acting_user=hq_user)
    assert spans() == [("A", MARCH, MAY), ("A", MAY, JULY), ("B", MARCH, MAY), ("C", BEGINNING, None)]
    take_out(group_id=group.pk, member_ids=[group.members.get(store__code="C").pk], acting_user=hq_user)
    rename_group(group_id=group.pk, name="Partner", acting_user=hq_user)
    delete_group(group_id=group.pk, acting_user=hq_user)
    assert spans() == []
    assert Store.objects.count() == 3
    entries = AuditEntry.objects.filter(action__startswith="store_group").order_by("pk")
    assert list(entries.values_list("action", "subject_label", "before", "after")) == [
        ("store_group.created", "Franchise", None, None),
        ("store_group.joined", "Franchise", None, {"stores": ["A", "B"], "joined_on": "2025-03-01", "left_on": None}),
        ("store_group.joined", "Franchise", None, {"stores": ["C"], "joined_on": None, "left_on": None}),
        ("store_group.left", "Franchise", None, {"stores": ["A", "B"], "left_on": "2025-05-01"}),
        (
            "store_group.joined",
            "Franchise",
            None,
            {"stores": ["A"], "joined_on": "2025-05-01", "left_on": "2025-07-01"},
        ),
        ("store_group.corrected", "Franchise", {"stores": ["C"]}, None),
        ("store_group.renamed", "Partner", {"name": "Franchise"}, {"name": "Partner"}),
        ("store_group.deleted", "Partner", {"stores": ["A", "B"]}, None),
    ]


def test_a_store_is_in_a_group_once_at_a_time(group: StoreGroup) -> None:
    add_stores(group_id=group.pk, codes=["A"], joined_on=MARCH, left_on=MAY)
    for dates in ({}, {"joined_on": date(2025, 4, 30)}, {"left_on": date(2025, 3, 2)}):
        error = refusal(add_stores, group_id=group.pk, codes=["A", "B"], **dates)
        assert (error.code, error.status, error.field) == ("already_in_group", 409, "stores")
        assert "店A" in str(error)
    add_stores(group_id=group.pk, codes=["A"], joined_on=MAY)
    add_stores(group_id=group.pk, codes=["A"], left_on=MARCH)
    first = group.members.get(valid_from=BEGINNING).pk
    for left_on in (JULY, date(2025, 3, 2)):
        assert refusal(take_out, group_id=group.pk, member_ids=[first], left_on=left_on).code == "already_in_group"
    # Another group is none of this one's business.
    add_stores(group_id=create_group(name="Pilot").pk, codes=["A"])


def test_what_is_refused(group: StoreGroup) -> None:
    add_stores(group_id=group.pk, codes=["A"], joined_on=MAY)
    member = group.members.get().pk
    other = create_group(name="Pilot").pk
    assert refusal(create_group, name="Franchise").code == "group_taken"
    assert refusal(rename_group, group_id=other, name="Franchise").code == "group_taken"
    for deed, values in ((rename_group, {"name": "X"}), (delete_group, {}), (add_stores, {"codes": ["A"]})):
        assert refusal(deed, group_id=0, **values).status == 404
    assert refusal(add_stores, group_id=group.pk, codes=[]).code == "no_stores"
    assert refusal(add_stores, group_id=group.pk, codes=["B", "Z"]).code == "unknown_store"
    assert refusal(add_stores, group_id=group.pk, codes=["B"], joined_on=MAY, left_on=MAY).field == "left_on"
    assert refusal(take_out, group_id=group.pk, member_ids=[member], left_on=MAY).field == "left_on"
    for chosen in ([], [0], [member, 0]):
        assert refusal(take_out, group_id=group.pk, member_ids=chosen).code == "unknown_member"
    assert refusal(take_out, group_id=other, member_ids=[member]).code == "unknown_member"


def test_a_store_keeps_its_groups_when_it_moves_or_is_renamed(group: StoreGroup, hq_user: User) -> None:
    add_stores(group_id=group.pk, codes=["A"], joined_on=MARCH)
    place = {"city": "杭州", "city_tier": "新一线", "region": "华东"}
    values = {"code": "A1", "name": "杭州店", "opened_on": None}
    change_store(code="A", values=values, place=place, since=MAY, acting_user=hq_user)
    assert spans() == [("A1", MARCH, None)]
    assert list(Store.objects.get(code="A1").locations.order_by("pk").values_list("valid_from", flat=True)) == [
        BEGINNING,
        MAY,
    ]


def test_a_store_that_is_deleted_leaves_its_groups(group: StoreGroup, hq_user: User) -> None:
    add_stores(group_id=group.pk, codes=["A", "B"])
    delete_store(code="A", acting_user=hq_user)
    assert spans() == [("B", BEGINNING, None)]


def test_a_merged_store_brings_no_group_to_the_other_and_has_its_own_again(group: StoreGroup, hq_user: User) -> None:
    add_stores(group_id=group.pk, codes=["A"])
    stores = {store.code: store for store in Store.objects.all()}
    done = merge_stores(keep=stores["B"], gone=stores["A"], acting_user=hq_user)
    assert group_memberships() == []
    assert groups_on(timezone.localdate()).get().stores == 0
    undo_merge(done.pk, acting_user=hq_user)
    assert [(one.store_id, one.group) for one in group_memberships()] == [(stores["A"].pk, "Franchise")]
    assert groups_on(timezone.localdate()).get().stores == 1


@pytest.mark.parametrize("role", ["regional_manager", "store_manager", "front_desk", "beautician"])
def test_others_neither_see_nor_change_groups(group: StoreGroup, role: str) -> None:
    user = make_user("someone@acme.test", role=role)
    add_stores(group_id=group.pk, codes=["A"])
    member = group.members.get().pk
    deeds = (
        (create_group, {"name": "X"}),
        (rename_group, {"group_id": group.pk, "name": "X"}),
        (delete_group, {"group_id": group.pk}),
        (add_stores, {"group_id": group.pk, "codes": ["B"]}),
        (take_out, {"group_id": group.pk, "member_ids": [member]}),
    )
    for deed, values in deeds:
        assert refusal(deed, acting_user=user, **values).status == 403
    client = signed_in(user, host="acme.localhost")
    before = spans()
    for path, data in pages(group, member).items():
        assert client.post(path, data).status_code == 403
        assert client.get(path).status_code == 403
    assert spans() == before
    assert StoreGroup.objects.get().name == "Franchise"


def pages(group: StoreGroup, member: int) -> dict[str, dict[str, object]]:
    own = f"/store-groups/{group.pk}/"
    return {
        "/store-groups/": {"name": "X"},
        own: {"name": "X"},
        f"{own}stores/": {"stores": ["B"]},
        f"{own}leaving/": {"members": [member], "remove": ""},
        f"{own}deletion/": {},
    }


def test_a_suspended_chain_changes_no_group(chain: Chain, group: StoreGroup, hq_client: ChainClient) -> None:
    add_stores(group_id=group.pk, codes=["A"])
    before = spans()
    with outside_chains():
        chain.read_only_since = "2026-01-01T00:00Z"
        chain.save()
    for path, data in pages(group, group.members.get().pk).items():
        assert hq_client.post(path, data).status_code == 403
    assert spans() == before


@pytest.mark.usefixtures("english")
def test_from_a_new_group_to_its_deletion(group: StoreGroup, hq_client: ChainClient) -> None:
    assert 'href="/store-groups/"' in hq_client.get("/stores/").content.decode()
    made = hq_client.post("/store-groups/", {"name": "Pilot"})
    pilot = StoreGroup.objects.get(name="Pilot")
    own = f"/store-groups/{pilot.pk}/"
    assert made.headers["Location"] == f"{own}stores/"
    assert "No stores in this group yet" in text_of(hq_client.get(own))
    added = hq_client.post(f"{own}stores/", {"stores": ["A", "B"], "joined_on": "2025-03-01"})
    assert added.headers["Location"] == own
    hq_client.post(f"{own}stores/?q=天津", {"everything": "on"})
    assert spans() == [("A", MARCH, None), ("B", MARCH, None), ("C", BEGINNING, None)]
    page = text_of(hq_client.get(own))
    assert "3 stores today" in page
    assert "店C 天津 from the start" in page
    assert "店A 上海 1 Mar 2025" in page
    members = list(pilot.members.filter(store__code__in="AB").values_list("pk", flat=True))
    assert hq_client.post(f"{own}leaving/", {"members": members, "left_on": "2025-05-01", "end": ""}).status_code == 302
    assert hq_client.post(f"{own}leaving/", {"members": members[:1], "left_on": "", "remove": ""}).status_code == 302
    assert spans() == [("B", MARCH, MAY), ("C", BEGINNING, None)]
    assert hq_client.post(own, {"name": "Test"}).headers["Location"] == own
    assert "Test 1" in text_of(hq_client.get("/store-groups/"))
    edit = text_of(hq_client.get("/store-editing/B/"))
    assert "Test 1 Mar 2025 – 1 May 2025" in edit
    assert f'href="{own}stores/?q=B"' in hq_client.get("/store-editing/B/").content.decode()
    assert f'href="{own}stores/?q=C"' not in hq_client.get("/store-editing/C/").content.decode()
    assert hq_client.post(f"{own}deletion/").headers["Location"] == "/store-groups/"
    assert hq_client.get(own).status_code == 404
    assert spans() == []


@pytest.mark.usefixtures("english")
def test_what_is_wrong_is_said_at_its_field(group: StoreGroup, hq_client: ChainClient) -> None:
    add_stores(group_id=group.pk, codes=["A"], joined_on=MAY, left_on=JULY)
    member, own = group.members.get().pk, f"/store-groups/{group.pk}/"
    before = spans()
    cases = (
        ("/store-groups/", {"name": "Franchise"}, "There is a store group “Franchise” already."),
        ("/store-groups/", {"name": " "}, "This field is required."),
        (f"{own}stores/", {}, "Choose at least one store."),
        (f"{own}stores/", {"stores": ["A"]}, "In the group on some of these days already: 店A."),
        (f"{own}stores/", {"stores": ["Z"]}, "Z is not one of the available choices."),
        (f"{own}stores/", {"stores": ["B"], "joined_on": "2025-13-01"}, "Enter a valid date."),
        (f"{own}leaving/", {"members": [member], "end": ""}, "Choose the day they left on."),
        (f"{own}leaving/", {"members": [], "remove": ""}, "Choose at least one store of this group."),
        (f"{own}leaving/", {"members": [member], "left_on": "2025-05-01", "end": ""}, "Choose a day after the one"),
    )
    for path, data, said in cases:
        response = hq_client.post(path, data)
        assert response.status_code == 400, path
        assert said in text_of(response), path
    assert spans() == before
    assert StoreGroup.objects.count() == 1


def test_wrong_methods_and_groups_that_are_not_there(group: StoreGroup, hq_client: ChainClient) -> None:
    own = f"/store-groups/{group.pk}/"
    for path in (f"{own}leaving/", f"{own}deletion/"):
        assert hq_client.get(path).status_code == 405
    for path in ("/store-groups/", own, f"{own}stores/"):
        assert hq_client.put(path).status_code == 405
    for path in ("/store-groups/0/", "/store-groups/0/stores/"):
        assert hq_client.get(path).status_code == 404
    for path in ("/store-groups/0/leaving/", "/store-groups/0/deletion/"):
        assert hq_client.post(path).status_code == 404


def test_pages_ask_few_queries_however_many_stores(group: StoreGroup, hq_client: ChainClient) -> None:
    paths = ("/store-groups/", f"/store-groups/{group.pk}/", f"/store-groups/{group.pk}/stores/")
    add_stores(group_id=group.pk, codes=["A"])
    counts = [_queries(hq_client, paths)]
    for number in range(30):
        open_store(code=f"N{number}", name="N", city="上海", city_tier="一线", region="华东")
    add_stores(group_id=group.pk, codes=[f"N{number}" for number in range(20)])
    create_group(name="Pilot")
    counts.append(_queries(hq_client, paths))
    assert counts[0] == counts[1]
    assert max(counts[0]) < 25


def _queries(client: ChainClient, paths: tuple[str, ...]) -> list[int]:
    counts = []
    for path in paths:
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
    return counts
