"""The table of places: against the reports of each level, and what has to add up."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest
from django.core.cache import cache

from core.reporting.answers import answer
from core.reporting.compare.change import changes
from core.reporting.data import Data
from core.reporting.facts.refresh import refresh_all
from core.reporting.place_table import COLUMNS, LEVELS, TOPS, PlaceTable, Top, place_table
from core.reporting.question import Question
from core.stores.models import Store
from core.stores.services.stores import relocate_store
from core.visits.models import Visit
from tests.core.reporting.test_store_groups import joins
from tests.plugins.salons import open_sisters

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), compare="year_before")
ALL = list(COLUMNS.values())
SUMS = ("clients", "new_clients", "visits", "net_revenue")


@pytest.fixture
def moved(salon: dict[str, Store]) -> Store:
    """S001 moves to another region in the middle of the period."""
    relocate_store(store=salon["S001"], valid_from=date(2025, 6, 1), city="天津", city_tier="新一线", region="华北")
    return salon["S001"]


def asked(top: Top = "region", question: Question = YEAR) -> PlaceTable:
    return place_table(question, top, ALL, Data())


@pytest.fixture
def grouped(salon: dict[str, Store]) -> None:
    """Every store is in a group, one of them in one after the other."""
    joins("Franchise", "S001", until=date(2025, 6, 1))
    joins("Pilot", "S001", since=date(2025, 6, 1))
    joins("Pilot", "S002", "S003")


@pytest.mark.usefixtures("grouped")
@pytest.mark.parametrize("top", TOPS)
def test_the_first_level_is_the_report_by_it(top: Top) -> None:
    open_sisters()
    if top == "store_group":
        joins("Franchise", *Store.objects.exclude(code__in=("S001", "S002", "S003")).values_list("code", flat=True))
    table = asked(top)
    rows = {row.path[0]: row.values for row in table.rows if row.level == 0}
    report = answer(Question(start=YEAR.start, end=YEAR.end, by=top), ranked=False)
    assert rows.keys() == {group.key for group in report.groups}
    for group in report.groups:
        values = rows[group.key]
        assert (values["repurchase_rate"].value, values["repurchase_rate"].ci95) == (group.value, group.ci95)
        assert (values["adjusted"].value, values["adjusted"].ci95) == (group.adjusted_value, group.adjusted_ci95)
        assert values["clients"].value == group.clients


@pytest.mark.usefixtures("salon")
def test_stores_are_those_of_the_report_by_store() -> None:
    table = asked()
    report = answer(Question(start=YEAR.start, end=YEAR.end, by="store"), ranked=False)
    rows = {row.path[-1]: row for row in table.rows if row.level == 2}
    assert rows.keys() == {"S001", "S002", "S003"}
    assert rows["S001"].path == ("华东", "上海", "S001")
    for group in report.groups:
        assert rows[group.key].values["adjusted"].value == group.adjusted_value
        assert rows[group.key].name.label == group.label


@pytest.mark.usefixtures("moved", "grouped")
@pytest.mark.parametrize("top", TOPS)
def test_children_of_a_place_add_up_to_it(top: Top) -> None:
    table = asked(top)
    sums: dict[tuple[str, ...], dict[str, float]] = defaultdict(lambda: dict.fromkeys(SUMS, 0.0))
    for row in table.rows:
        for name in SUMS:
            sums[row.path[:-1]][name] += row.values[name].value or 0
    for row in table.rows:
        if row.level < len(LEVELS[top]) - 1:
            assert sums[row.path] == {name: row.values[name].value for name in SUMS}
    assert sums[()] == {name: table.total[name].value for name in SUMS}


@pytest.mark.usefixtures("moved")
def test_a_store_that_moved_is_in_each_of_its_places() -> None:
    paths = {row.path for row in asked().rows if row.path[-1] == "S001"}
    assert paths == {("华东", "上海", "S001"), ("华北", "天津", "S001")}


def test_a_store_is_in_each_of_its_groups(salon: dict[str, Store]) -> None:
    joins("Franchise", "S001", "S002")
    joins("Pilot", "S002")
    table = asked("store_group")
    assert [(row.path, row.name.label, row.values["clients"].value) for row in table.rows] == [
        (("Franchise",), "Franchise", 80),
        (("Franchise", "上海"), "上海", 40),
        (("Franchise", "上海", "S001"), "上海静安店", 40),
        (("Franchise", "合肥"), "合肥", 40),
        (("Franchise", "合肥", "S002"), "合肥万象店", 40),
        (("Pilot",), "Pilot", 40),
        (("Pilot", "合肥"), "合肥", 40),
        (("Pilot", "合肥", "S002"), "合肥万象店", 40),
        (("",), "Without a group", 40),
        (("", "保定"), "保定", 40),
        (("", "保定", "S003"), "保定时代店", 40),
    ]
    # Clients of two groups count once in the total, and are in no fair comparison.
    assert table.total["repurchase_rate"].value == pytest.approx(58 / 120)
    assert all(row.values["adjusted"].value is None for row in table.rows)


def test_splitting_a_store_in_two_leaves_the_totals_alone(salon: dict[str, Store]) -> None:
    before = asked().total
    twin = Store.objects.create(code="S001-2", name="静安二店")
    twin.complete_through = date(2025, 12, 31)
    twin.save()
    relocate_store(store=twin, valid_from=date(1, 1, 1), city="上海", city_tier="一线", region="华东")
    Visit.objects.filter(store=salon["S001"], day__day__lte=15).update(store=twin)
    refresh_all()
    cache.clear()
    after = asked().total
    for name in (*SUMS, "repurchase_rate", "return_within", "mean_rating"):
        assert after[name].value == before[name].value


def test_whoever_sees_some_stores_sees_those_and_the_chains_averages(salon: dict[str, Store]) -> None:
    everyone = asked()
    own = asked(question=Question(**{**vars(YEAR), "visible": frozenset({salon["S002"].pk})}))
    assert [row.path for row in own.rows] == [("华东",), ("华东", "合肥"), ("华东", "合肥", "S002")]
    assert own.total["clients"].value == own.rows[0].values["clients"].value == 40
    assert own.chain["repurchase_rate"] == everyone.total["repurchase_rate"]


@pytest.mark.usefixtures("salon")
def test_kept_and_first_answers_are_equal() -> None:
    cache.clear()
    first = asked()
    assert asked() == first


def test_same_stores_are_those_in_their_place_throughout_both_periods(moved: Store) -> None:
    open_sisters(1)
    table = asked()
    told = changes(replace(YEAR, by="region"), Data())
    assert told.same_store_count == 5
    rows = {row.path: row.values for row in table.rows}
    for region in ("华东", "华北"):
        assert rows[region,]["same_store_rate"].change == told.same_stores[region]
    assert table.total["same_store_rate"].change == told.same_stores_total
    # The sister is all there is of Shanghai; who moved has none.
    assert rows["华东", "上海", "S001-1"]["same_store_rate"].value == rows["华东", "上海"]["same_store_rate"].value
    for path in (("华东", "上海", "S001"), ("华北", "天津", "S001"), ("华北", "天津")):
        assert rows[path]["same_store_rate"].value is rows[path]["same_store_revenue"].value is None
    growth = [rows[path]["same_store_revenue"].change for path in rows if len(path) == 3]
    added, before = (sum(getattr(one, name) or 0 for one in growth) for name in ("change", "before"))
    assert table.total["same_store_revenue"].value == pytest.approx(added / before)


@pytest.mark.usefixtures("salon")
def test_where_all_stores_were_there_same_stores_change_as_all_do() -> None:
    for row in asked().rows:
        assert row.values["same_store_rate"].change == row.values["repurchase_rate"].change


@pytest.mark.usefixtures("salon")
def test_a_change_is_that_of_the_report() -> None:
    row = next(row for row in asked().rows if row.path == ("华东",))
    change = row.values["repurchase_rate"].change
    assert change.before == pytest.approx(40 / 80)
    assert change.change == pytest.approx(44 / 80 - 40 / 80)
    assert change.ci95 is not None
    # With the line without a client. Of counts as of two Poisson counts.
    assert row.values["clients"].change.ci95 == pytest.approx((-1.96 * 160**0.5, 1.96 * 160**0.5), rel=1e-3)
    assert row.values["net_revenue"].change.change == pytest.approx(5 * 19800)
