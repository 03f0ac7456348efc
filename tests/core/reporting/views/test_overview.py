"""The repurchase page: its figures, its bounds, and who may see it."""

import re
from datetime import date
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.question import Question
from core.shared import figures
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of

URL = "/repurchase/"
YEAR = {"from": "2025-01-01", "to": "2026-01-01"}


pytestmark = pytest.mark.usefixtures("english")


def test_the_page_says_rate_interval_and_change(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.get(URL, YEAR)
    assert response.status_code == 200
    text = text_of(response)
    assert "48.3 % of 120 clients came back in 2025 (95 % interval 39.6–57.2)" in text
    assert "In 2024 it was 45.0 %: the difference of +3.3 (−9.3 to +15.9) may be chance." in text
    assert "Too few stores to test whether the groups differ" in text
    assert "First tier 一线 40 24 60.0 %" in text
    assert "Data complete to 31 Dec 2025." in text
    assert "of lines have no client and are left out" in text


def test_every_figure_of_the_table_is_the_functions(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    for by in ("city_tier", "region", "city", "store", "category", "member_tier", "acquisition", "staff"):
        text = text_of(hq_client.get(URL, {**YEAR, "by": by}))
        report = answer(Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by=by))  # type: ignore[arg-type]
        for group in report.groups:
            assert figures.count(group.clients) in text
            assert figures.interval(group.ci95) in text
            assert f"{(group.value or 0) * 100:.1f} %" in text


def test_the_default_is_the_last_twelve_months_of_the_data(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    assert "came back in 2025" in text_of(hq_client.get(URL))


def test_a_chain_of_one_store_is_not_set_against_itself(hq_client: ChainClient, hq_user: User, store: Store) -> None:
    client = Client.objects.create(ref="C1", store=store)
    record_visit(
        acting_user=hq_user, store=store, client=client, day=date(2025, 3, 1), lines=[NewLine(amount=Decimal(10))]
    )
    assert "Stores that differ from average" not in text_of(hq_client.get(URL, YEAR))
    assert "too little to draw" in text_of(hq_client.get(f"{URL}charts/funnel/", YEAR))
    Store.objects.create(code="S002", name="Acme Two").locations.create(city="合肥", city_tier="二线", region="华东")
    assert "Stores that differ from average" in text_of(hq_client.get(URL, YEAR))
    assert "too little to draw" in text_of(hq_client.get(f"{URL}charts/funnel/", YEAR))


@pytest.mark.parametrize(
    "by", ["city_tier", "region", "city", "store_group", "store", "category", "member_tier", "staff"]
)
def test_it_costs_fewer_than_twenty_queries_and_150_kilobytes(
    hq_client: ChainClient, salon: dict[str, Store], by: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    # The first to ask has both periods counted and kept, and their clients compared, by category also those of all
    # categories together; what the chain asks of a sign-in is looked up once a minute.
    with django_assert_max_num_queries(47 if by == "category" else 43):
        hq_client.get(URL, {**YEAR, "by": by})
    with django_assert_max_num_queries(19):
        response = hq_client.get(URL, {**YEAR, "by": by})
    assert len(response.content) < 100_000


def test_a_chart_that_was_drawn_before_comes_with_the_page(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    address = f'hx-get="{URL}charts/groups/'
    assert address in hq_client.get(URL, YEAR).content.decode()
    drawn = hq_client.get(f"{URL}charts/groups/", YEAR, headers={"hx-request": "true"}).content.decode()
    content = hq_client.get(URL, YEAR).content.decode()
    assert address not in content
    assert "".join(drawn.split()) in "".join(content.split())


def test_headers_protect_the_page(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.get(URL, YEAR)
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Server-Timing"].startswith("total;dur=")
    content = response.content.decode()
    assert " style=" not in content
    assert "<style" not in content
    assert not re.search(r"<script(?! src=)", content)


def test_drill_down_goes_from_region_to_city_to_store_to_clients(
    hq_client: ChainClient, salon: dict[str, Store]
) -> None:
    regions = hq_client.get(URL, {**YEAR, "by": "region"})
    assert all(row.down for row, _cells in regions.context["rows"])
    east = next(row for row, _cells in regions.context["rows"] if row.key == "华东")
    cities = hq_client.get(URL + east.down)
    assert [row.key for row, _cells in cities.context["rows"]] == ["上海", "合肥"]
    stores = hq_client.get(URL + cities.context["rows"][0][0].down)
    assert [row.key for row, _cells in stores.context["rows"]] == ["S001"]
    assert hq_client.get(stores.context["rows"][0][0].down).status_code == 200
    clients = hq_client.get(stores.context["rows"][0][0].clients_link)
    assert (clients.context["clients"].clients, clients.context["clients"].repeats) == (40, 24)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"from": "2025-13-01", "to": "2026-01-01"}, "“2025-13-01” is not a date. Write year-month-day"),
        ({"from": "2025-06-01", "to": "2025-01-01"}, "The period ends before it starts. Choose a last day on or after"),
        ({"from": "2025-06-01", "through": "2025-05-31"}, "The period ends before it starts."),
        ({"from": "2025-06-01"}, "Choose the first and the last day."),
        ({"from": "0001-01-01", "to": "2025-01-01"}, "is out of range. Choose a date from 1950-01-01"),
        ({**YEAR, "by": "moon"}, "“moon” is not known here. Choose one of: none, city_tier"),
        ({**YEAR, "scope": "x"}, "“x” is not known here. Choose one of: chain, store."),
        ({**YEAR, "category": "nails"}, "There is no category “nails”."),
        ({**YEAR, "member_tier": "tin"}, "There is no member tier “tin”. Choose another one, or leave it out."),
        ({**YEAR, "region": "moon"}, "There is no region “moon”. Choose another one, or leave it out."),
        ({**YEAR, "city_tier": "moon"}, "There is no city tier “moon”. Choose another one, or leave it out."),
        ({**YEAR, "city": "moon"}, "There is no city “moon”. Choose another one, or leave it out."),
        ({**YEAR, "city": "(none)"}, "There is no city “(none)”. Choose another one, or leave it out."),
        ({**YEAR, "store": "S999"}, "There is no store “S999”. Choose another one, or leave it out."),
    ],
)
def test_bad_input_is_named_with_its_mend_and_the_form_stays(
    hq_client: ChainClient, salon: dict[str, Store], parameters: dict[str, str], message: str
) -> None:
    response = hq_client.get(URL, parameters)
    assert response.status_code == 400
    assert message in text_of(response)
    assert f'value="{parameters["from"]}"' in response.content.decode()


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("region", "区域"),
        ("city_tier", "城市级别"),
        ("city", "城市"),
        ("store", "门店"),
        ("category", "品类"),
        ("member_tier", "会员等级"),
    ],
)
def test_a_filter_that_is_wrong_is_named_as_the_page_names_it(
    hq_client: ChainClient, hq_user: User, salon: dict[str, Store], name: str, label: str
) -> None:
    User.objects.filter(pk=hq_user.pk).update(language="zh-hans")
    assert f"{label} : " in text_of(hq_client.get(URL, {**YEAR, name: "moon"}))


