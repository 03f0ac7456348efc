"""Changes of places like for like: of the stores that were open and in one place throughout both periods."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import cast

import pytest

from core.accounts.models import User
from core.reporting.answers import answer, document
from core.reporting.compare.change import Changes, changes
from core.reporting.data import Data
from core.reporting.question import Breakdown, Question
from core.stores.models import Store
from core.stores.services.groups import add_stores, create_group
from core.stores.services.stores import close_store, relocate_store
from core.visits.models import Visit
from core.visits.services.visits import void_visit
from tests.plugins.chains import ChainClient
from tests.plugins.salons import open_sisters, text_of

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="region", compare="year_before")


@pytest.fixture
def stores(salon: dict[str, Store], hq_user: User) -> dict[str, Store]:
    """Nine stores, three in 华北; the others in 华东."""
    open_sisters()
    return {store.code: store for store in Store.objects.all()}


def found(by: Breakdown = "region") -> Changes:
    return changes(replace(YEAR, by=by), Data())


def change_of(codes: set[str]) -> float:
    """From the figures of these stores one by one."""
    rates = []
    for start in (date(2025, 1, 1), date(2024, 1, 1)):
        question = Question(start=start, end=start.replace(year=start.year + 1), by="store")
        groups = [one for one in answer(question).groups if one.key in codes]
        rates.append(sum(one.counts["repeat_clients"] for one in groups) / sum(one.clients for one in groups))
    return rates[0] - rates[1]


def test_where_all_stores_were_there_all_the_time_there_is_no_other_change(stores: dict[str, Store]) -> None:
    assert found().same_store_count is None
    assert "same_stores" not in document(YEAR)["groups"][0]


def test_a_store_that_moved_or_closed_is_left_out(stores: dict[str, Store], hq_user: User) -> None:
    of_region = defaultdict(set)
    for code in stores:
        of_region["华北" if code.startswith("S003") else "华东"].add(code)
    relocate_store(store=stores["S001"], valid_from=date(2025, 5, 1), city="苏州", city_tier="二线", region="华东")
    close_store(code="S003", closed_on=date(2025, 11, 1), acting_user=hq_user)
    told = found()
    assert told.same_store_count == 7
    for region, gone in (("华东", "S001"), ("华北", "S003")):
        change = told.same_stores[region]
        assert change.change == pytest.approx(change_of(of_region[region] - {gone}))
        assert change.ci95 is not None
        assert change.ci95[0] < change.change < change.ci95[1]
    assert told.same_stores["华东"].change != pytest.approx(told.of("华东").change)


@pytest.mark.parametrize("late", ["data begins late", "data ends early", "a group joined"])
def test_a_store_without_data_of_all_of_both_periods_is_left_out(
    stores: dict[str, Store], hq_user: User, late: str
) -> None:
    store, by = stores["S002-1"], cast("Breakdown", "region")
    if late == "data begins late":
        void(store, hq_user, day__lt=date(2024, 1, 20))
    elif late == "data ends early":
        Store.objects.filter(pk=store.pk).update(complete_through=None)
        void(store, hq_user, day__gt=date(2025, 12, 1))
    else:
        by = "store_group"
        group = create_group(name="pilot")
        add_stores(group_id=group.pk, codes=[store.code], joined_on=date(2025, 2, 1), left_on=None)
    assert found(by).same_store_count == 8


def void(store: Store, user: User, **days: date) -> None:
    for visit in Visit.objects.filter(store=store, **days):
        void_visit(acting_user=user, visit_id=visit.pk)


def test_pages_files_and_json_tell_it(stores: dict[str, Store], hq_client: ChainClient, english: None) -> None:
    relocate_store(store=stores["S001"], valid_from=date(2025, 5, 1), city="苏州", city_tier="二线", region="华东")
    page = text_of(hq_client.get("/repurchase/?from=2025-01-01&to=2026-01-01&by=region"))
    assert "Same stores" in page
    assert "the change of the 8 stores that were open and in their place throughout both periods" in page
    group = next(one for one in document(YEAR)["groups"] if one["key"] == "华东")
    assert group["same_stores"]["change"] == found().same_stores["华东"].change
    total = document(YEAR)["total"]["same_stores"]["change"]
    assert total == pytest.approx(change_of({*stores} - {"S001"}))
    file = hq_client.get("/repurchase/export.csv?from=2025-01-01&to=2026-01-01&by=region").content.decode()
    assert "Change, same stores" in file
