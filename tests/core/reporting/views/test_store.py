"""The store manager's page."""

from datetime import date
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.question import Question
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
HTMX = {"hx-request": "true"}
pytestmark = pytest.mark.usefixtures("english")


def test_a_manager_sees_the_own_store_beside_its_tier_and_the_chain(
    manager_client: ChainClient, salon: dict[str, Store]
) -> None:
    response = manager_client.get("/stores/S001/", YEAR)
    assert response.status_code == 200
    text = text_of(response)
    assert "60.0 % of 40 clients came back in 2025 (95 % interval 44.6–73.7)" in text
    assert "This store 40 24 60.0 %" in text
    assert "First tier 40 24 60.0 %" in text
    assert "Chain 120 58 48.3 %" in text
    assert "All 40 Came back: 24 Not yet: 16" in text


def test_any_metric_can_be_looked_at(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    first = manager_client.get("/stores/S001/", YEAR)
    other = next(choice for choice in first.context["metrics"] if not choice.current)
    assert other.url.startswith("/stores/S001/return-within/?from=2025-01-01")
    response = manager_client.get(other.url)
    text = text_of(response)
    assert "of 40 clients in 2025 came back within 90 days" in text
    assert "Return rate, version 2" in text
    assert "Clients Returned Return rate" in text
    assert [choice.current for choice in response.context["horizons"]] == [False, False, True, False]
    # The chain's rate stands in the report as well.
    report = answer(Question(metric="return_within", within=90, start=date(2025, 1, 1), end=date(2026, 1, 1)))
    assert f"Chain {report.total.clients} {report.total.counts['returned']}" in text
    for name in ("comparison", "trend"):
        address = f"/stores/S001/return-within/charts/{name}/"
        assert f'hx-get="{address}' in response.content.decode()
        assert "<svg " in manager_client.get(address, YEAR, headers=HTMX).content.decode()


def test_sums_of_the_chain_are_not_set_beside_a_store(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    response = manager_client.get("/stores/S001/volumes/", YEAR)
    own, tier, chain = ([cell.text for cell in cells] for _row, cells in response.context["rows"])
    assert own[:2] == ["40", "64"]
    assert chain[:2] == tier[:2] == ["–", "–"]
    # Averages are.
    assert chain.count("¥198.00") == own.count("¥198.00") > 0
    assert "Beside its city tier" not in text_of(response)
    trend = text_of(manager_client.get("/stores/S001/volumes/charts/trend/", YEAR, headers={"HX-Request": "true"}))
    assert "Chain" not in trend


def test_the_only_store_of_a_chain_stands_beside_nothing(
    manager_client: ChainClient, manager_user: User, store: Store
) -> None:
    lines = [NewLine(amount=Decimal(10))]
    for number in range(30):
        client = Client.objects.create(ref=f"C{number}", store=store)
        for day in (date(2024, 3, 1), date(2024, 10, 1), date(2025, 6, 1)):
            record_visit(acting_user=manager_user, store=store, client=client, day=day, lines=lines)
    text = text_of(manager_client.get("/stores/S001/", YEAR))
    assert "0.0 % of 30 clients came back in 2025 (95 % interval 0.0–11.4)" in text
    assert "This store 30 0 0.0 %" in text
    beside = ("Beside its city", "from the chain’s", "Adjusted:", "First tier 30")
    assert not [phrase for phrase in beside if phrase in text]
    assert "too little to draw" in text_of(manager_client.get("/stores/S001/charts/comparison/", YEAR, headers=HTMX))
    trend = text_of(manager_client.get("/stores/S001/charts/trend/", YEAR, headers=HTMX))
    assert "Twelve months to This store" in trend
    assert "Chain" not in trend


def test_other_stores_do_not_exist_for_a_manager(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    for path in ("/stores/S002/", "/stores/S002/charts/comparison/", "/stores/S002/charts/trend/", "/stores/none/"):
        assert manager_client.get(path, YEAR).status_code == 404


def test_a_filter_by_another_store_tells_a_manager_nothing(
    manager_client: ChainClient, salon: dict[str, Store]
) -> None:
    pages = [text_of(manager_client.get("/stores/S001/", {**YEAR, "store": code})) for code in ("S002", "S999")]
    assert pages[0] == pages[1]
    assert "60.0 % of 40 clients" in pages[0]


def test_headquarters_sees_any_store(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    for code in salon:
        assert hq_client.get(f"/stores/{code}/", YEAR).status_code == 200


def test_strangers_are_sent_to_sign_in(
    anonymous_client: ChainClient, other_client: ChainClient, salon: dict[str, Store]
) -> None:
    assert other_client.get("/stores/S001/", YEAR).status_code == 404
    for stranger in (anonymous_client, other_client):
        response = stranger.get("/stores/S001/", YEAR, headers={"host": "acme.localhost"})
        assert response.headers["Location"].startswith("/sign-in/")


def test_only_reading_is_allowed(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    assert manager_client.post("/stores/S001/", YEAR).status_code == 405


def test_it_costs_few_queries(
    manager_client: ChainClient, salon: dict[str, Store], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    manager_client.get("/stores/S001/", YEAR)
    with django_assert_max_num_queries(29):
        manager_client.get("/stores/S001/", YEAR)


@pytest.mark.parametrize("name", ["comparison", "trend"])
def test_charts_come_after(manager_client: ChainClient, salon: dict[str, Store], name: str) -> None:
    content = manager_client.get(f"/stores/S001/charts/{name}/", YEAR, headers=HTMX).content.decode()
    assert "<svg " in content
    assert " style=" not in content


def test_bad_input_is_named_at_its_field(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    response = manager_client.get("/stores/S001/", {"from": "2025-02-30", "to": "2025-03-01"})
    assert response.status_code == 400
    assert "“2025-02-30” is not a date." in text_of(response)


def test_before_any_import_it_says_what_it_waits_for(manager_client: ChainClient, store: Store) -> None:
    assert "No visits yet" in text_of(manager_client.get("/stores/S001/"))
