"""The change on a period before: held against the dictionary's formula in plain loops over the visits."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.compare.change import Change, changes, shown_changes
from core.reporting.compare.periods import compared_periods
from core.reporting.completeness import Completeness
from core.reporting.data import Data
from core.reporting.facts.refresh import refresh_all
from core.reporting.periods import Period
from core.reporting.question import Question
from core.reporting.statistics.change import contributions, of_intervals, summed_variances
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.models import Visit, VisitLine
from core.visits.services.visits import void_visit
from tests.plugins.salons import open_sisters

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="city_tier", compare="year_before")
COMPLETE = Completeness(as_of=date(2025, 11, 15), stale_stores=(), begins=date(2023, 1, 1))


def asked(start: date, end: date, compare: Any = "year_before") -> Question:
    return replace(YEAR, start=start, end=end, compare=compare)


@pytest.mark.parametrize(
    ("question", "current", "before", "truncated"),
    [
        (
            asked(date(2025, 1, 1), date(2025, 10, 1)),
            (date(2025, 1, 1), date(2025, 10, 1)),
            (date(2024, 1, 1), date(2024, 10, 1)),
            False,
        ),
        (
            asked(date(2025, 1, 1), date(2026, 1, 1)),
            (date(2025, 1, 1), date(2025, 11, 16)),
            (date(2024, 1, 1), date(2024, 11, 16)),
            True,
        ),
        # October has 31 days, so has the period before it.
        (
            asked(date(2025, 10, 1), date(2025, 11, 1), "period_before"),
            (date(2025, 10, 1), date(2025, 11, 1)),
            (date(2025, 8, 31), date(2025, 10, 1)),
            False,
        ),
        # November's first 15 days, and those of the 30 days before.
        (
            asked(date(2025, 11, 1), date(2025, 12, 1), "period_before"),
            (date(2025, 11, 1), date(2025, 11, 16)),
            (date(2025, 10, 2), date(2025, 10, 17)),
            True,
        ),
        (
            asked(date(2024, 2, 29), date(2025, 3, 1)),
            (date(2024, 2, 29), date(2025, 3, 1)),
            (date(2023, 3, 1), date(2024, 3, 1)),
            False,
        ),
    ],
)
def test_periods_of_equal_lengths(
    question: Question, current: tuple[date, date], before: tuple[date, date], *, truncated: bool
) -> None:
    found = compared_periods(question, COMPLETE)
    assert (found.current, found.before, found.truncated) == (Period(*current), Period(*before), truncated)


@pytest.mark.parametrize(
    ("question", "completeness", "reason"),
    [
        (asked(date(2025, 1, 1), date(2026, 1, 1)), Completeness(None, ()), "no visits"),
        (asked(date(2025, 11, 16), date(2026, 1, 1)), COMPLETE, "no complete data"),
        (asked(date(2023, 1, 1), date(2024, 1, 1)), COMPLETE, "begins on 1 Jan 2023"),
        (asked(date(2024, 1, 1), date(2025, 1, 1)), replace(COMPLETE, begins=date(2023, 1, 9)), "begins on 9 Jan 2023"),
        (asked(date(2023, 3, 1), date(2023, 6, 1), "period_before"), COMPLETE, "begins on 1 Jan 2023"),
    ],
)
def test_what_cannot_be_made_equal_is_refused_with_the_reason(
    question: Question, completeness: Completeness, reason: str
) -> None:
    with pytest.raises(AppError, match=reason) as caught:
        compared_periods(question, completeness)
    assert (caught.value.code, caught.value.field) == ("not_comparable", "compare")


@given(st.dates(date(2024, 3, 1), date(2025, 12, 31)), st.integers(1, 500), st.sampled_from(["year", "period"]))
def test_periods_compared_differ_by_a_day_at_most(start: date, length: int, which: str) -> None:
    question = asked(start, start + timedelta(days=length), f"{which}_before")
    try:
        found = compared_periods(question, COMPLETE)
    except AppError:
        return
    days = [(period.end - period.start).days for period in (found.current, found.before)]
    assert abs(days[0] - days[1]) <= (1 if which == "year" else 0)
    assert COMPLETE.as_of is not None
    assert found.current.last_day <= COMPLETE.as_of
    assert found.truncated == (question.period.last_day > COMPLETE.as_of)


ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 2), st.integers(0, 1), st.booleans()), max_size=40
)


@given(ROWS)
def test_variances_are_those_of_plain_loops(rows: list[tuple[int, int, int, int, bool]]) -> None:
    """Rows of group, client, store, whether it repeats, and whether it is of the period before."""
    group, client, store, repeats, before = (np.array([row[i] for row in rows], np.int64) for i in range(5))
    parts = np.zeros(len(rows))
    for which, sign in ((before == 0, 1), (before == 1, -1)):
        parts[which] = sign * contributions(repeats[which], np.ones(which.sum(), np.int64), group[which], 2)
    for units, place in ((client, 1), (store, 2)):
        expected = [0.0, 0.0]
        for g in (0, 1):
            errors: dict[int, float] = defaultdict(float)
            for is_before in (False, True):
                own = [row for row in rows if row[0] == g and row[4] == is_before]
                for row in own:
                    rate = sum(one[3] for one in own) / len(own)
                    errors[row[place]] += (row[3] - rate) / len(own) * (-1 if is_before else 1)
            expected[g] = sum(error**2 for error in errors.values())
        assert summed_variances(parts, units, group, 2).tolist() == pytest.approx(expected, abs=1e-12)


def plain_change(key_of: Callable[[Visit], Any], unit_of: Callable[[Visit], Any]) -> dict[Any, tuple[float, float]]:
    """Δ and half of its interval by group, for the years 2025 and 2024, from the visits themselves."""
    counted: dict[Any, dict[int, dict[int, tuple[Any, int]]]] = defaultdict(lambda: defaultdict(dict))
    for year in (2024, 2025):
        days: dict[int, list[Visit]] = defaultdict(list)
        for visit in Visit.objects.filter(client__isnull=False, voided_at=None, day__year=year).order_by("day", "id"):
            assert visit.client_id is not None
            days[visit.client_id].append(visit)
        for client, visits in days.items():
            repeats = int(len({visit.day for visit in visits}) > 1)
            counted[key_of(visits[0])][year][client] = (unit_of(visits[0]), repeats)
    found = {}
    for key, years in counted.items():
        rates = {year: sum(r for _, r in own.values()) / len(own) for year, own in years.items()}
        errors: dict[Any, float] = defaultdict(float)
        for year, own in years.items():
            for unit, repeats in own.values():
                errors[unit] += (repeats - rates[year]) / len(own) * (1 if year == 2025 else -1)
        half = 1.959963985 * math.sqrt(sum(error**2 for error in errors.values()))
        found[key] = (rates[2025] - rates[2024], half)
    return found


def same(change: Change, plain: tuple[float, float]) -> bool:
    assert change.change is not None
    assert change.ci95 is not None
    half = (change.ci95[1] - change.ci95[0]) / 2
    return (change.change, half) == pytest.approx(plain, abs=1e-9)


def come_again(salon: dict[str, Store], count: int = 12) -> None:
    """Clients of 2024 come in 2025, too, some of them more than once."""
    facial = ServiceCategory.objects.get(name="面部护理")
    for client in Client.objects.filter(ref__contains="-2024-").order_by("ref")[: 3 * count]:
        for number in range(1 + client.pk % 2):
            visit = Visit.objects.create(store=client.store, client=client, day=date(2025, 7, 1 + number))
            VisitLine.objects.create(visit=visit, category=facial, amount=100)
    refresh_all()


@pytest.mark.django_db
def test_a_client_of_both_periods_counts_once(salon: dict[str, Store]) -> None:
    come_again(salon)
    found = changes(replace(YEAR, by="store"), Data())
    assert same(found.total, plain_change(lambda _: "all", lambda visit: visit.client_id)["all"])
    plain = plain_change(lambda visit: visit.store.code, lambda visit: visit.client_id)
    assert found.groups.keys() == plain.keys()
    assert all(same(found.of(key), plain[key]) for key in plain)


def test_places_are_summed_within_stores_first(salon: dict[str, Store]) -> None:
    open_sisters(3)
    come_again(salon, 24)
    plain = plain_change(lambda visit: visit.store.locations.get().city_tier, lambda visit: visit.store_id)
    found = changes(YEAR, Data())
    assert all(same(found.of(key), plain[key]) for key in ("一线", "二线", "三线"))
    # So is a place asked for alone.
    alone = changes(replace(YEAR, by="none", city_tier="一线"), Data())
    assert same(alone.total, plain["一线"])


def test_from_few_stores_the_wider_interval_is_taken(salon: dict[str, Store]) -> None:
    """Of a single store the stores' spread would be none at all."""
    by_client = plain_change(lambda visit: visit.store.locations.get().city_tier, lambda visit: visit.client_id)
    found = changes(YEAR, Data())
    assert all(same(found.of(key), by_client[key]) for key in by_client)


