"""Why two groups differ: held against plain counting over the visits and the dictionary's formula in loops."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.membership.models import ClientTier, MemberTier
from core.reporting.answers import answer
from core.reporting.compare.change import changes
from core.reporting.compare.kinds import SPLITS, Split
from core.reporting.data import Data
from core.reporting.facts.refresh import refresh_all
from core.reporting.question import Question
from core.reporting.why import BEFORE, CHAIN, CITY_TIER, Pair, Why, usual_pair, why, why_document
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.models import Visit, VisitLine
from tenants.models import Chain
from tests.core.reporting import plain_kinds
from tests.core.reporting.reading_once import reading_once
from tests.plugins.salons import bring_back_more, open_sisters

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="store", compare="year_before")
BEFORE_2025 = Question(start=date(2024, 1, 1), end=date(2025, 1, 1), by="store")
DAY = timedelta(days=1)
# Store, tier, year, and how many of five come for nails.
_GROUPS = (
    ("A", "一线", 2024, 2),
    ("A", "一线", 2025, 1),
    ("B", "一线", 2025, 4),
    ("C", "三线", 2024, 2),
    ("C", "三线", 2025, 4),
)
_CLIENTS = 40


@pytest.fixture
def mixed(chain: Chain) -> None:
    """In C and in 2024 more clients than in A in 2025 come for nails, have no tier, are new and spend little, and fewer
    come back; B is of A's city tier."""
    categories = [ServiceCategory.objects.create(name=name) for name in ("facial", "nails")]
    tiers = list(MemberTier.objects.all()[:2])
    visits, amounts, held = [], [], []
    for code, tier, year, share in _GROUPS:
        store, made = Store.objects.get_or_create(code=code, defaults={"complete_through": date(2025, 12, 31)})
        if made:
            store.locations.create(city=tier, city_tier=tier, region="")
        for number in range(_CLIENTS):
            client = Client.objects.create(ref=f"{code}-{year}-{number}")
            of_nails = number % 5 < share
            first = date(year, 1, 3) + number * 5 * DAY
            days = [first, first + 5 * DAY] if number % 7 > share + of_nails else [first]
            if number % 4 >= share - 2:
                days.append(date(year - 1, 12, 1))
            visits += [Visit(store=store, client=client, day=day) for day in days]
            amounts += [(categories[of_nails], (6000, 1800, 1800, 100, 100)[number % 5])] * len(days)
            if number % 3:
                held.append(ClientTier(client=client, tier=tiers[number % 2], valid_from=date(year - 1, 1, 1)))
    visits.append(Visit(store=store, client=client, day=date(2022, 12, 1)))
    Visit.objects.bulk_create(visits)
    rows = zip(visits, [*amounts, (categories[0], 10)], strict=True)
    VisitLine.objects.bulk_create(VisitLine(visit=v, category=c, amount=amount) for v, (c, amount) in rows)
    ClientTier.objects.bulk_create(held)
    refresh_all()


def kitagawa(one: dict[str, tuple[int, int]], other: dict[str, tuple[int, int]]) -> dict[str, float]:
    n_1, n_2 = (sum(n for _, n in table.values()) for table in (one, other))
    parts: dict[str, float] = defaultdict(float)
    for kind in one.keys() | other.keys():
        (x_1, c_1), (x_2, c_2) = one.get(kind, (0, 0)), other.get(kind, (0, 0))
        if c_1 and c_2:
            parts["mix"] += (c_1 / n_1 - c_2 / n_2) * (x_1 / c_1 + x_2 / c_2) / 2
            parts["rate"] += (x_1 / c_1 - x_2 / c_2) * (c_1 / n_1 + c_2 / n_2) / 2
        else:
            parts["uncovered"] += x_1 / n_1 - x_2 / n_2
    return {name: parts[name] for name in ("mix", "rate", "uncovered")}


