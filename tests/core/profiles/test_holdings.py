"""Cards, stored value and appointments on a client's page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from core.clients.models import Client
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.stores.models import Store
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

pytestmark = pytest.mark.usefixtures("english")
Bring = Callable[[str, str], None]
REF = "S002-2025-00"
BALANCES = (
    "client_ref,item,times_left,times_bought,amount_left,bonus_left,expires_on,store_code,bought_on\n"
    f"{REF},Ten cuts,7,10,,,2020-01-31,S001,2019-02-01\n"
    f"{REF},Account,,,1200.5,300,,S002,\n"
    f"{REF},Half,0.5,,,,,,\n"
    f"{REF},Year,unlimited,,,,,S002,\n"
)
APPOINTMENTS = (
    "client_ref,started_at,store_code,service_code,status,note\n"
    f"{REF},2025-03-04 10:30,S001,Facial,no show,Window seat\n"
    f"{REF},2025-04-04,S002,Gel,confirmed,\n"
)


@pytest.fixture
def bring(salon: dict[str, Store], tmp_path: Path, settings: Settings) -> Bring:
    settings.MEDIA_ROOT = tmp_path / "files"

    def bring(kind: str, text: str) -> None:
        path = tmp_path / "file.csv"
        path.write_text(text)
        import_file(kind=kind, source=path, options=ImportOptions(create_missing=True))

    return bring


def page_of(ref: str = REF) -> str:
    return f"/clients/{Client.objects.get(ref=ref).pk}/"


def test_what_a_client_has_left_and_has_booked(bring: Bring, hq_client: ChainClient) -> None:
    bring("balances", BALANCES)
    bring("appointments", APPOINTMENTS)
    text = text_of(hq_client.get(page_of()))
    assert "Ten cuts 7 / 10 – 1 Feb 2019" in text
    assert "31 Jan 2020 expired" in text
    assert "Account – 1,200.50 bonus 300.00" in text
    assert "Half 0.5 –" in text
    assert "Year unlimited –" in text
    assert "4 Mar 2025 10:30" in text
    assert "Facial Window seat – no-show" in text
    assert "4 Apr 2025 " in text
    assert "00:00" not in text


def test_a_client_without_any_has_no_such_part(salon: dict[str, Store], hq_client: ChainClient) -> None:
    text = text_of(hq_client.get(page_of()))
    assert "stored value" not in text
    assert "Appointments" not in text


def test_a_manager_sees_what_is_of_the_own_stores(bring: Bring, manager_client: ChainClient) -> None:
    path = page_of()
    assert manager_client.get(path).status_code == 404
    bring("appointments", APPOINTMENTS)
    bring("balances", BALANCES)
    text = text_of(manager_client.get(path))
    assert "Facial" in text
    assert "Gel" not in text
    assert "appointments elsewhere are not shown" in text
    assert "Ten cuts" in text
    assert "Half" in text
    assert "Account" not in text


def test_who_bought_a_card_at_a_store_is_found_there(bring: Bring, manager_client: ChainClient) -> None:
    assert manager_client.get("/clients/", {"q": REF}).context["clients"] == []
    bring("balances", BALANCES)
    assert len(manager_client.get("/clients/", {"q": REF}).context["clients"]) == 1


def test_many_are_bounded_and_cost_few_queries(
    bring: Bring, hq_client: ChainClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = "".join(
        f"{REF},2025-03-{day:02} {hour}:00,S001,Facial,done,\n" for day in range(1, 21) for hour in (9, 12, 15)
    )
    bring("appointments", APPOINTMENTS.partition("\n")[0] + "\n" + rows)
    bring("balances", "client_ref,item,times_left\n" + "".join(f"{REF},Card {number},1\n" for number in range(60)))
    path = page_of()
    with django_assert_max_num_queries(12):
        response = hq_client.get(path)
    assert text_of(response).count("Only the latest 50 are shown.") == 2
    assert len(response.context["balances"]) == len(response.context["appointments"]) == 50
