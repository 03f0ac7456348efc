"""What a visits file means: which rows are one visit, and what a second reading changes."""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.imports.services.kinds import visit_staging
from core.imports.services.results import ImportRefused, ImportResult
from core.reporting.answers import answer
from core.reporting.models import ClientFacts, StoreDay
from core.reporting.question import Question
from core.staff.models import StaffMember
from core.stores.models import Store
from core.visits.models import AppendedLines, Visit, VisitLine
from tenants.models import Chain
from tests.core.reporting.kept_facts import kept_facts

Bring = Callable[..., ImportResult]
pytestmark = pytest.mark.usefixtures("stores")


def counts(result: ImportResult) -> tuple[int, int, int, int, int]:
    return result.rows, result.created, result.updated, result.unchanged, result.rejected


def visits(*rows: str, head: str = "client_ref,started_at,amount,store_code,visit_ref,item") -> str:
    return "\n".join([head, *rows]) + "\n"


FILE = visits(
    "C1,2025-03-04 10:30,80,S1,1,Cut",
    "C1,2025-03-04 10:30,40,S1,1,Colour",
    "C2,2025-03-04 11:00,90,S1,1,Cut",
    "C1,2025-03-05,90,S2,1,Cut",
    ",2025-03-05,15,S2,2,Cut",
)


def bring_file(bring: Bring, content: str = FILE, **options: object) -> ImportResult:
    return bring("visits", content, create_missing=True, **options)


def test_a_visit_is_a_receipt_of_a_client_at_a_store(bring: Bring) -> None:
    assert counts(bring_file(bring)) == (5, 4, 0, 0, 0)
    found = Visit.objects.order_by("store__code", "ref", "client__ref").values_list(
        "store__code", "ref", "client__ref", "day", "start_time"
    )
    assert list(found) == [
        ("S1", "1", "C1", date(2025, 3, 4), time(10, 30)),
        ("S1", "1", "C2", date(2025, 3, 4), time(11)),
        ("S2", "1", "C1", date(2025, 3, 5), time(0)),
        ("S2", "2", None, date(2025, 3, 5), time(0)),
    ]
    first = Visit.objects.get(store__code="S1", client__ref="C1")
    assert list(first.lines.order_by("pk").values_list("service__code", "amount")) == [
        ("Cut", Decimal(80)),
        ("Colour", Decimal(40)),
    ]


def test_the_facts_follow(bring: Bring) -> None:
    bring_file(bring)
    assert sum(fact.is_lead for fact in kept_facts(whole_days=True)) == 3
    assert StoreDay.objects.aggregate(Sum("lines"), Sum("anonymous_lines")) == {
        "lines__sum": 5,
        "anonymous_lines__sum": 1,
    }


def test_the_same_file_again_changes_nothing(bring: Bring) -> None:
    bring_file(bring)
    before = list(VisitLine.objects.order_by("pk").values_list())
    facts = list(ClientFacts.objects.order_by("pk").values_list())
    assert counts(bring_file(bring)) == (5, 0, 0, 4, 0)
    assert list(VisitLine.objects.order_by("pk").values_list()) == before
    assert list(ClientFacts.objects.order_by("pk").values_list()) == facts


def test_the_order_of_rows_does_not_matter(bring: Bring) -> None:
    bring_file(bring)
    head, *rows = FILE.splitlines()
    assert counts(bring_file(bring, visits(*reversed(rows), head=head))) == (5, 0, 0, 4, 0)


def test_a_changed_visit_is_replaced_as_a_whole(bring: Bring) -> None:
    bring_file(bring)
    changed = visits("C1,2025-03-04 10:30,85,S1,1,Cut")
    assert counts(bring_file(bring, changed)) == (1, 0, 1, 0, 0)
    visit = Visit.objects.get(store__code="S1", client__ref="C1")
    assert list(visit.lines.values_list("amount", flat=True)) == [Decimal(85)]
    assert Visit.objects.count() == 4
    assert counts(bring_file(bring)) == (5, 0, 1, 3, 0)


def test_a_visit_that_changes_its_date_moves(bring: Bring) -> None:
    bring_file(bring)
    moved = visits("C1,2025-03-07,90,S2,1,Cut")
    assert counts(bring_file(bring, moved, answers={"receipts:days": "moved"})) == (1, 0, 1, 0, 0)
    assert Visit.objects.get(store__code="S2", client__ref="C1").day == date(2025, 3, 7)
    client = Client.objects.get(ref="C1").pk
    assert [fact.day for fact in kept_facts(whole_days=True) if fact.client_id == client] == [
        date(2025, 3, 4),
        date(2025, 3, 7),
    ]
    assert not StoreDay.objects.filter(store_id=Store.objects.get(code="S2").pk, day=date(2025, 3, 5), lines=2).exists()


