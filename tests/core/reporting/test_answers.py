"""The answer's document, its comparisons and what is refused."""

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.membership.models import MemberTier
from core.membership.services.tiers import grant_tier
from core.reporting.answers import answer
from core.reporting.completeness import completeness
from core.reporting.data import Data
from core.reporting.facts import period_cache
from core.reporting.facts.refresh import refresh_all
from core.reporting.models import CachedPeriod, FactBlock, StoreDay
from core.reporting.question import BREAKDOWNS, Question
from core.reporting.report import Group, Report
from core.reporting.statistics.proportions import wilson
from core.reporting.trend import trend
from core.shared.errors import AppError
from core.stores.models import Store
from core.stores.services.stores import relocate_store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.core.reporting.kept_facts import kept_facts
from tests.plugins.salons import bring_back_more, open_sisters

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="city_tier")


def by_key(report: Report) -> dict[str, Group]:
    return {group.key: group for group in report.groups}


def test_the_document_is_the_contract_s(salon: dict[str, Store]) -> None:
    document = answer(YEAR).as_json()
    first = document["groups"][0]
    assert list(document) == [
        "metric", "metric_version", "parameters", "from", "to", "as_of", "by", "scope", "basis", "additive",
        "groups", "adjusted_coverage", "total", "anonymous_line_share", "stale_stores", "notes",
    ]  # fmt: skip
    assert [group["key"] for group in document["groups"]] == ["一线", "三线", "二线"]
    assert first == {
        "key": "一线",
        "label": "First tier",
        "clients": 40,
        "repeat_clients": 24,
        "value": 0.6,
        "rate": 0.6,
        "ci95": [pytest.approx(0.4459, abs=1e-3), pytest.approx(0.7365, abs=1e-3)],
        "adjusted_rate": pytest.approx(0.6),
        "adjusted_ci95": [pytest.approx(0.504, abs=1e-3), pytest.approx(0.696, abs=1e-3)],
        "small_sample": False,
        "repeat_same_store": 24,
        "repeat_same_tier": 0,
        "repeat_elsewhere": 0,
    }
    assert document["total"]["clients"] == 120
    assert document["total"]["repeat_clients"] == 58
    assert (document["metric"], document["metric_version"]) == ("repurchase_rate", 2)
    assert document["as_of"] == "2025-12-31"


@pytest.mark.parametrize("by", BREAKDOWNS)
def test_by_staff_alone_tells_the_same_staff(salon: dict[str, Store], by: Any) -> None:
    groups = answer(replace(YEAR, by=by)).as_json()["groups"]
    assert groups
    assert all(("repeat_same_staff" in group) == (by == "staff") for group in groups)
    assert all(
        (group["adjusted_rate"] is None) == (by not in ("city_tier", "region", "store", "staff")) for group in groups
    )


def test_what_shares_clients_is_not_tested(salon: dict[str, Store]) -> None:
    report = answer(replace(YEAR, by="acquisition"))
    assert report.test is None, "all are new"
    for by in ("category", "none", "store", "staff"):
        report = answer(replace(YEAR, by=by))
        assert (report.test, list(report.pairs)) == (None, [])
    for by in ("city_tier", "acquisition", "member_tier"):
        assert answer(replace(YEAR, by=by, scope="store")).test is None


def test_in_scope_store_nothing_is_adjusted_or_ranked(salon: dict[str, Store]) -> None:
    report = answer(replace(YEAR, by="store", scope="store"))
    assert (report.funnel, report.ranking, report.adjustment) == (None, None, None)


def test_the_funnel_stands_on_all_stores_also_where_some_are_shown(salon: dict[str, Store]) -> None:
    whole, part = answer(replace(YEAR, by="store")), answer(replace(YEAR, by="store", region="华东"))
    assert set(by_key(part)) == {"S001", "S002"}
    assert part.funnel == whole.funnel
    assert part.ranking == whole.ranking
    assert by_key(part)["S001"].adjusted_value == by_key(whole)["S001"].adjusted_value
    assert part.total.clients == 80


def test_adjusted_rates_weigh_by_the_whole_chain_also_where_some_places_are_shown(
    hq_user: User, salon: dict[str, Store]
) -> None:
    """30 more clients in the first third, and 20 of a kind that only S003 serves."""
    facial = ServiceCategory.objects.get(name="面部护理")
    for number in range(50):
        client = Client.objects.create(ref=f"more-{number}")
        lines = [NewLine(amount=Decimal(100), category=facial if number < 30 else None)]
        record_visit(acting_user=hq_user, store=salon["S003"], client=client, day=date(2025, 1, 6), lines=lines)
    whole, part = answer(YEAR), answer(replace(YEAR, region="华东"))
    assert set(by_key(part)) == {"一线", "二线"}
    assert part.as_json()["adjusted_coverage"] == pytest.approx(150 / 170)
    assert part.adjustment == whole.adjustment
    # Of S001's clients of the first third all came back, of the second 4 in 20; of the chain's, 90 and 60 are there.
    assert by_key(whole)["一线"].adjusted_value == pytest.approx(0.6 * 1 + 0.4 * 0.2)
    assert by_key(part)["一线"].adjusted_value == by_key(whole)["一线"].adjusted_value
    # What of a group lies elsewhere is the chain's and not the group's.
    city = answer(replace(YEAR, by="region", city="上海"))
    assert by_key(city)["华东"].adjusted_value == by_key(whole)["一线"].adjusted_value