def test_a_rise_is_claimed_where_the_interval_excludes_none(salon: dict[str, Store]) -> None:
    found = changes(YEAR, Data())
    assert found.total.before == pytest.approx(54 / 120)
    assert found.total.change == pytest.approx(4 / 120)
    assert not found.total.is_beyond_chance
    for client in Client.objects.filter(ref__contains="-2024-"):
        Visit.objects.filter(pk__in=[visit.pk for visit in client.visits.order_by("day")[1:]]).delete()
    refresh_all()
    assert found.split is None, "chance may have made it"
    found = changes(YEAR, Data())
    assert found.total.is_beyond_chance
    assert found.split is not None
    assert found.split.mix + found.split.rate + found.split.unmatched == pytest.approx(found.total.change)


def test_more_clients_late_in_the_period_lower_the_rate_with_nobody_behaving_differently(
    salon: dict[str, Store],
) -> None:
    """In either year all of the first third come back and nobody else; 2025 has many more in its last third."""
    facial = ServiceCategory.objects.get(name="面部护理")
    Visit.objects.exclude(ref="anonymous").delete()
    for year, late in ((2024, 10), (2025, 90)):
        for number in range(100 + late):
            client = Client.objects.create(ref=f"{year}-{number}")
            days = [date(year, 1, 5), date(year, 2, 9)] if number < 100 else [date(year, 12, 9)]
            for day in days:
                visit = Visit.objects.create(store=salon["S001"], client=client, day=day)
                VisitLine.objects.create(visit=visit, category=facial, amount=100)
    refresh_all()
    found = changes(YEAR, Data())
    assert found.split is not None
    assert found.total.change == pytest.approx(100 / 190 - 100 / 110)
    assert found.split.mix == pytest.approx(found.total.change)
    assert found.split.rate == pytest.approx(0)


