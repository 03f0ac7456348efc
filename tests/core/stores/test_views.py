"""The list of stores, opening and closing one."""

import html
import re
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.salons import text_of

pytestmark = pytest.mark.usefixtures("english")


def test_headquarters_sees_all_stores_with_place_and_state_of_data(
    hq_client: ChainClient, salon: dict[str, Store], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Store.objects.filter(code="S003").update(closed_on=date(2025, 12, 1))
    with django_assert_max_num_queries(9):
        text = text_of(hq_client.get("/stores/"))
    assert "Regions and stores 3 stores" in text
    assert "上海静安店 S001 上海 First tier 华东 open 31 Dec 2025" in text
    assert "closed 1 Dec 2025" in text


def test_a_store_behind_the_others_is_marked(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    Store.objects.filter(code="S002").update(complete_through=date(2026, 3, 1))
    assert "data behind" in text_of(hq_client.get("/stores/"))


def test_a_manager_sees_the_own_ones(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    text = text_of(manager_client.get("/stores/"))
    assert "S001" in text
    assert "S002" not in text


def test_without_stores_it_says_what_to_do(hq_client: ChainClient) -> None:
    Store.objects.all().delete()
    assert "Import the list of stores first" in text_of(hq_client.get("/stores/"))


def test_strangers_and_other_methods_are_refused(
    anonymous_client: ChainClient, other_client: ChainClient, hq_client: ChainClient
) -> None:
    for stranger in (anonymous_client, other_client):
        assert stranger.get("/stores/", headers={"host": "acme.localhost"}).status_code == 302
    assert hq_client.post("/stores/").status_code == 405


NEW = {"code": "S9", "name": "New", "city": "上海", "city_tier": "", "region": "", "opened_on": "2026-01-02"}


def test_a_store_is_opened_where_its_city_is_known_to_be(hq_client: ChainClient) -> None:
    assert hq_client.post("/store-opening/", NEW).headers["Location"] == "/stores/"
    place = Store.objects.get(code="S9").locations.get()
    assert (place.city, place.city_tier, place.region) == ("上海", "一线", "华东")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("code", "", "This field is required."),
        ("code", "S001", "There is a store “S001” already."),
        ("city", "Atlantis", "This city is not known: give its tier and region as well."),
        ("opened_on", "yesterday", "Enter a valid date."),
    ],
)
def test_what_cannot_be_opened_is_said_at_its_field(
    hq_client: ChainClient, store: Store, field: str, value: str, said: str
) -> None:
    response = hq_client.post("/store-opening/", {**NEW, field: value})
    assert response.status_code == 400
    assert said in response.context["form"].errors[field][0]
    assert Store.objects.count() == 1


def test_a_full_plan_is_said_and_leads_the_owner_to_its_price(chain: Chain, store: Store) -> None:
    with outside_chains():
        chain.allowance = {"plan": "chain", "stores": 1}
        chain.save()
    owner = signed_in(make_user("owner@acme.test", role=User.Role.OWNER), host="acme.localhost")
    User.objects.update(language="en")
    response = owner.post("/store-opening/", NEW)
    assert response.status_code == 402
    assert "The plan covers 1 open store, and there would be 2." in text_of(response)
    link = re.search(r'href="(/billing/change/[^"]+)"', response.content.decode())
    assert link is not None
    asked = parse_qs(urlsplit(html.unescape(link[1])).query)
    assert asked["stores"] == ["2"]
    again = urlsplit(asked["next"][0])
    assert again.path == "/store-opening/"
    # Nothing typed is lost.
    assert parse_qs(again.query)["code"] == ["S9"]
    assert 'value="S9"' in owner.get(asked["next"][0]).content.decode()
    others = signed_in(make_user("hq2@acme.test", role=User.Role.HQ), host="acme.localhost").post(
        "/store-opening/", NEW
    )
    assert others.status_code == 402
    assert "/billing/" not in others.content.decode()


def test_a_store_is_edited(hq_client: ChainClient, store: Store) -> None:
    form = hq_client.get("/store-editing/S001/").context["form"]
    assert form.initial["name"] == "Acme One"
    changed = {"code": "SH01", "name": "Suzhou", "city": "苏州", "opened_on": "2024-05-01", "since": "2026-03-01"}
    assert hq_client.post("/store-editing/S001/", changed).status_code == 302
    store.refresh_from_db()
    assert (store.code, store.name, store.opened_on) == ("SH01", "Suzhou", date(2024, 5, 1))
    last = store.last_location
    assert last is not None
    assert (last.valid_from, last.city, last.region) == (date(2026, 3, 1), "苏州", "华东")


def test_an_edit_that_does_not_fit_is_said_at_its_field(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.post("/store-editing/S001/", {"code": "S002", "name": "", "city": "Atlantis"})
    assert response.status_code == 400
    text = text_of(response)
    assert "There is a store “S002” already." in text
    assert "This city is not known: give its tier and region as well." in text
    assert Store.objects.filter(code="S001", name="上海静安店").exists()


def test_a_store_without_records_is_deleted(hq_client: ChainClient, store: Store) -> None:
    assert "Deleting it cannot be undone." in text_of(hq_client.get("/store-editing/S001/"))
    assert hq_client.post("/store-deletion/S001/").headers["Location"] == "/stores/"
    assert not Store.objects.exists()


def test_a_store_with_records_stays(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    assert "so it cannot be deleted" in text_of(hq_client.get("/store-editing/S001/"))
    assert hq_client.post("/store-deletion/S001/").status_code == 409
    assert Store.objects.filter(code="S001").exists()


def test_a_store_is_closed_and_opened_again(hq_client: ChainClient, store: Store) -> None:
    assert "Close Acme One" in text_of(hq_client.get("/store-closing/S001/"))
    assert hq_client.post("/store-closing/S001/", {"closed_on": "2026-01-02"}).status_code == 302
    assert Store.objects.get().closed_on == date(2026, 1, 2)
    assert "closed 2 Jan 2026" in text_of(hq_client.get("/stores/"))
    assert hq_client.post("/store-reopening/S001/").status_code == 302
    assert Store.objects.get().closed_on is None


def test_closing_tells_of_later_visits(hq_client: ChainClient, hq_user: User, store: Store) -> None:
    def said(closed_on: str) -> str:
        return text_of(hq_client.post("/store-closing/S001/", {"closed_on": closed_on}, follow=True))

    day = date(2025, 6, 30)
    record_visit(acting_user=hq_user, store=store, client=None, day=day, lines=[NewLine(amount=Decimal(1))])
    assert "It has visits until 30 Jun 2025." in said("2025-06-30")
    hq_client.post("/store-reopening/S001/")
    assert "It has visits until" not in said("2025-07-01")


def test_who_may_not(manager_client: ChainClient, anonymous_client: ChainClient, store: Store) -> None:
    for path in (
        "/store-opening/",
        "/store-editing/S001/",
        "/store-deletion/S001/",
        "/store-closing/S001/",
        "/store-reopening/S001/",
    ):
        assert manager_client.post(path, NEW).status_code == 403
        assert anonymous_client.post(path, NEW).status_code == 302
    assert "Open a store" not in text_of(manager_client.get("/stores/"))
    assert list(Store.objects.values_list("code", "closed_on")) == [("S001", None)]


def test_wrong_methods_and_stores_that_are_not_there(hq_client: ChainClient, store: Store) -> None:
    assert hq_client.get("/store-reopening/S001/").status_code == 405
    assert hq_client.put("/store-opening/").status_code == 405
    assert hq_client.delete("/store-closing/S001/").status_code == 405
    assert hq_client.get("/store-deletion/S001/").status_code == 405
    assert hq_client.delete("/store-editing/S001/").status_code == 405
    for path in ("/store-editing/NONE/", "/store-deletion/NONE/", "/store-closing/NONE/", "/store-reopening/NONE/"):
        assert hq_client.post(path, {"closed_on": "2026-01-02"}).status_code == 404
