"""Who is listed as absent, by how many days, and what is said of each."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.accounts.models import User
from core.catalogue.models import Service
from core.clients.models import Client
from core.followup.absence import AbsentClient, absence_of, segment_of
from core.followup.intervals import ENOUGH
from core.merging.services.merging import merge_clients
from core.reporting.models import FactLayout
from core.reporting.spend_thresholds import SpendThresholds, set_spend_thresholds
from core.staff.models import StaffMember
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit, void_visit
from tests.core.followup.conftest import Come


@pytest.fixture
def other(chain: object) -> Store:
    return open_store(code="S9", name="Other", city="X", city_tier="一线", region="E")


def listed(store: Store, today: date) -> dict[str, AbsentClient]:
    refs = dict(Client.known.values_list("pk", "ref"))
    return {refs[one.client_id]: one for one in absence_of(store, today=today).clients}


def test_whoever_is_past_the_own_interval(come: Come, five: list[Client], store: Store, today: date) -> None:
    come("on-time", 90, 60, 30)
    found = listed(store, today)
    assert {ref: one.overdue for ref, one in found.items()} == {str(n): n for n in range(1, 6)}
    assert {one.usual_days for one in found.values()} == {30}
    assert {one.basis for one in found.values()} == {"own"}
    assert found["1"].last_day == today - timedelta(days=31)


def test_a_store_without_data_has_no_list(store: Store, today: date) -> None:
    assert absence_of(store, today=today).through is None


def test_without_any_gap_nobody_is_late(come: Come, store: Store, today: date) -> None:
    come("1", 300)
    assert not listed(store, today)


def test_days_are_counted_to_where_the_data_ends(come: Come, five: list[Client], store: Store, today: date) -> None:
    store.complete_through = today - timedelta(days=3)
    store.save()
    absence = absence_of(store, today=today)
    assert absence.through == today - timedelta(days=3)
    assert sorted(one.overdue for one in absence.clients) == [1, 2]
    store.complete_through = today + timedelta(days=30)
    store.save()
    assert absence_of(store, today=today).through == today


def test_a_client_belongs_to_the_store_of_the_last_visit(
    come: Come, five: list[Client], store: Store, other: Store, today: date
) -> None:
    come("1", 20, at=other)
    other.complete_through = today
    other.save()
    assert "1" not in listed(store, today)
    come("2", 32, at=other)
    assert "2" not in listed(other, today)


def test_whose_only_late_visit_is_void_is_listed_again(come: Come, store: Store, hq_user: User, today: date) -> None:
    come("1", 95, 65, 35, 2)
    assert not listed(store, today)
    visit = Visit.objects.latest("day")
    void_visit(acting_user=hq_user, visit_id=visit.pk)
    assert listed(store, today)["1"].overdue == 5


def test_with_few_visits_the_last_service_counts(come: Come, service: Service, store: Store, today: date) -> None:
    for number in range(ENOUGH):
        come(f"r{number}", 55, 35, 15)
    come("once", 40)
    assert (listed(store, today)["once"].basis, listed(store, today)["once"].usual_days) == ("category", 20)
    service.interval_days = 28
    service.save()
    assert (listed(store, today)["once"].basis, listed(store, today)["once"].usual_days) == ("service", 28)
    assert listed(store, today)["once"].overdue == 12
    come("once", 70)
    assert listed(store, today)["once"].basis == "service"
    come("once", 100)
    assert (listed(store, today)["once"].basis, listed(store, today)["once"].usual_days) == ("own", 30)


def test_with_few_visits_and_an_unknown_category_the_chain_counts(come: Come, store: Store, today: date) -> None:
    for number in range(3):
        come(f"r{number}", 55, 35, 15)
    come("once", 40)
    assert (listed(store, today)["once"].basis, listed(store, today)["once"].usual_days) == ("chain", 20)


def test_what_is_spent_in_a_year_makes_the_segment(come: Come, store: Store, hq_user: User, today: date) -> None:
    come("high", 94, 64, 34, amount=1700)
    come("mid", 94, 64, 34, amount=500)
    come("low", 94, 64, 34, amount=499)
    come("before", 425, 395, 365, amount=9000)
    found = listed(store, today)
    assert {ref: one.segment for ref, one in found.items()} == {
        "high": "high", "mid": "mid", "low": "potential", "before": "potential",
    }  # fmt: skip
    assert found["high"].spent == Decimal(5100)
    # What came back is taken off, on a day without a visit too.
    client = Client.objects.get(ref="high")
    lines = [NewLine(amount=Decimal(-100), quantity=Decimal(-1)), NewLine(amount=Decimal(-9), quantity=Decimal(-1))]
    day = today - timedelta(days=2)
    record_visit(acting_user=hq_user, store=store, client=client, day=day, lines=lines)
    found = listed(store, today)
    assert (found["high"].spent, found["high"].segment, found["high"].overdue) == (Decimal(4991), "mid", 4)


@pytest.mark.parametrize(
    ("spent", "segment"),
    [(500_001, "high"), (500_000, "mid"), (150_000, "mid"), (149_999, "potential"), (-5, "potential")],
)
def test_where_segments_end(spent: int, segment: str) -> None:
    assert segment_of(spent, SpendThresholds()) == segment


def test_segments_follow_the_chains_thresholds(come: Come, store: Store, hq_user: User, today: date) -> None:
    come("1", 94, 64, 34, amount=200)
    assert listed(store, today)["1"].segment == "potential"
    set_spend_thresholds(high_above=600, mid_from=599, acting_user=hq_user)
    assert listed(store, today)["1"].segment == "mid"
    set_spend_thresholds(high_above=599, mid_from=1, acting_user=hq_user)
    assert listed(store, today)["1"].segment == "high"


def test_who_serves_the_client_on_most_days(come: Come, store: Store, today: date) -> None:
    ann, bea = (StaffMember.objects.create(code=name, name=name, store=store) for name in ("Ann", "Bea"))
    come("1", 125, 95, by=ann)
    come("1", 65, by=bea)
    come("1", 35)
    come("2", 95, by=ann)
    come("2", 65, 35, by=bea)
    come("3", 95, 65, by=ann)
    come("3", 94, 34, by=bea)
    come("4", 95, 65, 35)
    staff = {ref: one.staff_id for ref, one in listed(store, today).items()}
    assert staff == {"1": ann.pk, "2": bea.pk, "3": bea.pk, "4": 0}


def test_a_merged_client_is_one(come: Come, five: list[Client], store: Store, hq_user: User, today: date) -> None:
    merge_clients(keep=five[0], gone=five[1], acting_user=hq_user)
    assert "2" not in listed(store, today)


def test_an_anonymous_visit_is_nobodys(come: Come, store: Store, hq_user: User, today: date) -> None:
    come("1", 90, 60, 30)
    lines = [NewLine(amount=Decimal(5))]
    for ago in (90, 60, 40):
        day = today - timedelta(days=ago)
        record_visit(acting_user=hq_user, store=store, client=None, day=day, lines=lines)
    assert not listed(store, today)


def test_while_facts_are_being_built_the_visits_answer(
    come: Come, five: list[Client], store: Store, today: date
) -> None:
    before = absence_of(store, today=today)
    FactLayout.objects.update(layout=1)
    assert absence_of(store, today=today) == before
