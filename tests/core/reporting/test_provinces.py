"""The grid of provinces: its layout, and its figures against counting the clients of each province's stores."""

import csv
from collections import defaultdict
from dataclasses import replace
from datetime import date
from importlib.resources import files
from itertools import pairwise

import pytest

from core.reporting.answers import answer
from core.reporting.data import Data
from core.reporting.metrics import METRICS
from core.reporting.provinces import PROVINCES, by_province, has_provinces
from core.reporting.question import Question
from core.stores.cities import built_in, province_of
from core.stores.models import Store, StoreLocation
from tests.core.reporting.plain import plain_m1
from tests.plugins.salons import open_sisters

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="region")


def listed() -> list[dict[str, str]]:
    with (files("core.stores") / "data" / "china_cities_2025.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_province_has_a_tile_of_its_own() -> None:
    cells = [(province.row, province.column) for province in PROVINCES.values()]
    assert len(set(cells)) == len(cells) == 34
    assert len({province.code for province in PROVINCES.values()}) == 34
    assert all(1 <= row <= 8 and 1 <= column <= 8 for row, column in cells)
    assert {row["province"] for row in listed()} | {"香港", "澳门", "台湾"} == set(PROVINCES)


def test_neighbours_lie_about_as_they_do() -> None:
    """North is above, east is to the right."""
    at = {key: (one.row, one.column) for key, one in PROVINCES.items()}
    for north, south in pairwise(["黑龙江", "吉林", "辽宁", "河北", "湖北", "湖南", "广东", "海南"]):
        assert at[north][0] < at[south][0], (north, south)
    for west, east in pairwise(["西藏", "四川", "重庆", "湖北", "安徽", "江苏", "上海"]):
        assert at[west][1] < at[east][1], (west, east)


def test_every_city_of_the_list_has_its_province() -> None:
    assert {row["city"]: province_of(row["city"]) for row in listed()} == {
        row["city"]: row["province"] for row in listed()
    }
    assert all(province_of(city) in PROVINCES for city in built_in())
    assert [province_of(city) for city in ("香港", "台北市", "Toronto", "")] == ["香港", "台湾", "", ""]


def test_figures_are_those_of_the_stores_of_each_province(salon: dict[str, Store]) -> None:
    open_sisters(1)
    StoreLocation.objects.filter(store=salon["S003"]).update(city="Kyoto")
    StoreLocation.objects.filter(store__code="S003-1").update(city="")
    found = by_province(YEAR, Data())
    plain = plain_m1(start=YEAR.start, end=YEAR.end, by="city", scope="chain", basis="visit")
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for city, counts in plain.items():
        sums[province_of(city)][0] += counts.clients
        sums[province_of(city)][1] += counts.repeats
    shown = {key: [one.clients, one.counts["repeat_clients"]] for key, one in found.provinces.items()}
    assert shown == {key: counts for key, counts in sums.items() if key} == {"上海": [80, 48], "安徽": [80, 40]}
    assert {key: one.clients for key, one in found.elsewhere.items()} == {"Kyoto": 40, "": 40}
    assert (found.cities["安徽"], found.regions["安徽"]) == ({"合肥"}, {"华东"})


def test_cities_of_one_province_are_one_group_and_its_interval_allows_for_its_stores(salon: dict[str, Store]) -> None:
    """Where the provinces are the regions, intervals are those of the report by region."""
    open_sisters(2)
    StoreLocation.objects.filter(store__code="S001").update(city="苏州")
    StoreLocation.objects.filter(store__code__startswith="S001-").update(city="南京")
    for code, province in (("S001", "江苏"), ("S002", "安徽"), ("S003", "河北")):
        StoreLocation.objects.filter(store__code__startswith=code).update(region=province)
    report, found = answer(YEAR), by_province(YEAR, Data())
    assert found.cities["江苏"] == {"苏州", "南京"}
    for group in report.groups:
        own = found.provinces[group.key]
        assert (own.clients, own.value, own.ci95) == (group.clients, group.value, group.ci95)
    assert found.provinces["江苏"].value == pytest.approx(72 / 120)


@pytest.mark.parametrize("metric", [code for code, metric in METRICS.items() if metric.kind in ("proportion", "count")])
def test_every_metric_shown_adds_up_to_its_total(salon: dict[str, Store], metric: str) -> None:
    question = replace(YEAR, metric=metric)
    found = by_province(question, Data())
    assert sum(one.clients for one in found.provinces.values()) == answer(question).total.clients > 0


def test_a_chain_elsewhere_has_no_grid(salon: dict[str, Store]) -> None:
    assert has_provinces(Data())
    StoreLocation.objects.update(city="Toronto")
    assert not has_provinces(Data())