def test_what_a_file_does_not_name_stays(bring: Bring) -> None:
    bring_file(bring)
    bring_file(bring, visits("C9,2025-03-09,90,S2,9,Cut"))
    assert Visit.objects.count() == 5


def test_a_visit_moved_by_hand_is_still_known(bring: Bring) -> None:
    bring_file(bring)
    other = Client.objects.create(ref="C3")
    Visit.objects.filter(store__code="S2", client__ref="C1").update(client=other, day=date(2025, 3, 6))
    assert counts(bring_file(bring)) == (5, 0, 0, 4, 0)
    assert Visit.objects.get(client=other).day == date(2025, 3, 6)


def test_a_void_visit_stays_void_until_the_file_says_something_else(bring: Bring) -> None:
    bring_file(bring)
    visit = Visit.objects.get(store__code="S2", client__ref="C1")
    Visit.objects.filter(pk=visit.pk).update(voided_at="2025-03-06T00:00Z")
    assert counts(bring_file(bring)) == (5, 0, 0, 4, 0)
    visit.refresh_from_db()
    assert visit.voided_at
    result = bring_file(bring, visits("C1,2025-03-05,95,S2,1,Cut"))
    visit.refresh_from_db()
    assert visit.voided_at is None
    assert [finding.message for finding in result.findings] == [
        "1 visit that had been voided is back, because the file now says something else of it."
    ]


def test_without_receipts_a_visit_is_a_day_of_a_client(bring: Bring) -> None:
    head = "client_ref,started_at,amount,store_code"
    file = visits("C1,2025-03-04 10:30,80,S1", "C1,2025-03-04 09:30,20,S1", "C1,2025-03-05,20,S1", head=head)
    assert counts(bring_file(bring, file)) == (3, 2, 0, 0, 0)
    assert Visit.objects.get(day=date(2025, 3, 4)).start_time == time(9, 30)
    less = visits("C1,2025-03-04,80,S1", head=head)
    assert counts(bring_file(bring, less, answers={"days:lines": "replace"})) == (1, 0, 1, 0, 0)
    assert VisitLine.objects.count() == 2


def test_rows_without_a_receipt_are_days_too(bring: Bring) -> None:
    file = visits("C1,2025-03-04,80,S1,,Cut", "C1,2025-03-04,20,S1,,Cut", "C1,2025-03-04,20,S1,1,Cut")
    assert counts(bring_file(bring, file)) == (3, 2, 0, 0, 0)


def test_append_adds_to_a_day_once(bring: Bring) -> None:
    head = "client_ref,started_at,amount,store_code"
    morning = visits("C1,2025-03-04,80,S1", head=head)
    afternoon = visits("C1,2025-03-04,30,S1", "C2,2025-03-04,30,S1", head=head)
    bring_file(bring, morning)
    assert counts(bring_file(bring, afternoon, append=True)) == (2, 1, 1, 0, 0)
    assert counts(bring_file(bring, afternoon, append=True)) == (2, 0, 0, 2, 0)
    assert Visit.objects.count() == 2
    assert VisitLine.objects.count() == 3
    whole = visits("C1,2025-03-04,30,S1", "C1,2025-03-04,80,S1", "C2,2025-03-04,30,S1", head=head)
    assert counts(bring_file(bring, whole)) == (3, 0, 0, 2, 0)
    assert counts(bring_file(bring, morning)) == (1, 0, 0, 1, 0)
    assert counts(bring_file(bring, afternoon, append=True)) == (2, 0, 0, 2, 0)
    assert AppendedLines.objects.count() == 3


