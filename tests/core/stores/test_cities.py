"""The chain's own cities: what they do to stores, who may change them, and the pages."""

from pathlib import Path

import pytest
from django_tenants.utils import tenant_context
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.shared.errors import AppError
from core.stores.cities import Cities, Place
from core.stores.models import City, Store
from core.stores.services.cities import remove_city, set_city
from core.stores.services.stores import open_store
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.salons import text_of

KYOTO = {"name": "Kyoto", "tier": "T2", "region": "Kansai"}


def own_cities() -> list[tuple[str, str, str]]:
    return list(City.objects.order_by("name").values_list("name", "tier", "region"))


def place_of(code: str) -> tuple[str, str, str]:
    return Store.objects.get(code=code).locations.values_list("city", "city_tier", "region").get()


def bring_stores(path: Path, text: str) -> None:
    path.write_text(text)
    import_file(kind="stores", source=path, options=ImportOptions())


@pytest.mark.parametrize("name", ["上海", "上海市"])
def test_the_own_word_goes_before_the_built_in_list(chain: Chain, name: str) -> None:
    set_city(name=name, tier="二线", region="")
    assert Cities().find("上海") == Cities().find("上海市") == Place("上海", "二线", "华东")
    remove_city(name="上海")
    assert Cities().find("上海") == Place("上海", "一线", "华东")


def test_cities_of_other_countries_are_known_to_imports(chain: Chain, tmp_path: Path) -> None:
    set_city(**KYOTO)
    bring_stores(tmp_path / "stores.csv", "store_code,name,city\nK1,Kyoto One,Kyoto\n")
    assert place_of("K1") == ("Kyoto", "T2", "Kansai")


def test_stores_keep_their_place_until_they_are_imported_again(chain: Chain, tmp_path: Path) -> None:
    open_store(code="A", name="A", city="上海", city_tier="一线", region="华东")
    set_city(name="上海", tier="二线", region="East")
    assert place_of("A") == ("上海", "一线", "华东")
    bring_stores(tmp_path / "stores.csv", "store_code,name,city\nA,A,上海\n")
    assert place_of("A") == ("上海", "二线", "East")


def test_a_change_is_in_the_trail_once(hq_user: User) -> None:
    for _again in range(2):
        set_city(**KYOTO, acting_user=hq_user)
    set_city(name="Kyoto", tier="T1", region="Kansai", acting_user=hq_user)
    remove_city(name="Kyoto", acting_user=hq_user)
    entries = AuditEntry.objects.order_by("pk").values_list("action", "subject_label", "before", "after")
    assert list(entries) == [
        ("city.set", "Kyoto", None, {"city_tier": "T2", "region": "Kansai"}),
        ("city.set", "Kyoto", {"city_tier": "T2"}, {"city_tier": "T1"}),
        ("city.removed", "Kyoto", {"city_tier": "T1", "region": "Kansai"}, None),
    ]


@pytest.mark.parametrize("role", ["regional_manager", "store_manager", "front_desk", "beautician"])
def test_others_do_not_change_cities(chain: Chain, role: str) -> None:
    user = make_user("someone@acme.test", role=role)
    set_city(**KYOTO)
    client = signed_in(user, host="acme.localhost")
    for refused in (lambda: set_city(**KYOTO, acting_user=user), lambda: remove_city(name="Kyoto", acting_user=user)):
        with pytest.raises(AppError) as error:
            refused()
        assert error.value.status == 403
    city = City.objects.get()
    for path in ("/cities/", f"/cities/{city.pk}/", f"/cities/{city.pk}/removal/"):
        assert client.post(path, {"name": "Osaka", "tier": "T1", "region": "Kansai"}).status_code == 403
    assert client.get("/cities/").status_code == 403
    assert own_cities() == [("Kyoto", "T2", "Kansai")]