def test_a_gap_is_split_into_parts_that_add_up(salon: dict[str, Store], hq_user: User) -> None:
    open_sisters()
    bring_back_more(salon, hq_user)
    report = answer(YEAR)
    assert report.test is not None
    assert (report.test.kind, report.test.df, report.test.phi) == ("F", (2, 6), 1)
    assert report.test.beyond_chance
    assert report.gap is not None
    assert (report.gap.high.key, report.gap.low.key) == ("一线", "三线")
    parts = report.gap.parts
    assert parts.mix + parts.rate + parts.unmatched == pytest.approx((80 - 42) / 120)
    assert {pair.group_1 + pair.group_2 for pair in report.pairs} == {"一线三线", "一线二线", "三线二线"}


def test_what_chance_may_have_made_is_not_taken_apart(salon: dict[str, Store], hq_user: User) -> None:
    bring_back_more(salon, hq_user)
    report = answer(YEAR)
    assert (report.test, list(report.pairs), report.gap) == (None, [], None)
    assert "too_few_stores_to_test" in report.as_json()["notes"]


def test_stores_that_differ_widen_what_is_said_of_their_groups(salon: dict[str, Store], hq_user: User) -> None:
    before = answer(YEAR)
    open_sisters(1)
    bring_back_more(salon, hq_user)
    # 16 more of its sister's do not: 32 and 8 of 40.
    clients = Client.objects.filter(ref__startswith="S001-1-2025-").order_by("ref")[8:24]
    Visit.objects.filter(client__in=clients, day__gt=date(2025, 2, 15)).delete()
    refresh_all()
    report = answer(YEAR)
    assert report.test is not None
    assert report.test.phi is not None
    assert report.test.phi > 3
    assert "stores_of_groups_differ" in report.as_json()["notes"]
    own = by_key(report)["二线"]
    assert (own.clients, own.value) == (80, by_key(before)["二线"].value)
    low, high = wilson(40, 80) or (0, 0)
    wide = math.sqrt(report.test.phi)
    assert own.ci95 == pytest.approx((0.5 - wide * (0.5 - low), 0.5 + wide * (high - 0.5)))
    lines = {line.key: line for line in trend(YEAR, Data())}
    assert lines["二线"].points[date(2026, 1, 1)].ci95 == own.ci95, "the trend says the same of the same year"


def test_a_group_too_small_to_compare_has_no_adjusted_rate(salon: dict[str, Store]) -> None:
    relocate_store(store=salon["S003"], valid_from=date(2025, 8, 10), city="X", city_tier="五线", region="华北")
    report = answer(YEAR)
    assert by_key(report)["五线"].clients < 5
    assert by_key(report)["五线"].adjusted_value is None
    assert by_key(report)["一线"].adjusted_value is not None
    assert report.adjustment is not None
    assert (report.adjustment.level, report.adjustment.coverage) == ("full", 1)


def test_the_full_document_has_what_the_pages_say(salon: dict[str, Store], hq_user: User) -> None:
    open_sisters()
    bring_back_more(salon, hq_user)
    plain, document = answer(YEAR).as_json(), answer(YEAR).as_json(full=True)
    assert {key: document[key] for key in plain} == plain
    assert document["test"].keys() == {"kind", "statistic", "df", "p", "phi", "left_out"}
    assert document["test"]["df"] == [2, 6]
    assert document["gap"].keys() == {"high", "low", "mix", "rate", "uncovered"}
    assert document["adjustment"] == {"level": "full", "coverage": 1, "dropped": []}
    assert (document["funnel"], document["ranking"]) == (None, [])
    of_stores = answer(replace(YEAR, by="store")).as_json(full=True)
    assert (of_stores["test"], of_stores["pairs"], of_stores["gap"]) == (None, [], None)
    funnel = of_stores["funnel"]
    assert funnel.keys() == {"phi", "applied", "stores"}
    assert sum(store["expected"] for store in funnel["stores"]) == pytest.approx(of_stores["total"]["repeat_clients"])
    assert {store["key"]: store["outside"] for store in funnel["stores"]}["S001"] == "above_95"
    assert of_stores["ranking"][0].keys() == {"key", "value", "ci95", "rank", "rank_ci95"}
    staff = answer(replace(YEAR, by="staff")).as_json(full=True)
    assert {store["key"] for store in staff["funnel"]["stores"]} == {f"E-{key}" for key in by_key(answer(
        replace(YEAR, by="store")))}  # fmt: skip
    assert staff["ranking"] == []


