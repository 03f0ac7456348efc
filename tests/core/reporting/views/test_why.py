"""Why two groups differ, on the pages of the report and of a store."""

import pytest
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.stores.models import Store
from tests.plugins.chains import ChainClient
from tests.plugins.salons import bring_back_more, open_sisters, text_of

YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
HTMX = {"hx-request": "true"}
URL = "/repurchase/why/"
pytestmark = pytest.mark.usefixtures("english")


def test_the_gap_is_a_sentence_a_picture_and_a_table(
    hq_client: ChainClient, hq_user: User, salon: dict[str, Store]
) -> None:
    """All come for the same and in the same days: nothing of the gap is mix."""
    open_sisters()
    bring_back_more(salon, hq_user)
    response = hq_client.get(URL, {**YEAR, "split": "category"}, headers=HTMX)
    content, text = response.content.decode(), text_of(response)
    assert "Third tier is 31.7 points below First tier (35.0 % against 66.7 %)" in text
    assert "0.0 from a different mix of clients, −31.7 from how often the same kinds come back" in text
    assert content.count("<svg ") == 3
    assert " style=" not in content
    assert "面部护理 100.0 % 100.0 % 35.0 % 66.7 % 0.0 −31.7 0.0 −31.7" in text
    assert 'option value="category" selected' in content


def test_what_is_chosen_stands_in_the_address(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    chosen = {**YEAR, "by": "store", "one": "S003", "other": "(chain)", "split": "member_tier"}
    page = hq_client.get("/repurchase/", chosen).content.decode()
    address = page.split('hx-get="/repurchase/why/', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert address.endswith("&one=S003&other=%28chain%29&split=member_tier")
    response = hq_client.get(f"{URL}{address}", headers=HTMX)
    for value in ("S003", "(chain)", "member_tier"):
        assert f'<option value="{value}" selected>' in response.content.decode()
    assert 'action="/repurchase/#why"' in response.content.decode()


def test_without_script_the_piece_is_a_page_that_asks_itself(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    content = hq_client.get(URL, {**YEAR, "by": "store"}).content.decode()
    assert content.startswith("<!DOCTYPE html>")
    assert 'action="/repurchase/why/#why"' in content


def test_chance_is_said(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    asked = {**YEAR, "by": "store", "one": "S001", "other": "S002"}
    text = text_of(hq_client.get(URL, asked, headers=HTMX))
    assert "This may be chance, so it is not broken down." in text
    assert "Show the numbers" not in text
    text = text_of(hq_client.get(URL, {**YEAR, "by": "store", "one": "S001", "other": "(before)"}, headers=HTMX))
    assert "上海静安店 is 10.0 points above 2024 (60.0 % against 50.0 %) (−11.7 to +31.7)" in text


@pytest.mark.parametrize(
    "wrong", [{"other": "S999"}, {"one": "nowhere"}, {"split": "shoe_size"}, {"one": "S001", "other": "S001"}]
)
def test_what_cannot_be_asked_is_said_and_can_be_mended(
    hq_client: ChainClient, salon: dict[str, Store], wrong: dict[str, str]
) -> None:
    response = hq_client.get(URL, {**YEAR, "by": "store", **wrong}, headers=HTMX)
    content = response.content.decode()
    assert 'role="alert"' in content
    assert '<select id="why-other"' in content


def test_a_manager_asks_of_the_own_store(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    page = manager_client.get("/stores/S001/", {**YEAR, "split": "category"}).content.decode()
    assert "/stores/S001/why/?from=2025-01-01&amp;to=2026-01-01&amp;split=category" in page
    response = manager_client.get("/stores/S001/why/", {**YEAR, "one": "S002"}, headers=HTMX)
    content, text = response.content.decode(), text_of(response)
    assert "上海静安店 is 11.7 points above the chain (60.0 % against 48.3 %)" in text
    assert "why-one" not in content
    for value in ("(chain)", "(city_tier)", "(before)"):
        assert f'<option value="{value}"' in content
    assert 'action="/stores/S001/#why"' in content
    assert manager_client.get("/stores/S002/why/", YEAR).status_code == 404
    assert manager_client.get(URL, YEAR).status_code == 403


def test_strangers_other_chains_and_wrong_methods(
    hq_client: ChainClient, anonymous_client: ChainClient, other_client: ChainClient, salon: dict[str, Store]
) -> None:
    for url in (URL, "/stores/S001/why/"):
        assert anonymous_client.get(url, YEAR).status_code == 302
        assert other_client.get(url, YEAR).status_code == 404
        assert hq_client.post(url, YEAR).status_code == 405


def test_other_metrics_are_not_split(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    assert "/why/" not in hq_client.get("/volumes/", YEAR).content.decode()


def test_queries_are_bounded(
    hq_client: ChainClient, salon: dict[str, Store], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for split in ("usual", "member_tier", "value_segment"):
        with django_assert_max_num_queries(30):
            hq_client.get("/stores/S001/why/", {**YEAR, "other": "(city_tier)", "split": split}, headers=HTMX)