def test_categories(bring: Bring) -> None:
    hair = ServiceCategory.objects.create(name="Hair")
    Service.objects.create(code="CUT", name="The cut", category=hair)
    head = "client_ref,started_at,amount,store_code,service_code,item,category"
    file = visits(
        "C1,2025-03-04,1,S1,CUT,,",
        "C1,2025-03-05,1,S1,,The cut, Skin ",
        "C1,2025-03-06,1,S1,,the CUT,",
        "C1,2025-03-07,1,S1,,New,Nails",
        "C1,2025-03-08,1,S1,,New,",
        "C1,2025-03-09,1,S1,,,",
        "C1,2025-03-10,1,S1,,,hair",
        head=head,
    )
    bring_file(bring, file)
    lines = VisitLine.objects.order_by("visit__day")
    assert [(line.service and line.service.code, line.current_category.name) for line in lines] == [
        ("CUT", "Hair"),
        ("CUT", "Skin"),
        ("CUT", "Hair"),
        ("New", "Nails"),
        ("New", "Nails"),
        (None, "uncategorised"),
        (None, "Hair"),
    ]
    assert Service.objects.get(code="New").category.name == "Nails"


def test_lines_follow_their_service_into_another_category(bring: Bring) -> None:
    """Also receipts that came before the file of services; what a row says of its own stays."""
    head = "client_ref,started_at,amount,store_code,item,category"
    file = visits("C1,2025-03-04,1,S1,Cut,", "C2,2025-03-05,1,S1,Cut,Skin", "C3,2025-03-06,1,S1,,", head=head)
    bring_file(bring, file)
    assert by_category() == {"uncategorised": 2, "Skin": 1}
    bring("services", "service_code,name,category\nCut,The cut,Hair\n")
    assert by_category() == {"Hair": 1, "Skin": 1, "uncategorised": 1}
    assert counts(bring_file(bring, file)) == (3, 0, 0, 3, 0)


def by_category() -> dict[str, int]:
    question = Question(start=date(2025, 3, 1), end=date(2025, 4, 1), by="category")
    return {group.key: group.clients for group in answer(question).groups}


def test_stubs_are_made_where_rows_need_them(bring: Bring) -> None:
    bring_file(
        bring,
        visits(
            "C1,2025-03-04,1,S2,1,Cut,ANN", head="client_ref,started_at,amount,store_code,visit_ref,item,staff_code"
        ),
    )
    assert list(StaffMember.objects.values_list("code", "name", "store__code")) == [("ANN", "ANN", "S2")]
    assert list(Service.objects.values_list("code", "name", "category__name")) == [("Cut", "Cut", "uncategorised")]
    assert list(Client.objects.values_list("ref", "name", "ref_store", "store")) == [("C1", "", None, None)]


def test_quantities(bring: Bring) -> None:
    head = "client_ref,started_at,amount,store_code,quantity"
    file = visits(
        "C1,2025-03-04,1,S1,", "C1,2025-03-05,-5,S1,-1", "C1,2025-03-06,0,S1,1.50", "C1,2025-03-07,-5,S1,2", head=head
    )
    bring_file(bring, file)
    found = VisitLine.objects.order_by("visit__day").values_list("quantity", "amount")
    assert list(found) == [(1, 1), (-1, -5), (Decimal("1.5"), 0), (2, -5)]


def test_without_quantities_a_negative_amount_is_a_return(bring: Bring) -> None:
    bring_file(bring, visits("C1,2025-03-04,-5,S1,1,Cut", "C1,2025-03-04,(5.00),S1,2,Cut", "C1,2025-03-04,0,S1,3,Cut"))
    assert list(VisitLine.objects.order_by("visit__ref").values_list("quantity", "amount")) == [
        (-1, -5),
        (-1, -5),
        (1, 0),
    ]


def test_a_return_gives_money_back(bring: Bring) -> None:
    head = "client_ref,started_at,amount,store_code,quantity"
    result = bring_file(bring, visits("C1,2025-03-04,70,S1,-1", head=head))
    assert VisitLine.objects.get().amount == -70
    assert [finding.message for finding in result.findings] == [
        "1 return had an amount above 0; it is taken as money given back."
    ]


def test_other_columns(bring: Bring) -> None:
    head = "client_ref,started_at,amount,store_code,kind,paid_by_card,duration_min,rating"
    bring_file(bring, visits("C1,2025-03-04,1,S1,product,yes,45,4.75", "C1,2025-03-05,1,S1,,,,", head=head))
    found = VisitLine.objects.order_by("visit__day").values_list("kind", "paid_by_card", "duration_min", "rating")
    assert list(found) == [("product", True, 45, Decimal("4.8")), ("service", False, None, None)]


def test_the_store_named_for_the_file_is_that_of_rows_that_name_none(bring: Bring) -> None:
    bring_file(bring, visits("C1,2025-03-04,1,S1,1,Cut", "C1,2025-03-04,1,,1,Cut"), store="S2")
    assert sorted(Visit.objects.values_list("store__code", flat=True)) == ["S1", "S2"]


