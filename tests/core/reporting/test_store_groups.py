"""The chain's own groups of stores: with dates, overlapping or not, against plain counts and hand-worked cases."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.accounts.models import User
from core.reporting.answers import answer, document
from core.reporting.client_list import client_list
from core.reporting.data import Data
from core.reporting.facts.derivation import EPOCH
from core.reporting.metrics import METRICS
from core.reporting.question import BASES, NONE_KEY, SCOPES, Question
from core.reporting.report import Report
from core.reporting.store_groups import StoreGroups
from core.reporting.trend import trend
from core.shared.errors import AppError
from core.stores.models import Store, StoreGroup
from core.stores.selectors import Membership
from core.stores.services.groups import add_stores, create_group, take_out
from core.stores.services.stores import relocate_store
from tenants.models import Chain
from tests.core.reporting.plain import plain_m1
from tests.core.reporting.test_counting_properties import FIRST_DAY, NAMES, PERIODS, Cast, Events, undone
from tests.plugins.salons import open_sisters

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="store_group")
DAYS = [FIRST_DAY + timedelta(days=number) for number in (0, 10, 20, 30, 45)]


def joins(name: str, *codes: str, since: date | None = None, until: date | None = None) -> StoreGroup:
    group = StoreGroup.objects.filter(name=name).first() or create_group(name=name)
    add_stores(group_id=group.pk, codes=codes, joined_on=since, left_on=until)
    return group


def clients(report: Report) -> dict[str, int]:
    return {group.key: group.clients for group in report.groups}


def rounded(value: Any) -> Any:
    """Sums in another order differ in the last digit."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(one) for one in value]
    return round(value, 9) if isinstance(value, float) else value


def test_groups_across_regions(salon: dict[str, Store]) -> None:
    joins("Franchise", "S001", "S003")
    report = answer(YEAR)
    assert {group.key: (group.clients, group.counts["repeat_clients"]) for group in report.groups} == {
        "Franchise": (80, 38),
        NONE_KEY: (40, 20),
    }
    assert report.additive
    assert report.total.clients == 120
    inside = answer(replace(YEAR, by="region", store_group="Franchise"))
    assert clients(inside) == {"华东": 40, "华北": 40}
    assert clients(answer(replace(YEAR, by="store", store_group=NONE_KEY))) == {"S002": 40}


def test_a_store_counts_in_its_group_on_the_days_it_was_in_it(salon: dict[str, Store]) -> None:
    """Clients come every six days from 5 January on: 16 before 7 April, 24 from then on."""
    joins("Pilot", "S001", since=date(2025, 4, 7), until=date(2025, 6, 1))
    joins("Late", "S001", since=date(2025, 6, 1))
    found = clients(answer(replace(YEAR, store="S001")))
    days = [date(2025, 1, 5) + timedelta(days=6 * number) for number in range(40)]
    assert found == {
        NONE_KEY: sum(day < date(2025, 4, 7) for day in days),
        "Pilot": sum(date(2025, 4, 7) <= day < date(2025, 6, 1) for day in days),
        "Late": sum(day >= date(2025, 6, 1) for day in days),
    }
    assert client_list(replace(YEAR, by="none", store_group="Pilot")).clients == found["Pilot"]
    assert answer(replace(YEAR, by="none", store_group="Late")).total.clients == found["Late"]


def test_groups_follow_changes_of_memberships_and_moves(salon: dict[str, Store]) -> None:
    """What was counted before is not shown again; a move of the store leaves its group as it is."""
    group = joins("Pilot", "S001", since=date(2025, 7, 1))
    before = clients(answer(YEAR))
    relocate_store(store=salon["S001"], valid_from=date(2025, 8, 1), city="杭州", city_tier="新一线", region="华东")
    assert clients(answer(YEAR)) == before
    take_out(group_id=group.pk, member_ids=[group.members.get().pk], left_on=date(2025, 8, 1))
    assert clients(answer(YEAR))["Pilot"] < before["Pilot"]
    take_out(group_id=group.pk, member_ids=[group.members.get().pk])
    assert clients(answer(YEAR)) == {NONE_KEY: 120}


def test_clients_of_a_store_in_two_groups_count_in_each(salon: dict[str, Store]) -> None:
    joins("Franchise", "S001", "S002")
    joins("Pilot", "S002", "S003")
    report = answer(YEAR)
    assert clients(report) == {"Franchise": 80, "Pilot": 80}
    assert (report.additive, report.total.clients, report.test, report.adjustment) == (False, 120, None, None)
    assert all(group.adjusted_value is None for group in report.groups)
    changed = document(replace(YEAR, compare="year_before"))
    assert changed["total"]["change"] == pytest.approx(58 / 120 - 54 / 120)
    # One after the other is no overlap.
    assert not answer(replace(YEAR, by="region")).question.asks_for_groups


def test_groups_that_share_no_store_are_tested_and_adjusted_like_regions(salon: dict[str, Store]) -> None:
    """Groups that are the regions have the regions' figures."""
    open_sisters()
    east = [store.code for store in Store.objects.filter(locations__region="华东")]
    north = [store.code for store in Store.objects.filter(locations__region="华北")]
    joins("华东", *east, since=date(2020, 1, 1))
    joins("华北", *north, until=date(2030, 1, 1))
    own, regions = (
        document(replace(YEAR, by=by, compare="year_before"), full=True) for by in ("store_group", "region")
    )
    assert own["test"] is not None
    assert rounded({**own, "by": ""}) == rounded({**regions, "by": ""})
    lines = [trend(replace(YEAR, by=by), Data()) for by in ("store_group", "region")]
    assert lines[0] == lines[1]
    assert lines[0]


