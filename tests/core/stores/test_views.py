"""The list of stores."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from core.stores.models import Store
from tests.plugins.chains import ChainClient
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
