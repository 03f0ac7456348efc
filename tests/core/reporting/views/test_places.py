"""The page of regions, cities and stores."""

import csv
import html
import io
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.accounts.models import User
from core.accounts.rights import Role
from core.audit.declaration import Action
from core.audit.models import AuditEntry
from core.reporting.facts.refresh import refresh_all
from core.reporting.place_table import COLUMNS
from core.stores.models import RegionAccess, Store, StoreLocation
from core.visits.models import Visit
from tests.core.reporting.test_store_groups import joins
from tests.plugins.chains import ChainClient, make_user, signed_in
from tests.plugins.salons import open_sisters, text_of

PIECES = ("/stores/regions/trends/", "/stores/regions/provinces/")
HTMX = {"HX-Request": "true"}
YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
BETWEEN = "\N{SYMBOL FOR UNIT SEPARATOR}"
pytestmark = pytest.mark.usefixtures("english", "salon")


def page(client: ChainClient, **query: Any) -> Any:
    return client.get("/stores/regions/?" + urlencode({**YEAR, **query}, doseq=True))


@pytest.fixture
def regional(chain: object) -> ChainClient:
    """Looks after 华北, where S003 is."""
    user = make_user("north@acme.test", role=Role.REGIONAL_MANAGER)
    User.objects.filter(pk=user.pk).update(language="en")
    RegionAccess.objects.create(user=user, region="华北")
    return signed_in(user, host="acme.localhost")


def test_headquarters_see_every_place_with_its_figures(hq_client: ChainClient) -> None:
    response = page(hq_client)
    assert response.status_code == 200
    text = text_of(response)
    for name in ("华东", "华北", "上海", "上海静安店", "合肥万象店", "Chain"):
        assert name in text
    # 24 + 20 of 80 clients of the region came back, 58 of the chain's 120.
    assert "55.0 %" in text
    assert "48.3 %" in text


def test_a_regional_manager_sees_the_own_region_and_the_chains_average(regional: ChainClient) -> None:
    response = page(regional)
    text = text_of(response)
    assert "保定时代店" in text
    assert "48.3 %" in text
    for hidden in ("华东", "上海静安店", "合肥万象店", "120"):
        assert hidden not in text
    assert {line.row.path[0] for line in response.context["lines"]} == {"华北"}


def test_a_manager_sees_the_own_store(manager_client: ChainClient) -> None:
    paths = [line.row.path for line in page(manager_client).context["lines"]]
    assert paths == [("华东",), ("华东", "上海"), ("华东", "上海", "S001")]


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.BEAUTICIAN])
def test_others_see_nothing(role: Role) -> None:
    client = signed_in(make_user(f"{role}@acme.test", role=role), host="acme.localhost")
    assert page(client).status_code == 403
    for path in PIECES:
        assert client.get(path).status_code == 403
    assert client.get("/stores/regions/export.csv").status_code == 403


@pytest.mark.parametrize("path", ["/stores/regions/", *PIECES])
def test_a_stranger_signs_in_first(anonymous_client: ChainClient, path: str) -> None:
    assert anonymous_client.get(path).status_code == 302


@pytest.mark.parametrize("path", ["/stores/regions/", *PIECES])
def test_it_is_only_read(hq_client: ChainClient, path: str) -> None:
    assert hq_client.post(path).status_code == 405


def test_a_bad_period_is_said_at_its_field(hq_client: ChainClient) -> None:
    response = hq_client.get("/stores/regions/?from=yesterday&to=2026-01-01")
    assert response.status_code == 400
    assert "is not a date" in text_of(response)


def test_places_sort_among_their_own(hq_client: ChainClient) -> None:
    rows = [line.row.path for line in page(hq_client, sort="-repurchase_rate").context["lines"]]
    assert [path for path in rows if len(path) == 1] == [("华东",), ("华北",)]
    assert rows.index(("华东", "上海")) < rows.index(("华东", "合肥"))
    up = [line.row.path for line in page(hq_client, sort="repurchase_rate").context["lines"]]
    assert [path for path in up if len(path) == 1] == [("华北",), ("华东",)]
    assert up.index(("华东", "合肥")) < up.index(("华东", "上海"))


def test_a_search_keeps_what_a_place_is_in_and_what_is_in_it(hq_client: ChainClient) -> None:
    rows = [line.row.path for line in page(hq_client, q="合肥").context["lines"]]
    assert rows == [("华东",), ("华东", "合肥"), ("华东", "合肥", "S002")]
    assert "No place has this name" in text_of(page(hq_client, q="nowhere"))


def test_places_open_and_close_by_links(hq_client: ChainClient) -> None:
    closed = page(hq_client, open=[""]).context["lines"]
    assert {line.row.path for line in closed} == {("华东",), ("华北",)}
    east = next(line for line in closed if line.row.path == ("华东",))
    opened = hq_client.get("/stores/regions/" + east.toggle).context["lines"]
    assert {line.row.path for line in opened} == {("华东",), ("华东", "上海"), ("华东", "合肥"), ("华北",)}


