"""Finding clients and reading their records."""

import pytest
from pytest_django import DjangoAssertNumQueries

from core.clients.models import Client
from core.stores.models import Store
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize(
    ("text", "found"),
    [("客25000", 1), ("S001-2025-00", 1), ("138020250", 40), ("25000", 1), ("nobody", 0), ("S001-2025", 40), ("%", 0)],
)
def test_search_takes_part_of_a_name_or_the_start_of_number_or_phone(
    hq_client: ChainClient, salon: dict[str, Store], text: str, found: int
) -> None:
    assert len(hq_client.get("/clients/", {"q": text}).context["clients"]) == found


def test_what_is_found_is_bounded(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.get("/clients/", {"q": "客"})
    assert len(response.context["clients"]) == 50
    assert "Only the first 50 are shown." in text_of(response)


def test_nobody_found_says_what_to_try(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    assert "Nobody found" in text_of(hq_client.get("/clients/", {"q": "nobody"}))


def test_a_chain_without_clients_is_told_where_they_come_from(
    hq_client: ChainClient, manager_client: ChainClient
) -> None:
    assert 'href="/imports/new/?kind=clients"' in hq_client.get("/clients/").content.decode()
    assert "/imports/" not in manager_client.get("/clients/").content.decode()


def test_a_zero_byte_is_refused(hq_client: ChainClient) -> None:
    assert hq_client.get("/clients/", {"q": "a\x00b"}).status_code == 400


def test_a_manager_finds_only_clients_of_the_own_stores(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    assert len(manager_client.get("/clients/", {"q": "S001-2025"}).context["clients"]) == 40
    assert manager_client.get("/clients/", {"q": "S002-2025"}).context["clients"] == []
    other = Client.objects.get(ref="S002-2025-00")
    assert manager_client.get(f"/clients/{other.pk}/").status_code == 404


def test_a_manager_sees_a_visiting_client_with_the_visits_at_the_own_stores_only(
    manager_client: ChainClient, salon: dict[str, Store]
) -> None:
    visitor = Client.objects.get(ref="S002-2025-00")
    visit = visitor.visits.order_by("day").first()
    assert visit is not None
    visit.store = salon["S001"]
    visit.save()
    text = text_of(manager_client.get(f"/clients/{visitor.pk}/"))
    assert "1 visit At your stores; visits elsewhere are not shown." in text


def test_the_record_costs_few_queries(
    hq_client: ChainClient, salon: dict[str, Store], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client.objects.get(ref="S001-2025-00")
    with django_assert_max_num_queries(12):
        assert hq_client.get(f"/clients/{client.pk}/").status_code == 200


def test_strangers_and_other_methods_are_refused(
    anonymous_client: ChainClient, other_client: ChainClient, hq_client: ChainClient, salon: dict[str, Store]
) -> None:
    client = Client.objects.get(ref="S001-2025-00")
    assert other_client.get(f"/clients/{client.pk}/").status_code == 404
    for path in ("/clients/", f"/clients/{client.pk}/"):
        for stranger in (anonymous_client, other_client):
            assert stranger.get(path, headers={"host": "acme.localhost"}).status_code == 302
        assert hq_client.post(path).status_code == 405