def test_client_numbers_of_each_store(bring: Bring) -> None:
    file = visits("1,2025-03-04,1,S1,1,Cut", "1,2025-03-05,1,S2,1,Cut")
    assert counts(bring_file(bring, file, client_ref_per_store=True)) == (2, 2, 0, 0, 0)
    assert sorted(Client.objects.values_list("ref", "ref_store__code")) == [("1", "S1"), ("1", "S2")]
    assert counts(bring("visits", file, client_ref_per_store=True)) == (2, 0, 0, 2, 0)


def test_near_misses_of_unknown_clients_are_named(bring: Bring) -> None:
    Client.objects.create(ref="KERT01")
    with pytest.raises(ImportRefused) as refused:
        bring("visits", visits("KERT10,2025-03-04,1,S1,1,", "kert02,2025-03-04,1,S1,2,", "100%,2025-03-04,1,S1,2,"))
    assert [finding.message for finding in refused.value.result.findings] == [
        "There is no client “KERT10”. Did you mean KERT01?",
        "There is no client “kert02”. Did you mean KERT01?",
        "There is no client “100%”.",
    ]


def test_a_dry_run_keeps_nothing(bring: Bring) -> None:
    assert counts(bring_file(bring, dry_run=True)) == (5, 4, 0, 0, 0)
    assert not Visit.objects.exists()
    assert not Client.objects.exists()
    assert counts(bring_file(bring)) == (5, 4, 0, 0, 0)


def test_times_with_an_offset_are_the_stores_own(bring: Bring) -> None:
    Store.objects.filter(code="S2").update(time_zone="America/Vancouver")
    bring_file(bring, visits("C1,2025-03-04T23:30:00Z,1,S1,1,", "C1,2025-03-04 23:30:00+00:00,1,S2,1,"))
    found = Visit.objects.order_by("store__code").values_list("day", "start_time")
    assert list(found) == [(date(2025, 3, 5), time(7, 30)), (date(2025, 3, 4), time(15, 30))]


def test_one_receipt_of_an_order_of_recording(bring: Bring) -> None:
    """Of two visits of a client on one day the one first in the file comes first."""
    bring_file(bring, visits("C1,2025-03-04,1,S1,2,Cut", "C2,2025-03-03,1,S1,9,Cut", "C1,2025-03-04,1,S1,1,Cut"))
    assert list(Visit.objects.filter(client__ref="C1").order_by("pk").values_list("ref", flat=True)) == ["2", "1"]


def test_a_client_is_looked_up_by_an_index(chain: Chain) -> None:
    with connection.cursor() as cursor:
        visit_staging.make_tables(cursor)
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT ({visit_staging.known_client('0')}) FROM import_line i")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan" in plan.split("SubPlan")[1]


@pytest.mark.usefixtures("stores")
def test_the_time_of_day_in_a_column_of_its_own(bring: Bring) -> None:
    rows = [
        "S1,C1,2025-03-05,2:05 PM,50",
        "S1,C1,2025-03-05,9:10 AM,90",
        "S1,C2,2025-03-05 10:00,,50",
        "S1,C3,2025-03-05,?,5",
    ]
    result = bring("visits", "store_code,client_ref,Date,Time,amount\n" + "\n".join(rows) + "\n", create_missing=True)
    assert (result.created, result.rejected) == (3, 0)
    times = Visit.objects.order_by("client__ref").values_list("start_time", flat=True)
    assert [time.isoformat("minutes") for time in times] == ["09:10", "10:00", "00:00"]
    assert [finding.code for finding in result.findings] == ["bad_time"]


@pytest.mark.usefixtures("stores", "english")
def test_a_date_whose_time_cannot_be_read_is_kept(bring: Bring) -> None:
    result = bring("visits", visits("C1,2018-03-04 noon,1,S1,1", "C2,2018-03-05 24:00,1,S1,1"), create_missing=True)
    found = Visit.objects.order_by("day").values_list("day", "start_time")
    assert [f"{day} {time}" for day, time in found] == ["2018-03-04 00:00:00", "2018-03-05 23:59:00"]
    messages = {finding.code: finding.message for finding in result.findings}
    assert messages["bad_time"].startswith(
        "“2018-03-04 noon” has a date (2018-03-04) but no time that can be read: the date is kept."
    )
    assert messages["late_time"].startswith("“24:00” is after midnight: it is kept as 23:59.")