def test_new_and_returning_clients_are_not_told_apart_where_the_data_begins_late(salon: dict[str, Store]) -> None:
    """The data begins on 5 January 2024."""
    assert "acquisition_uncertain" in answer(YEAR).as_json()["notes"]
    late = replace(YEAR, start=date(2025, 1, 4))
    assert "acquisition_uncertain" not in answer(late).as_json()["notes"]
    assert "acquisition_uncertain" in answer(replace(YEAR, by="acquisition")).as_json()["notes"]
    assert "acquisition_uncertain" not in answer(replace(YEAR, by="category")).as_json()["notes"]


def test_a_member_tier_is_the_one_held_on_the_first_day(salon: dict[str, Store]) -> None:
    gold = MemberTier.objects.get(code="gold")
    client = Client.objects.get(ref="S001-2025-00")
    grant_tier(client=client, tier=gold, valid_from=date(2025, 1, 6))
    report = answer(replace(YEAR, by="member_tier"))
    assert {key: group.clients for key, group in by_key(report).items()} == {"(none)": 120}
    grant_tier(client=client, tier=gold, valid_from=date(2025, 1, 5))
    assert by_key(answer(replace(YEAR, by="member_tier")))["gold"].clients == 1
    assert answer(replace(YEAR, member_tier="gold")).total.clients == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"end": date(2025, 1, 1)}, "empty_period", "to"),
        ({"end": date(2024, 1, 1)}, "empty_period", "to"),
        ({"category": "nails"}, "unknown_category", "category"),
        ({"member_tier": "platinum"}, "unknown_member_tier", "member_tier"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    salon: dict[str, Store], changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(AppError) as caught:
        answer(replace(YEAR, **changes))
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_chain_without_visits_has_no_rate(chain: Chain) -> None:
    report = answer(YEAR)
    assert (report.groups, report.total.value, report.as_of, report.anonymous_line_share) == ([], None, None, None)
    assert answer(replace(YEAR, by="store")).funnel is None


def test_a_store_far_behind_is_stale_and_holds_nothing_back(salon: dict[str, Store]) -> None:
    assert completeness().as_of == date(2025, 12, 31)
    late = Store.objects.create(code="S009", name="Late", complete_through=date(2025, 12, 17))
    assert (completeness().as_of, completeness().stale_stores) == (date(2025, 12, 17), ())
    late.complete_through = date(2025, 12, 16)
    late.save()
    assert (completeness().as_of, completeness().stale_stores) == (date(2025, 12, 31), ("S009",))
    late.closed_on = date.today() + timedelta(days=2)  # noqa: DTZ011 - on whatever side of midnight
    late.save()
    assert completeness().stale_stores == ("S009",)
    late.closed_on = date(2025, 12, 16)
    late.save()
    assert completeness().stale_stores == ()


@pytest.mark.parametrize(
    ("start", "end", "standard"),
    [
        (date(2025, 3, 1), date(2025, 4, 1), True),
        (date(2025, 4, 1), date(2025, 7, 1), True),
        (date(2025, 5, 1), date(2025, 8, 1), False),
        (date(2025, 7, 1), date(2026, 1, 1), True),
        (date(2025, 4, 1), date(2025, 10, 1), False),
        (date(2024, 5, 1), date(2025, 5, 1), True),
        (date(2025, 1, 2), date(2026, 1, 2), False),
        (date(2024, 1, 1), date(2026, 1, 1), False),
    ],
)
def test_standard_periods(start: date, end: date, *, standard: bool) -> None:
    assert period_cache.is_standard(start, end) is standard


def test_what_is_kept_and_what_is_counted_give_one_answer(salon: dict[str, Store], hq_user: User) -> None:
    first = answer(YEAR)
    assert CachedPeriod.objects.count() == 1
    assert answer(YEAR) == first
    period_cache.fold()
    assert answer(YEAR) == first
    assert answer(replace(YEAR, by="member_tier")).total == first.total
    assert CachedPeriod.objects.count() == 2
    CachedPeriod.objects.all().delete()
    assert answer(YEAR) == first


def test_facts_derived_anew_are_the_same(salon: dict[str, Store], hq_user: User) -> None:
    before = answer(replace(YEAR, by="staff"))
    facts, days = kept_facts(), list(StoreDay.objects.order_by("pk").values_list())
    refresh_all()
    assert kept_facts() == facts
    assert list(StoreDay.objects.order_by("pk").values_list()) == days
    assert sum(FactBlock.objects.values_list("rows", flat=True)) == len(facts)
    assert answer(replace(YEAR, by="staff")) == before