def test_a_suspended_chain_changes_no_city(chain: Chain, hq_client: ChainClient) -> None:
    set_city(**KYOTO)
    with outside_chains():
        chain.read_only_since = "2026-01-01T00:00Z"
        chain.save()
    with pytest.raises(AppError):
        remove_city(name="Kyoto")
    assert hq_client.post("/cities/", {"name": "Osaka", "tier": "T1", "region": "Kansai"}).status_code == 403
    assert own_cities() == [("Kyoto", "T2", "Kansai")]


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("role", ["owner", "hq"])
def test_a_city_is_added_changed_and_taken_out(chain: Chain, store: Store, role: str) -> None:
    client = signed_in(make_user("one@acme.test", role=role), host="acme.localhost")
    User.objects.update(language="en")
    assert 'href="/cities/"' in client.get("/stores/").content.decode()
    assert client.post("/cities/", {"name": "Kyoto", "tier": "Second tier", "region": "Kansai"}).status_code == 302
    assert own_cities() == [("Kyoto", "二线", "Kansai")]
    page = text_of(client.get("/cities/"))
    assert "Kyoto Second tier · Kansai" in page
    assert "370 cities of mainland China are known" in page
    assert "This holds for stores opened or imported from now on." in page
    path = f"/cities/{City.objects.get().pk}/"
    assert 'value="Second tier"' in client.get(path).content.decode()
    assert client.post(path, {"tier": "Metro", "region": "Kinki"}).headers["Location"] == "/cities/"
    assert own_cities() == [("Kyoto", "Metro", "Kinki")]
    assert client.post(f"{path}removal/").headers["Location"] == "/cities/"
    assert own_cities() == []
    assert client.get(path).status_code == 404


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"name": "x" * 101}, "name", "Ensure this value has at most 100 characters (it has 101)."),
        ({"name": "上海市"}, "name", "“上海” is in your list already: change it there."),
        ({"tier": ""}, "tier", "This city is not in the built-in list: give its tier and region as well."),
        ({"region": ""}, "region", "This city is not in the built-in list: give its tier and region as well."),
        ({"tier": "x" * 51}, "tier", "Ensure this value has at most 50 characters (it has 51)."),
    ],
)
def test_what_cannot_be_added_is_said_at_its_field(
    hq_client: ChainClient, changed: dict[str, str], field: str, said: str
) -> None:
    set_city(name="上海", tier="二线", region="华东")
    response = hq_client.post("/cities/", {**KYOTO, **changed})
    assert response.status_code == 400
    assert response.context["form"].errors == {field: [said]}
    assert own_cities() == [("上海", "二线", "华东")]


@pytest.mark.usefixtures("english")
def test_what_a_city_cannot_be_changed_to(hq_client: ChainClient) -> None:
    set_city(**KYOTO)
    response = hq_client.post(f"/cities/{City.objects.get().pk}/", {"tier": "", "region": "Kinki"})
    assert response.status_code == 400
    assert "This city is not in the built-in list" in response.context["form"].errors["tier"][0]
    assert own_cities() == [("Kyoto", "T2", "Kansai")]


def test_strangers_other_methods_and_cities_that_are_not_there(
    hq_client: ChainClient, anonymous_client: ChainClient, other_client: ChainClient, other_chain: Chain
) -> None:
    set_city(**KYOTO)
    path = f"/cities/{City.objects.get().pk}/"
    for place in ("/cities/", path, f"{path}removal/"):
        assert anonymous_client.post(place, KYOTO).status_code == 302
        assert hq_client.put(place).status_code == 405
    assert hq_client.get(f"{path}removal/").status_code == 405
    assert hq_client.post("/cities/0/removal/").status_code == 404
    assert other_client.post(path, KYOTO).status_code == 404
    assert other_client.post(f"{path}removal/").status_code == 404
    with tenant_context(other_chain):
        assert own_cities() == []
    assert own_cities() == [("Kyoto", "T2", "Kansai")]


def test_the_list_takes_few_queries(
    hq_client: ChainClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(120):
        set_city(name=f"City {number:03}", tier="T1", region="R")
    with django_assert_max_num_queries(9):
        page = text_of(hq_client.get("/cities/"))
    assert "City 099" in page
    assert "City 100" not in page
