"""Charts, loaded after the page."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.accounts.models import User
from core.audit.declaration import Action
from core.audit.models import AuditEntry
from core.stores.models import Store
from tests.plugins.chains import ChainClient
from tests.plugins.salons import bring_back_more, open_sisters, text_of

URL = "/repurchase/charts/"
YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
HTMX = {"hx-request": "true"}
pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize("name", ["groups", "gap", "funnel"])
def test_a_chart_is_an_svg_that_the_content_policy_lets_pass(
    hq_client: ChainClient, hq_user: User, salon: dict[str, Store], name: str
) -> None:
    open_sisters()
    bring_back_more(salon, hq_user)
    response = hq_client.get(f"{URL}{name}/", YEAR, headers=HTMX)
    content = response.content.decode()
    assert response.status_code == 200
    assert not content.startswith("<!DOCTYPE")
    # The funnel has its raw rates besides.
    assert content.count("<svg ") == (4 if name == "funnel" else 2)
    assert "var(--t" in content
    assert " style=" not in content
    assert "<style" not in content
    assert "vega.github.io" not in content


def test_the_groups_say_their_figures_to_those_who_cannot_see_them(
    hq_client: ChainClient, salon: dict[str, Store]
) -> None:
    content = hq_client.get(f"{URL}groups/", YEAR, headers=HTMX).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert 'aria-label="First tier: 60.0 % of 40 clients (95 % interval 44.6–73.7)"' in content


def test_points_of_the_funnel_lead_to_their_stores(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    content = hq_client.get(f"{URL}funnel/", YEAR, headers=HTMX).content.decode()
    links = re.findall(r'<a href="([^"]+)"', content)
    assert "/stores/S001/?from=2025-01-01&amp;to=2026-01-01" in links


def test_stores_that_cannot_be_told_apart_are_not_ranked(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    text = text_of(hq_client.get(f"{URL}funnel/", YEAR, headers=HTMX))
    assert "No store is outside the 99.8 % limits." in text
    assert "Stabilised" in text or "The stores cannot be told apart" in text
    assert "The same with raw rates" in text


def test_the_trend_has_its_table_and_leaves_out_months_without_a_full_year(
    hq_client: ChainClient, salon: dict[str, Store]
) -> None:
    text = text_of(hq_client.get(f"{URL}trend/", YEAR, headers=HTMX))
    assert "Dec 2025 60.0 % 44.6–73.7" in text
    assert "Dec 2024" in text
    assert "Nov 2024" not in text


def test_the_trend_of_many_groups_is_of_all_clients(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    text = text_of(hq_client.get(f"{URL}trend/", {**YEAR, "by": "store"}, headers=HTMX))
    assert "Dec 2025 48.3 % 39.6–57.2" in text


def test_a_chart_without_script_is_a_page(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    assert hq_client.get(f"{URL}gap/", YEAR).content.decode().startswith("<!DOCTYPE html>")


def test_bad_input_is_refused_in_words(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.get(f"{URL}gap/", {"from": "x", "to": "2025-01-01"}, headers=HTMX)
    assert response.status_code == 400
    assert "“x” is not a date." in text_of(response)
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("name", ["groups", "trend", "funnel"])
def test_a_chart_can_be_taken_into_slides(hq_client: ChainClient, salon: dict[str, Store], name: str) -> None:
    content = hq_client.get(f"{URL}{name}/", YEAR, headers=HTMX).content.decode()
    assert f'href="{URL}{name}/?from=2025-01-01&amp;to=2026-01-01&amp;file=png"' in content
    picture = hq_client.get(f"{URL}{name}/", {**YEAR, "file": "svg"})
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert "attachment" in picture.headers["Content-Disposition"]
    text = text_of(picture)
    assert "Acme Beauty · 2025" in text
    assert "Clients with two or more visit days in the period, of all who came." in text
    assert "data complete to 31 Dec 2025" in text
    assert hq_client.get(f"{URL}{name}/", {**YEAR, "file": "png"}).content.startswith(b"\x89PNG")
    assert AuditEntry.objects.filter(action=Action.EXPORTED).count() == 2


def test_what_is_too_little_to_draw_is_no_picture(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.get(f"{URL}gap/", {**YEAR, "file": "png"})
    assert response.status_code == 404
    assert not AuditEntry.objects.filter(action=Action.EXPORTED).exists()


def test_a_manager_takes_charts_of_the_own_store_alone(
    manager_client: ChainClient, salon: dict[str, Store], anonymous_client: ChainClient
) -> None:
    picture = {**YEAR, "file": "svg"}
    assert manager_client.get("/stores/S001/charts/comparison/", picture).status_code == 200
    assert manager_client.get("/stores/S002/charts/comparison/", picture).status_code == 404
    assert manager_client.get(f"{URL}trend/", picture).status_code == 403
    assert anonymous_client.get(f"{URL}trend/", picture).status_code == 302


def test_the_grid_of_provinces(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    asked = {**YEAR, "by": "region"}
    response = hq_client.get(f"{URL}provinces/", asked, headers=HTMX)
    content, text = response.content.decode(), text_of(response)
    assert response.status_code == 200
    assert content.count("<li") == 34
    assert "Shanghai 40 60.0 % 44.6–73.7" in text
    assert 'aria-label="Anhui: 50.0 %' in content.replace("\N{NO-BREAK SPACE}", " ")
    assert " style=" not in content
    page = hq_client.get("/repurchase/", asked).content.decode()
    assert 'hx-get="/repurchase/charts/provinces/?' in page
    assert "charts/provinces/" not in hq_client.get("/repurchase/", YEAR).content.decode()
    # As a page of its own without scripts.
    assert "By province" in text_of(hq_client.get(f"{URL}provinces/", asked))


def test_who_may_see_the_grid_and_how(
    hq_client: ChainClient, manager_client: ChainClient, salon: dict[str, Store]
) -> None:
    assert manager_client.get(f"{URL}provinces/", YEAR).status_code == 403
    assert hq_client.post(f"{URL}provinces/", YEAR).status_code == 405
    assert hq_client.get(f"{URL}provinces/", {**YEAR, "city": "Elsewhere"}, headers=HTMX).status_code == 400
    assert hq_client.get(f"{URL}provinces/", {**YEAR, "file": "png"}).status_code == 404


def test_the_grid_asks_few_queries_however_many_places(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    counts = []
    # The first to ask has the period counted and kept.
    hq_client.get(f"{URL}provinces/", {**YEAR, "by": "region"}, headers=HTMX)
    for sisters in (0, 2):
        open_sisters(sisters)
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            hq_client.get(f"{URL}provinces/", {**YEAR, "by": "region"}, headers=HTMX)
        counts.append(len(asked))
    assert counts[0] == counts[1] < 25