def test_columns_are_chosen(hq_client: ChainClient) -> None:
    response = page(hq_client, column=["visits", "average_visit", "nonsense"])
    assert [column.key for column in response.context["columns"]] == ["visits", "average_visit"]
    assert "¥198.00" in text_of(response)


def test_files_have_the_intervals_of_changes(hq_client: ChainClient) -> None:
    query = {**YEAR, "column": ["net_revenue", "repurchase_rate"], "compare": "year_before"}
    content = hq_client.get("/stores/regions/export.csv?" + urlencode(query, doseq=True)).content
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))):
        for title in ("Net revenue", "Repurchase rate"):
            low, change, high = (float(row[f"{title}, change{end}"]) for end in (", low", "", ", high"))
            assert low < change < high, row
            assert change - low == pytest.approx(high - change, abs=0.02)


def test_growth_of_the_same_stores_is_a_column_to_choose(hq_client: ChainClient) -> None:
    query = {**YEAR, "column": ["same_store_revenue", "same_store_rate"], "compare": "year_before"}
    response = page(hq_client, **query)
    east = next(line for line in response.context["lines"] if line.row.path == ("华东",))
    # 44 of 80 clients after 40, and 5 visits more at 198 each.
    assert east.cells[1].text == "+5.0"
    assert " to +" in east.cells[1].interval
    assert "stores that were open and in their place throughout" in text_of(response)
    content = hq_client.get("/stores/regions/export.csv?" + urlencode(query, doseq=True)).content
    row = next(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert list(row)[4:] == [
        "Same-store revenue growth",
        "Same-store change in repurchase rate",
        "Same-store change in repurchase rate, low",
        "Same-store change in repurchase rate, high",
    ]
    assert float(row["Same-store revenue growth"]) > 0
    none = page(hq_client, **{**query, "from": "2024-01-01", "to": "2025-01-01"})
    assert {cell.text for cell in none.context["chain_cells"]} == {"–"}


def test_store_groups_are_offered_where_there_are_any(hq_client: ChainClient) -> None:
    assert "Store group" not in [str(one.title) for one in page(hq_client, top="store_group").context["tops"]]
    assert page(hq_client, top="store_group").context["top"] == "region"
    joins("Franchise", "S001", "S003")
    response = page(hq_client, top="store_group")
    assert [line.row.path for line in response.context["lines"]] == [
        ("Franchise",),
        ("Franchise", "上海"),
        ("Franchise", "上海", "S001"),
        ("Franchise", "保定"),
        ("Franchise", "保定", "S003"),
        ("",),
        ("", "合肥"),
        ("", "合肥", "S002"),
    ]
    assert "A store counts in each of its groups" in text_of(response)
    content = hq_client.get("/stores/regions/export.csv?" + urlencode({**YEAR, "top": "store_group"})).content
    (first, *_rest) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert list(first)[:4] == ["Store group", "City", "Store", "Name"]


def piece(client: ChainClient, path: str, **query: Any) -> str:
    address = f"{path}?" + urlencode({**YEAR, **query}, doseq=True)
    return str(client.get(address, headers=HTMX).content.decode())


def places_of_lines(content: str) -> set[str]:
    return set(re.findall(r'<div id="(trend-[a-z0-9]+)"', content))


def test_each_place_shown_has_its_small_line(hq_client: ChainClient) -> None:
    for query in ({}, {"open": "华东"}, {"open": ""}, {"q": "合肥"}, {"top": "city_tier"}):
        response = page(hq_client, **query)
        content = response.content.decode()
        lines = re.search(r'hx-get="(/stores/regions/trends/[^"]+)"', content)
        assert lines
        fragment = hq_client.get(html.unescape(lines[1]), headers=HTMX).content.decode()
        drawn = places_of_lines(fragment)
        assert drawn == places_of_lines(content) == {line.trend for line in response.context["lines"]} | {"trend-chain"}
        assert fragment.count('hx-swap-oob="true"') == len(drawn)
    assert "Repurchase rate, twelve-month figures" in fragment


def test_what_the_small_lines_are_of_is_chosen(hq_client: ChainClient) -> None:
    assert page(hq_client, column=["clients", "return_within"]).context["trend"].key == "return_within"
    assert page(hq_client, column=["visits", "adjusted"]).context["trend"].key == "visits"
    assert "Net revenue, twelve-month figures" in piece(hq_client, PIECES[0], trend="net_revenue")
    without = page(hq_client, trend="none")
    assert not places_of_lines(without.content.decode())
    assert "<svg" not in piece(hq_client, PIECES[0], trend="none")


def test_small_lines_are_of_what_one_sees(regional: ChainClient) -> None:
    rates = piece(regional, PIECES[0])
    assert {"trend-total", "trend-chain"} <= places_of_lines(rates)
    assert len(places_of_lines(rates)) == 5
    # The chain's sums are not theirs.
    assert "trend-chain" not in places_of_lines(piece(regional, PIECES[0], trend="clients"))


def test_small_lines_take_no_query_for_each_place(hq_client: ChainClient) -> None:
    def asked() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            piece(hq_client, PIECES[0])
        return len(queries.captured_queries)

    before = asked()
    open_sisters()
    assert asked() <= before
    assert before <= 50


def test_a_tile_shows_its_province_alone(hq_client: ChainClient) -> None:
    grid = piece(hq_client, PIECES[1], top="city_tier")
    assert "Hebei: 35.0" in grid.replace("\N{NO-BREAK SPACE}", " ")
    (address,) = [
        html.unescape(one) for one in re.findall(r'href="(/stores/regions/[^"]+)"', grid) if "%E6%B2%B3" in one
    ]
    response = hq_client.get(address)
    assert [line.row.path[1:] for line in response.context["lines"]] == [(), ("保定",), ("保定", "S003")]
    assert "Show all provinces" in text_of(response)
    assert response.context["province"] == "Hebei"
    assert "aria-current" not in grid
    (chosen,) = re.findall(r'<a[^>]*aria-current="true"[^>]*>', piece(hq_client, PIECES[1], province="河北"))
    assert "Hebei: 35.0" in chosen.replace("\N{NO-BREAK SPACE}", " ")


def test_provinces_are_drawn_where_the_chain_has_some(hq_client: ChainClient) -> None:
    assert page(hq_client).context["draws_provinces"]
    joins("Franchise", "S001")
    lines = page(hq_client, top="store_group", province="河北").context["lines"]
    assert [line.row.path for line in lines] == [("",), ("", "保定"), ("", "保定", "S003")]
    StoreLocation.objects.update(city="Toronto")
    assert not page(hq_client).context["draws_provinces"]


def test_up_to_six_places_stand_side_by_side(hq_client: ChainClient) -> None:
    keys = ["华东", "华北", f"华东{BETWEEN}上海", "nonsense"]
    picked = page(hq_client, place=keys).context["picked"]
    assert [row.path for row in picked["places"]] == [("华东",), ("华北",), ("华东", "上海")]
    assert len(picked["rows"]) == 5
    assert [cell.label for cell in picked["rows"][0][1]] == ["华东", "华北", "上海", "Chain"]
    stores = [BETWEEN.join(line.row.path) for line in page(hq_client).context["lines"]]
    assert len(stores) == 8
    assert len(page(hq_client, place=stores).context["picked"]["places"]) == 6


def test_files_hold_all_rows_and_are_traced(hq_client: ChainClient) -> None:
    response = hq_client.get("/stores/regions/export.csv?" + urlencode({**YEAR, "open": ""}))
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert {row["Store"] for row in rows} == {"", "S001", "S002", "S003"}
    assert len(rows) == 9
    assert rows[-1]["Name"] == "Chain"
    assert rows[-1]["Clients"] == "120"
    assert AuditEntry.objects.filter(action=Action.EXPORTED).count() == 1
    xlsx = hq_client.get("/stores/regions/export.xlsx?" + urlencode(YEAR))
    assert xlsx.content.startswith(b"PK")


def test_a_files_sums_of_the_chain_are_hidden_from_whom_they_do_not_concern(regional: ChainClient) -> None:
    response = regional.get("/stores/regions/export.csv?" + urlencode(YEAR))
    last = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))[-1]
    assert (last["Name"], last["Clients"], last["Net revenue"]) == ("Chain", "", "")
    assert float(last["Repurchase rate"]) == pytest.approx(58 / 120, abs=1e-6)


def test_a_period_without_data_is_said_to_have_none(hq_client: ChainClient) -> None:
    before = text_of(hq_client.get("/stores/regions/?from=2010-01-01&to=2011-01-01"))
    assert "There is no data before" in before
    assert "No place has this name" not in before
    assert "Import newer visits" not in before
    after = text_of(hq_client.get("/stores/regions/?from=2030-01-01&to=2030-02-01"))
    assert "There is no data since" in after
    assert "Import newer visits" in after


def test_queries_are_bounded(hq_client: ChainClient, django_assert_max_num_queries: Any) -> None:
    everything = list(COLUMNS)
    page(hq_client, column=everything)
    with django_assert_max_num_queries(25):
        page(hq_client, column=everything)


def test_a_chain_without_visits_begins_with_its_stores(hq_client: ChainClient) -> None:
    Visit.objects.all().delete()
    refresh_all()
    cache.clear()
    Store.objects.update(complete_through=None)
    assert hq_client.get("/stores/regions/").headers["Location"] == "/stores/"
