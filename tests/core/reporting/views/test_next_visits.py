"""Where and for what clients come back, on the pages of the report and of a store, and as files."""

import pytest

from core.audit.declaration import Action
from core.audit.models import AuditEntry
from core.stores.models import Store
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
HTMX = {"hx-request": "true"}
URLS = ("/repurchase/flows/", "/repurchase/categories/", "/repurchase/categories/export.csv")
pytestmark = pytest.mark.usefixtures("english")


def test_the_page_says_where_clients_come_back(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    page = hq_client.get("/repurchase/", YEAR).content.decode()
    assert 'hx-get="/repurchase/flows/?' in page
    response = hq_client.get("/repurchase/flows/", YEAR, headers=HTMX)
    text = text_of(response)
    assert "58 of 120 clients came back." in text
    assert "First came back to the same store Clients 58 Share of those who came back 100.0 %" in text
    assert "Served again by the same person Clients 58 Share of those who came back 100.0 %" in text
    assert response.content.decode().count("<svg ") == 3


def test_the_page_says_what_clients_come_back_for(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    assert 'hx-get="/repurchase/categories/?' in hq_client.get("/repurchase/", YEAR).content.decode()
    text = text_of(hq_client.get("/repurchase/categories/", YEAR, headers=HTMX))
    assert "面部护理 120 48.3 % 39.6–57.2 48.3 % 39.6–57.2" in text
    narrowed = text_of(hq_client.get("/repurchase/categories/", {**YEAR, "store": "S001"}, headers=HTMX))
    assert "面部护理 40 60.0 %" in narrowed


@pytest.mark.parametrize(("extension", "start"), [("csv", b"\xef\xbb\xbfFirst visit for,"), ("xlsx", b"PK")])
def test_categories_are_a_file_that_is_traced(
    hq_client: ChainClient, salon: dict[str, Store], extension: str, start: bytes
) -> None:
    response = hq_client.get(f"/repurchase/categories/export.{extension}", YEAR)
    assert response.content.startswith(start)
    assert AuditEntry.objects.filter(action=Action.EXPORTED).count() == 1
    if extension == "csv":
        assert "面部护理,面部护理,120,58,0.483333,0.395" in response.content.decode()
        assert "面部护理,did not come back,120,62,0.516667" in response.content.decode()


def test_a_store_s_page_says_the_same_of_the_store(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    assert 'hx-get="/stores/S001/flows/?' in manager_client.get("/stores/S001/", YEAR).content.decode()
    assert "24 of 40 clients came back." in text_of(manager_client.get("/stores/S001/flows/", YEAR, headers=HTMX))
    assert manager_client.get("/stores/S002/flows/", YEAR).status_code == 404
    for url in URLS:
        assert manager_client.get(url, YEAR).status_code == 403


def test_strangers_other_chains_and_wrong_methods(
    hq_client: ChainClient, anonymous_client: ChainClient, other_client: ChainClient, salon: dict[str, Store]
) -> None:
    for url in (*URLS, "/stores/S001/flows/"):
        assert anonymous_client.get(url, YEAR).status_code == 302
        assert other_client.get(url, YEAR).status_code == 404
        assert hq_client.post(url, YEAR).status_code == 405
    assert not AuditEntry.objects.filter(action=Action.EXPORTED).exists()


def test_other_metrics_do_not_know_it(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    assert "flows/" not in hq_client.get("/volumes/", YEAR).content.decode()
    assert hq_client.get("/volumes/flows/", YEAR).status_code == 404