@pytest.mark.parametrize("path", ["clients/", "export.csv", "export.xlsx", "charts/groups/", "charts/trend/"])
def test_what_goes_with_the_page_names_an_unknown_store(
    hq_client: ChainClient, manager_client: ChainClient, salon: dict[str, Store], path: str
) -> None:
    response = hq_client.get(URL + path, {**YEAR, "store": "S999"})
    assert response.status_code == 400
    assert "There is no store “S999”." in text_of(response)
    # Who does not see all stores learns nothing of others by asking.
    for code in ("S002", "S999"):
        assert manager_client.get(URL + path, {**YEAR, "store": code}).status_code == 403


def test_a_chosen_last_day_becomes_a_link(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.get(URL, {"from": "2025-01-01", "through": "2025-03-31", "by": "region"})
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"{URL}?from=2025-01-01&to=2025-04-01&by=region",
    )


def test_an_empty_chain_is_told_what_to_do_first(hq_client: ChainClient) -> None:
    response = hq_client.get(URL)
    assert response.status_code == 200
    assert "No visits yet" in text_of(response)
    assert "/imports/" in response.content.decode()


def test_a_period_without_visits_says_so(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    text = text_of(hq_client.get(URL, {"from": "2025-12-30", "to": "2025-12-31"}))
    assert "There are no visits of such clients in 30 Dec 2025." in text


def test_a_period_that_the_data_does_not_reach_is_said_to_have_none(
    hq_client: ChainClient, salon: dict[str, Store]
) -> None:
    later = hq_client.get(URL, {"from": "2026-02-01", "to": "2026-03-01"})
    text = text_of(later)
    assert "There is no data since 31 Dec 2025." in text
    assert "Nobody came" not in text
    assert "Show Dec 2025, the last complete period" in text
    assert "?from=2025-12-01&amp;to=2026-01-01" in later.content.decode()
    assert "There is no data before" in text_of(hq_client.get(URL, {"from": "2010-01-01", "to": "2011-01-01"}))


def test_a_page_says_that_its_data_has_ended(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    text = text_of(hq_client.get(URL, YEAR))
    assert "The data ends on 31 Dec 2025," in text
    assert "Import newer visits" in text


@pytest.mark.parametrize("path", ["", "clients/", "export.csv", "export.xlsx", "charts/groups/", "charts/trend/"])
def test_only_headquarters_sees_it(
    path: str,
    salon: dict[str, Store],
    hq_client: ChainClient,
    manager_client: ChainClient,
    anonymous_client: ChainClient,
    other_client: ChainClient,
) -> None:
    assert manager_client.get(URL + path, YEAR).status_code == 403
    for stranger in (anonymous_client, other_client):
        refused = stranger.get(URL + path, YEAR, headers={"host": "acme.localhost"})
        assert refused.status_code == 302
        assert refused.headers["Location"].startswith("/sign-in/?next=")
    assert hq_client.post(URL + path, YEAR).status_code == 405


def test_the_other_chain_sees_its_own_nothing(other_client: ChainClient, salon: dict[str, Store]) -> None:
    response = other_client.get(URL, YEAR)
    assert response.status_code == 200
    assert "S001" not in response.content.decode()
    assert "No visits yet" in text_of(response)