def test_of_a_small_sample_no_rise_is_claimed(salon: dict[str, Store]) -> None:
    """From 10 clients of whom all came back to 40 of whom not all did, the interval excludes none."""
    clients = Client.objects.filter(ref__startswith="S001-2024-").order_by("ref")
    Visit.objects.filter(client__in=list(clients[10:])).delete()
    refresh_all()
    small = changes(replace(YEAR, by="store"), Data()).of("S001")
    assert small.before == 1
    assert small.ci95 is not None
    assert small.ci95[1] < 0
    assert not small.is_beyond_chance


def test_the_change_follows_a_visit_that_is_voided(salon: dict[str, Store], hq_user: User) -> None:
    before = changes(YEAR, Data())
    visit = Visit.objects.filter(day__year=2025, client__isnull=False).order_by("-day").first()
    assert visit is not None
    void_visit(acting_user=hq_user, visit_id=visit.pk)
    after = changes(YEAR, Data())
    assert after != before
    assert same(after.total, plain_change(lambda _: "all", lambda visit: visit.client_id)["all"])


def test_the_document_has_the_change_of_each_group_and_the_total(salon: dict[str, Store]) -> None:
    data = Data()
    document = answer(YEAR, data).as_json(changes=changes(YEAR, data))
    for part in (document["total"], *document["groups"]):
        assert part["compared_with"] == {"from": "2024-01-01", "to": "2025-01-01"}
        assert part["truncated"] is False
        assert part["change"] == pytest.approx(part["value"] - part["before"])
        assert part["change_ci95"][0] < part["change"] < part["change_ci95"][1]


def test_a_period_that_is_not_over_is_compared_up_to_its_last_complete_day(salon: dict[str, Store]) -> None:
    Store.objects.update(complete_through=date(2025, 6, 30))
    Visit.objects.filter(day__gt=date(2025, 6, 30)).delete()
    refresh_all()
    data = Data()
    document = answer(YEAR, data).as_json(changes=changes(YEAR, data))
    total = document["total"]
    assert (total["truncated"], total["compared_with"]) == (True, {"from": "2024-01-01", "to": "2024-07-01"})
    other = answer(replace(YEAR, start=date(2024, 1, 1), end=date(2024, 7, 1)), data)
    assert total["before"] == other.total.value


def test_the_change_of_a_curve_has_the_interval_of_its_estimates(salon: dict[str, Store]) -> None:
    asked = replace(YEAR, metric="return_within", within=90)
    found = changes(asked, Data())
    after, before = (
        answer(replace(asked, start=date(year, 1, 1), end=date(year + 1, 1, 1))).total for year in (2025, 2024)
    )
    assert after.value is not None
    assert before.value is not None
    assert after.ci95 is not None
    assert before.ci95 is not None
    assert found.total.change == pytest.approx(after.value - before.value)
    assert found.total.ci95 == of_intervals((after.value, after.ci95), (before.value, before.ci95))
    assert not found.total.is_beyond_chance


def test_pages_are_told_why_there_is_no_change(salon: dict[str, Store]) -> None:
    early = replace(YEAR, start=date(2024, 1, 1), end=date(2025, 1, 1))
    found = shown_changes(early, Data())
    assert found.periods is None
    assert "2024" in found.reason
    assert shown_changes(replace(YEAR, compare="none"), Data()).reason == ""