@pytest.mark.parametrize("metric", list(METRICS))
def test_every_metric_by_group_with_dates_is_that_of_regions_with_dates(salon: dict[str, Store], metric: str) -> None:
    """A store that changes region and group on the same day."""
    moved = date(2025, 5, 3)
    relocate_store(store=salon["S001"], valid_from=moved, city="上海", city_tier="一线", region="西区")
    joins("华东", "S002")
    joins("华东", "S001", until=moved)
    joins("西区", "S001", since=moved)
    joins("华北", "S003")
    question = replace(YEAR, metric=metric, within=next(iter(METRICS[metric].horizons), None))
    for scope in METRICS[metric].scopes:
        own, regions = (document(replace(question, by=by, scope=scope)) for by in ("store_group", "region"))
        assert {**own, "by": ""} == {**regions, "by": ""}
    filtered = document(replace(question, by="none", store_group="西区"))
    asked = document(replace(question, by="none", region="西区"))
    assert {**filtered, "parameters": {}} == {**asked, "parameters": {}}


def test_a_group_that_is_not_there(salon: dict[str, Store]) -> None:
    with pytest.raises(AppError) as refused:
        answer(replace(YEAR, store_group="Elsewhere"))
    assert (refused.value.code, refused.value.field) == ("unknown_store_group", "store_group")


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_overlapping_groups_against_plain_counting(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    with undone():
        events = Events(Cast.assembled(hq_user), data)
        names = [name for name in NAMES if name != "regroup"]
        for name in data.draw(st.lists(st.sampled_from(names), min_size=5, max_size=20)):
            getattr(events, name)()
        for name in ("east", "pilot", "west"):
            for code in data.draw(st.sets(st.sampled_from([store.code for store in events.cast.stores]))):
                since = data.draw(st.sampled_from([None, *DAYS]))
                until = data.draw(st.sampled_from([None, *(day for day in DAYS if since is None or day > since)]))
                joins(name, code, since=since, until=until)
        start, end = data.draw(st.sampled_from(PERIODS))
        for scope in SCOPES:
            for basis in BASES:
                question = replace(YEAR, start=start, end=end, scope=scope, basis=basis)
                report = answer(question)
                plain = _each_group(question)
                assert {g.key: (g.clients, g.counts["repeat_clients"]) for g in report.groups} == plain
                whole = plain_m1(start=start, end=end, by="none", scope=scope, basis=basis)
                assert report.total.clients == sum(counts.clients for counts in whole.values())
                for key in ("east", NONE_KEY):
                    if key != NONE_KEY and not StoreGroup.objects.filter(name=key).exists():
                        continue
                    one = answer(replace(question, by="none", store_group=key)).total
                    assert (one.clients, one.counts["repeat_clients"]) == plain.get(key, (0, 0))


def _each_group(question: Question) -> dict[str, tuple[int, int]]:
    """The plain count tells clients apart by all the groups of their store."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    counts = plain_m1(
        start=question.start, end=question.end, by="store_group", scope=question.scope, basis=question.basis
    )
    for together, count in counts.items():
        for key in together.split("+"):
            sums[key][0] += count.clients
            sums[key][1] += count.repeats
    return {key: (clients, repeats) for key, (clients, repeats) in sums.items()}


SPANS = st.lists(
    st.builds(
        lambda store, group, first, length: Membership(
            store, group, DAYS[0] + timedelta(days=first), DAYS[0] + timedelta(days=first + length) if length else None
        ),
        st.integers(1, 3), st.sampled_from(["a", "b"]), st.integers(-5, 40), st.integers(0, 20),
    ),
    max_size=6,
)  # fmt: skip


@given(spans=SPANS, first=st.integers(0, 30), length=st.integers(1, 30))
def test_parts_and_overlaps_are_those_of_each_day(spans: Sequence[Membership], first: int, length: int) -> None:
    """Day by day: the groups of each store, whether a store is in two, whether any changes in the period."""
    groups = StoreGroups(("a", "b"), tuple(spans))
    start = DAYS[0] + timedelta(days=first)
    days = [start + timedelta(days=number) for number in range(length)]

    def then(store: int, day: date) -> set[str]:
        return {one.group for one in spans if one.store_id == store and one.holds_on(day)}

    for store in (0, 1, 2, 3, 9):
        stores = np.full(length, store)
        parts = groups.part_on(stores, np.array([(day - EPOCH).days for day in days]))
        numbers = groups.dated(stores, stores, np.array([(day - EPOCH).days for day in days]))
        assert [list(column) for column in groups.undated(numbers)] == [list(stores), list(parts)]
        keys, rows, of_group = groups.rows_by_group(stores, parts)
        found: dict[int, set[str]] = defaultdict(set)
        for row, group in zip(rows.tolist(), of_group.tolist(), strict=True):
            found[row] |= {keys[group]} - {""}
        assert [found[row] for row in range(length)] == [then(store, day) for day in days]
        assert list(groups.inside("a", stores, parts)) == ["a" in then(store, day) for day in days]
        assert list(groups.inside(NONE_KEY, stores, parts)) == [not then(store, day) for day in days]
    pairs: dict[Any, int] = defaultdict(int)
    for one in spans:
        for day in days:
            pairs[one.store_id, day] += one.holds_on(day)
    assert groups.overlap(start, start + timedelta(days=length)) == any(number > 1 for number in pairs.values())
    if any(then(store, day) != then(store, days[0]) for store in (1, 2, 3) for day in days):
        assert groups.days_within(start, start + timedelta(days=length))