def added(*tables: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for table in tables:
        for kind, (x, n) in table.items():
            before = sums.get(kind, (0, 0))
            sums[kind] = (before[0] + x, before[1] + n)
    return sums


def named(split: str, table: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Member tiers by their names, as the product says them."""
    names = dict(MemberTier.objects.values_list("code", "name")) if split == "member_tier" else {}
    return {names.get(kind, kind): counts for kind, counts in table.items()}


def asked(one: str, other: str, split: Split = "usual", question: Question = YEAR) -> dict[str, Any]:
    with translation.override("en"):
        return why_document(why(question, Pair(one=one, other=other, split=split), Data()))


def same(found: dict[str, Any], split: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    one, other = named(split, one), named(split, other)
    assert found["reason"] is None, found
    assert {kind["label"] for kind in found["kinds"]} == one.keys() | other.keys()
    for kind in found["kinds"]:
        both = one.get(kind["label"], (0, 0)), other.get(kind["label"], (0, 0))
        assert list(zip(kind["repeat_clients"], kind["clients"], strict=True)) == list(both)
    for name, part in kitagawa(one, other).items():
        assert found[name] == pytest.approx(part, abs=1e-12)
        assert sum(kind[name] for kind in found["kinds"]) == pytest.approx(part, abs=1e-12)
    assert found["mix"] + found["rate"] + found["uncovered"] == pytest.approx(found["gap"], abs=1e-12)


def test_every_pair_is_split_as_plain_counting_says(
    mixed: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with reading_once():
        now, before = plain_kinds.kinds(YEAR), plain_kinds.kinds(BEFORE_2025)
    # Of a change without the category, as the dictionary has it.
    for tables in (now, before):
        tables["before"] = {group: without_category(table) for group, table in tables["usual"].items()}
    for split in SPLITS:
        plain = now[split]
        with django_assert_max_num_queries(20):
            same(asked("C", "A", split), split, plain["C"], plain["A"])
        # The chain also where only a place is asked for.
        same(asked("C", CHAIN, split, replace(YEAR, store="C")), split, plain["C"], added(*plain.values()))
        with django_assert_max_num_queries(20):
            found = asked("A", CITY_TIER, split)
        same(found, split, plain["A"], added(plain["A"], plain["B"]))
        with django_assert_max_num_queries(25):
            found = asked("C", BEFORE, split)
        told = "before" if split == "usual" else split
        same(found, split, now[told]["C"], before[told]["C"])
    change = changes(YEAR, Data()).of("C")
    assert found["gap"] == pytest.approx(change.change)
    assert found["gap_ci95"] == list(change.ci95 or ())


def without_category(table: plain_kinds.Table) -> plain_kinds.Table:
    return added(*({kind.split(" · ", 1)[1]: counts} for kind, counts in table.items()))


def test_the_usual_pair_is_the_gap_of_the_report(salon: dict[str, Store], hq_user: User) -> None:
    open_sisters()
    bring_back_more(salon, hq_user)
    question = replace(YEAR, by="city_tier")
    report = answer(question, Data(), ranked=False)
    pair = usual_pair(report)
    assert report.gap is not None
    assert pair == Pair(one=report.gap.low.key, other=report.gap.high.key)
    found = why(question, pair, Data())
    assert found.parts is not None
    assert found.parts.mix == pytest.approx(-report.gap.parts.mix)
    assert found.parts.rate == pytest.approx(-report.gap.parts.rate)


def chance_of(found: Why) -> tuple[str, bool]:
    return found.reason, found.parts is None


def test_what_chance_may_have_made_is_not_taken_apart(salon: dict[str, Store]) -> None:
    """S001 has 24 of 40, S002 20 of 40; tiers of one store each cannot be tested; and S001 had 20 of 40 before."""
    pairs = (("store", "S001", "S002"), ("store", "S001", CHAIN), ("store", "S001", BEFORE), ("none", "all", BEFORE))
    for by, one, other in pairs:
        found = why(replace(YEAR, by=by), Pair(one=one, other=other), Data())  # type: ignore[arg-type]
        assert chance_of(found) == ("may_be_chance", True), (by, one, other)
    tiers = why(replace(YEAR, by="city_tier"), Pair(one="三线", other="一线"), Data())
    assert chance_of(tiers) == ("too_few_stores", True)


def test_of_tiers_that_differ_two_that_may_not_are_not_taken_apart(salon: dict[str, Store]) -> None:
    open_sisters()
    report = answer(replace(YEAR, by="city_tier"), Data(), ranked=False)
    assert report.test is not None
    assert report.test.beyond_chance
    found = why(replace(YEAR, by="city_tier"), Pair(one="二线", other="一线"), Data())
    assert chance_of(found) == ("may_be_chance", True)
    (p,) = (pair.p_adjusted for pair in report.pairs if {pair.group_1, pair.group_2} == {"一线", "二线"})
    assert found.p == p


def test_what_is_not_known_is_said(salon: dict[str, Store], hq_user: User) -> None:
    """The data begins less than a year before 2025: nobody knows who is new, or what was spent in the year before."""
    bring_back_more(salon, hq_user)
    reasons = {split: why(YEAR, Pair(one="S003", other="S001", split=split), Data()).reason for split in SPLITS}
    assert reasons == {
        "usual": "",
        "category": "",
        "acquisition": "acquisition_unknown",
        "member_tier": "",
        "value_segment": "history_before_too_short",
    }
    usual = asked("S003", "S001")
    assert [kind["label"].count(" · ") for kind in usual["kinds"]] == [1, 1], "category and third"
    early = replace(YEAR, start=date(2024, 1, 1), end=date(2025, 1, 1))
    found = why(early, Pair(one="S001", other=BEFORE), Data())
    assert found.reason == "not_comparable"
    assert "2024" in found.told


@pytest.mark.parametrize(
    ("question", "pair", "code"),
    [
        (replace(YEAR, metric="volumes"), Pair(one="S001", other=CHAIN), "why_not_offered"),
        (YEAR, Pair(one="S999", other=CHAIN), "unknown_group"),
        (YEAR, Pair(one="S001", other="S999"), "unknown_group"),
        (YEAR, Pair(one="S001", other="S001"), "pair_not_offered"),
        (replace(YEAR, compare="none"), Pair(one="S001", other=BEFORE), "pair_not_offered"),
        (replace(YEAR, by="city_tier"), Pair(one="一线", other=CITY_TIER), "pair_not_offered"),
        (replace(YEAR, scope="store"), Pair(one="S001", other="S002"), "pair_not_offered"),
        (replace(YEAR, by="category"), Pair(one="面部护理", other=CHAIN), "pair_not_offered"),
        (replace(YEAR, by="acquisition"), Pair(one="new", other="returning", split="acquisition"), "split_not_offered"),
        (replace(YEAR, category="面部护理"), Pair(one="S001", other=CHAIN, split="category"), "split_not_offered"),
    ],
)
def test_what_cannot_be_asked(salon: dict[str, Store], question: Question, pair: Pair, code: str) -> None:
    with pytest.raises(AppError) as caught:
        why(question, pair, Data())
    assert caught.value.code == code
