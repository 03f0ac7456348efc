"""Files of appointments."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from core.appointments.models import Appointment
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.imports.services.results import ImportRefused, ImportResult
from core.membership.declaration import Action
from core.staff.models import StaffMember
from core.stores.models import Store

Bring = Callable[..., ImportResult]
Refusal = Callable[..., list[str]]
pytestmark = pytest.mark.usefixtures("stores", "english")

CHINESE = (
    "预约单号,顾客姓名,手机号,预约时间,结束时间,预约项目,预约技师,门店,预约状态,备注\n"
    "Y1,王芳,139 3307 9244,2025-03-04 10:00,11:30,基础护理,小美,Salon S1,已完成,要安静房间\n"
    "Y2,李娜,13800000002,2025-03-05 14:00,,基础护理,小美,S2,爽约,\n"
)


def told(*names: str) -> list[tuple[object, ...]]:
    return list(Appointment.objects.order_by("pk").values_list(*names))


def test_a_file_of_a_chinese_till(bring: Bring) -> None:
    result = bring("appointments", CHINESE, create_missing=True)
    assert (result.created, result.updated, result.rejected) == (2, 0, 0)
    first = Appointment.objects.get(ref="Y1")
    assert (first.day, first.start_time, first.duration_min) == (date(2025, 3, 4), time(10), 90)
    assert (first.store.code, first.status, first.note) == ("S1", "completed", "要安静房间")
    assert first.client is not None
    assert (first.client.name, first.client.phone, first.client.ref_key) == ("王芳", "139 3307 9244", "13933079244")
    assert (str(first.service), str(first.staff)) == ("基础护理", "小美")
    assert StaffMember.objects.get().store == first.store
    assert Appointment.objects.get(ref="Y2").status == Appointment.Status.NO_SHOW


def test_the_same_file_again_changes_nothing_and_a_later_one_updates(bring: Bring) -> None:
    bring("appointments", CHINESE, create_missing=True)
    again = bring("appointments", CHINESE, create_missing=True)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    later = CHINESE.replace("2025-03-05 14:00", "2025-03-06 15:00").replace("爽约", "已取消")
    moved = bring("appointments", later)
    assert (moved.created, moved.updated, moved.unchanged) == (0, 1, 1)
    assert told("day", "start_time", "status")[1] == (date(2025, 3, 6), time(15), "cancelled")
    assert Client.objects.count() == 2


def test_without_numbers_an_appointment_is_its_client_time_and_service(bring: Bring) -> None:
    head = "client_ref,started_at,service_code,status,staff_code\n"
    rows = (
        "C1,2025-03-04 10:00,Cut,booked,ANN\nC1,2025-03-04 10:00,Colour,booked,ANN\nC2,2025-03-04 10:00,Cut,booked,\n"
    )
    bring("appointments", head + rows, create_missing=True, store="S1")
    result = bring("appointments", head + "C1,2025-03-04 10:00,Colour,done,BEA\n", create_missing=True, store="S1")
    assert (result.created, result.updated) == (0, 1)
    assert told("service__code", "status", "staff__code") == [
        ("Cut", "booked", "ANN"), ("Colour", "completed", "BEA"), ("Cut", "booked", None),
    ]  # fmt: skip


def test_alike_rows_are_as_many_appointments(bring: Bring) -> None:
    text = "client_ref,started_at,status\nC1,2025-03-04 10:00,cancelled\nC1,2025-03-04 10:00,booked\n"
    bring("appointments", text, create_missing=True, store="S1")
    again = bring("appointments", text.replace("booked", "completed"), store="S1")
    assert (again.created, again.updated, again.unchanged) == (0, 1, 1)
    assert told("status") == [("cancelled",), ("completed",)]


def test_a_later_file_says_the_service(bring: Bring) -> None:
    bring("appointments", "client_ref,started_at,status\nC1,2025-03-04 10:00,new\n", create_missing=True, store="S1")
    text = "client_ref,started_at,status,service_code\nC1,2025-03-04 10:00,done,Cut\nC1,2025-03-04 10:00,done,Gel\n"
    assert bring("appointments", text, create_missing=True, store="S1").created == 1
    assert told("service__code", "status") == [("Cut", "completed"), ("Gel", "completed")]
    assert bring("appointments", text.replace("Cut", ""), store="S1").unchanged == 2


def test_several_services_of_one_number(bring: Bring) -> None:
    head = "appointment_ref,client_ref,started_at,service_code,status\n"
    bring("appointments", head + "7,C1,2025-03-04 10:00,Cut,new\n", create_missing=True, store="S1")
    rows = "7,C1,2025-03-04 10:00,Colour,new\n7,C1,2025-03-04 10:00,Cut,done\n"
    bring("appointments", head + rows, create_missing=True, store="S1")
    assert told("service__code", "status") == [("Cut", "completed"), ("Colour", "booked")]
    # The number comes again with one service alone, which is another now.
    bring("appointments", head + "7,C1,2025-03-04 10:00,Gel,new\n", create_missing=True, store="S2")
    bring("appointments", head + "7,C1,2025-03-04 10:00,Care,new\n", create_missing=True, store="S2")
    assert told("service__code") == [("Cut",), ("Colour",), ("Care",)]


def test_the_same_number_of_another_client_is_another_appointment(bring: Bring) -> None:
    head = "appointment_ref,client_ref,started_at,status\n"
    bring("appointments", head + "1,C1,2025-03-04 10:00,done\n", create_missing=True, store="S1")
    bring("appointments", head + "1,C2,2025-04-04 10:00,done\n", create_missing=True, store="S1")
    assert told("client__ref", "day") == [("C1", date(2025, 3, 4)), ("C2", date(2025, 4, 4))]


def test_appointments_to_come(bring: Bring, refusal: Refusal) -> None:
    day = timezone.localdate() + timedelta(days=60)
    bring("appointments", f"client_ref,started_at,status\nC1,{day} 10:00,booked\n", create_missing=True, store="S1")
    assert told("day") == [(day,)]
    far = day + timedelta(days=2000)
    text = f"client_ref,started_at,status\nC1,{far} 10:00,booked\n"
    assert "lies in the future" in refusal("appointments", text, store="S1")[0]
    assert "lies in the future" in refusal("visits", f"client_ref,started_at,amount\nC1,{day},5\n", store="S1")[0]


def test_clients_are_found_by_number_phone_and_name(bring: Bring) -> None:
    bring("clients", "client_ref,name,phone\nC1,Anna Lee,+86 139-3307-9244\nC2,Bea,13800000002\n13700000003,,\n")
    text = (
        "Client,Phone,Name,started_at,status\nc1,,,2025-03-04,done\n,13933079244,,2025-03-05,done\n"
        ",,anna  LEE,2025-03-06,done\n"
        "138 0000 0002,,,2025-03-07,done\n,137 0000 0003,,2025-03-08,done\n,,,2025-03-09,done\n散客,,,2025-03-10,done\n"
    )
    bring("appointments", text, store="S1", mapping={"Name": "client_name"})
    found = ["C1", "C1", "C1", "C2", "13700000003", None, None]
    assert [ref for (ref,) in told("client__ref")] == found


def test_clients_who_are_not_known_or_not_certain(bring: Bring, refusal: Refusal) -> None:
    bring("clients", "client_ref,name\nC1,Anna Lee\nC2,Anna Lee\n")
    text = "Client,started_at,status\nAnna Lee,2025-03-04,done\nC9,2025-03-04,done\n"
    assert refusal("appointments", text, store="S1") == [
        "line 2, Client: Several clients are called “Anna Lee”: give the client number.",
        "line 3, Client: There is no client “C9”.",
    ]
    result = bring("appointments", text, store="S1", create_missing=True, skip_bad_rows=True)
    assert (result.created, result.rejected) == (1, 1)
    assert Client.objects.count() == 3


def test_the_register_learns_what_it_does_not_know(bring: Bring) -> None:
    bring("clients", "client_ref,name\nC1,Anna\n")
    text = "client_ref,client_name,client_phone,started_at,status\nC1,Other,13933079244,2025-03-04,done\n"
    bring("appointments", text, store="S1")
    assert Client.objects.values_list("name", "phone").get() == ("Anna", "13933079244")
    assert AuditEntry.objects.filter(action=Action.CLIENT_CHANGED).count() == 1


def test_each_store_may_number_its_own_clients(bring: Bring) -> None:
    text = "client_ref,store_code,started_at,status\n17,S1,2025-03-04,done\n17,S2,2025-03-04,done\n"
    bring("appointments", text, create_missing=True, client_ref_per_store=True)
    assert bring("appointments", text, client_ref_per_store=True).unchanged == 2
    assert Client.objects.count() == 2


def test_what_is_not_known_is_asked_about_once(bring: Bring, stores: list[Store]) -> None:
    text = "client_ref,started_at,status,store_code,staff_code,service_code\nC1,2025-03-04,Zapped,Nowhere,Who,What\n"
    with pytest.raises(ImportRefused) as refused:
        bring("appointments", text)
    keys = {question.key for question in refused.value.result.open_questions}
    assert keys == {"status:Zapped", "store:Nowhere", "staff:Who", "service:What"}
    answers = {"status:Zapped": "no_show", "store:Nowhere": "S2", "staff:Who": "create", "service:What": "create"}
    bring("appointments", text, answers=answers, create_missing=True)
    assert told("status", "store__code", "staff__code", "service__category__name") == [
        ("no_show", "S2", "Who", "uncategorised")
    ]


def test_a_file_without_states_asks_what_became_of_all(bring: Bring) -> None:
    text = "client_ref,started_at\nC1,2025-03-04 10:00\n"
    with pytest.raises(ImportRefused) as refused:
        bring("appointments", text, store="S1", create_missing=True)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.rows, question.proposed) == ("status:none", 1, "booked")
    bring("appointments", text, store="S1", create_missing=True, answers={"status:none": "cancelled"})
    assert told("status") == [("cancelled",)]
    # A list of what is booked does not say that it was not cancelled.
    assert bring("appointments", text, store="S1", answers={"status:none": "booked"}).unchanged == 1
    bring("appointments", text, store="S1", constants={"status": "completed"})
    assert told("status") == [("completed",)]


def test_a_no_show_without_time_is_of_the_appointment_of_that_day(bring: Bring) -> None:
    bookings = (
        "client_ref,started_at,service_code,status\nC1,2025-03-04 10:00,Cut,booked\nC2,2025-03-04 9:00,Cut,booked\n"
    )
    missed = "client_ref,started_at,service_code,status\nC1,2025-03-04,Cut,no show\n"
    bring("appointments", bookings, store="S1", create_missing=True)
    result = bring("appointments", missed, store="S1")
    assert [(question.key, question.taken) for question in result.questions if "times" in question.key] == [
        ("appointments:times", "same")
    ]
    assert told("start_time", "status") == [(time(10), "no_show"), (time(9), "booked")]
    assert bring("appointments", missed, store="S1").unchanged == 1


def test_a_no_show_of_nobody_known_is_of_the_same_staff(bring: Bring) -> None:
    head = "client_ref,started_at,service_code,staff_code,status\n"
    booked = head + ",2025-03-04 10:00,Cut,ANN,booked\n,2025-03-04 10:00,Cut,BEA,booked\n"
    bring("appointments", booked, store="S1", create_missing=True)
    bring("appointments", head + ",2025-03-04,Cut,BEA,no show\n", store="S1")
    assert told("staff__code", "status") == [("ANN", "booked"), ("BEA", "no_show")]


def test_a_time_comes_to_an_appointment_without_one(bring: Bring) -> None:
    missed = "client_ref,started_at,status\nC1,2025-03-04,no show\n"
    bring("appointments", missed, store="S1", create_missing=True)
    result = bring("appointments", missed.replace("2025-03-04", "2025-03-04 10:00"), store="S1")
    assert (result.created, result.updated) == (0, 1)
    assert told("start_time") == [(time(10),)]


def test_a_cancellation_without_time_is_asked_about(bring: Bring) -> None:
    head = "client_ref,started_at,status\n"
    cancelled = head + "C1,2025-03-04,cancelled\n"
    bring("appointments", head + "C1,2025-03-04 10:00,booked\n", store="S1", create_missing=True)
    with pytest.raises(ImportRefused) as refused:
        bring("appointments", cancelled, store="S1")
    (question,) = refused.value.result.open_questions
    assert (question.rows, question.examples) == (1, ("C1 · 2025-03-04",))
    bring("appointments", cancelled, store="S1", answers={"appointments:times": "other"})
    assert told("start_time", "status") == [(time(10), "booked"), (time(0), "cancelled")]
    assert bring("appointments", cancelled, store="S1").unchanged == 1


@pytest.mark.parametrize(
    ("cells", "minutes"),
    [
        ({"started_at": "2025-03-04 14:00-15:30"}, 90),
        ({"started_at": "2025年3月4日 14:00～14:45"}, 45),
        ({"started_at": "2025-03-04", "start_time": "9:30 - 10:00"}, 30),
        ({"started_at": "2025-03-04 14:00", "ended_at": "15:00"}, 60),
        ({"started_at": "2025-03-04 14:00", "ended_at": "2025-03-04 15:10"}, 70),
        ({"started_at": "2025-03-04 14:00-15:30", "duration_min": "60"}, 60),
        ({"started_at": "2025-03-04 23:30-00:30"}, None),
        ({"started_at": "2025-03-04"}, None),
    ],
)
def test_how_long_it_takes(bring: Bring, cells: dict[str, str], minutes: int | None) -> None:
    row = {"client_ref": "C1", "status": "done", **cells}
    bring("appointments", f"{','.join(row)}\n{','.join(row.values())}\n", store="S1", create_missing=True)
    assert told("duration_min") == [(minutes,)]


def test_bad_rows_are_refused_or_left_out(bring: Bring, refusal: Refusal) -> None:
    head = "client_ref,started_at,status,store_code,duration_min\n"
    text = head + "C1,soon,done,S1,\nC1,2025-03-04,done,,\nC1,2025-03-04,done,S1,long\n"
    assert [line.partition(":")[0] for line in refusal("appointments", text, create_missing=True)] == [
        "line 2, started_at", "line 3, store_code",
    ]  # fmt: skip
    result = bring("appointments", text, create_missing=True, skip_bad_rows=True)
    assert (result.created, result.rejected) == (1, 2)
    assert told("duration_min") == [(None,)]


def test_an_empty_cell_leaves_what_is_known(bring: Bring) -> None:
    head = "appointment_ref,client_ref,started_at,duration_min,note,status\n"
    bring("appointments", head + "1,C1,2025-03-04 10:00,60,Window,confirmed\n", store="S1", create_missing=True)
    assert bring("appointments", head + "1,C1,2025-03-04 10:00,,,\n", store="S1").unchanged == 1
    assert told("duration_min", "note", "status") == [(60, "Window", "confirmed")]


SEVERAL = "client_ref,started_at,duration_min,service_code,status\nC1,2025-03-04 10:00,90,Cut; Colour,booked\n"


def test_several_services_in_one_cell_are_asked_about(bring: Bring) -> None:
    with pytest.raises(ImportRefused) as refused:
        bring("appointments", SEVERAL, create_missing=True, store="S1")
    (question,) = refused.value.result.open_questions
    assert (question.key, question.examples) == ("items:several", ("Cut; Colour → Cut | Colour",))
    assert [choice.value for choice in question.choices] == ["first", "whole"]
    options = {"create_missing": True, "store": "S1", "answers": {"items:several": "first"}}
    assert bring("appointments", SEVERAL, **options).created == 2
    # In one moment, in whichever order.
    assert set(told("service__code", "duration_min")) == {("Cut", 90), ("Colour", None)}
    assert bring("appointments", SEVERAL, **options).unchanged == 2
    later = SEVERAL.replace("Cut; Colour", "Colour; Cut").replace("booked", "done")
    assert bring("appointments", later, **options).updated == 2
    done = {("Cut", "completed", 90), ("Colour", "completed", 90)}
    assert set(told("service__code", "status", "duration_min")) == done


def test_or_each_cell_is_one_service(bring: Bring) -> None:
    bring("appointments", SEVERAL, create_missing=True, store="S1", answers={"items:several": "whole"})
    assert told("service__code") == [("Cut; Colour",)]


MOVED = "client_ref,started_at,service_code,status\n"
KNOWN = MOVED + "C1,2025-03-04 10:00,Cut,booked\nC2,2025-03-04 10:00,Cut,booked\n"


def asks_whether_moved(result: ImportResult) -> bool:
    return "appointments:moved" in {question.key for question in result.questions}


@pytest.mark.parametrize("moment", ["2025-03-04 15:00", "2025-03-06 10:00", "2025-02-28 09:00"])
def test_an_appointment_at_another_time_is_asked_about(bring: Bring, moment: str) -> None:
    options = {"create_missing": True, "store": "S1"}
    bring("appointments", KNOWN, **options)
    later = f"{MOVED}C1,{moment},Cut,booked\nC2,2025-03-04 10:00,Cut,booked\n"
    with pytest.raises(ImportRefused) as refused:
        bring("appointments", later, **options)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.proposed, question.rows) == ("appointments:moved", "same", 1)
    assert question.examples == (f"C1 · Cut · 2025-03-04 10:00 → {moment}",)
    result = bring("appointments", later, **options, answers={"appointments:moved": "same"})
    assert (result.created, result.updated, result.unchanged) == (0, 1, 1)
    assert f"{told('day')[0][0]} {told('start_time')[0][0]:%H:%M}" == moment
    again = bring("appointments", later, **options)
    assert (again.unchanged, asks_whether_moved(again)) == (2, False)


def test_or_it_is_another_appointment(bring: Bring) -> None:
    bring("appointments", KNOWN, create_missing=True, store="S1")
    later = MOVED + "C1,2025-03-04 15:00,Cut,booked\n"
    assert bring("appointments", later, store="S1", answers={"appointments:moved": "other"}).created == 1
    assert not asks_whether_moved(bring("appointments", later, store="S1"))


def test_several_of_a_client_are_moved_to_what_is_nearest(bring: Bring) -> None:
    rows = "C1,2025-03-04 10:00,Cut,booked\nC1,2025-03-06 10:00,Cut,booked\n"
    bring("appointments", MOVED + rows, create_missing=True, store="S1")
    later = MOVED + rows.replace("10:00", "11:00")
    assert bring("appointments", later, store="S1", answers={"appointments:moved": "same"}).updated == 2
    assert told("day", "start_time") == [(date(2025, 3, 4), time(11)), (date(2025, 3, 6), time(11))]


@pytest.mark.parametrize(
    "row",
    [
        # Another client, service or week; cancelled; the known one is in the file too.
        "C3,2025-03-04 15:00,Cut,booked",
        "C1,2025-03-04 15:00,Gel,booked",
        "C1,2025-03-11 10:00,Cut,booked",
        "C1,2025-03-04 15:00,Cut,cancelled",
        "C1,2025-03-04 15:00,Cut,booked\nC1,2025-03-04 10:00,Cut,booked",
    ],
)
def test_where_nothing_was_moved_it_is_not_asked(bring: Bring, row: str) -> None:
    bring("appointments", KNOWN, create_missing=True, store="S1")
    result = bring("appointments", f"{MOVED}{row}\n", create_missing=True, store="S1")
    assert (result.created, asks_whether_moved(result)) == (1, False)


def test_of_one_that_is_over_nothing_was_moved(bring: Bring) -> None:
    bring("appointments", KNOWN.replace("booked", "done"), create_missing=True, store="S1")
    assert not asks_whether_moved(bring("appointments", MOVED + "C1,2025-03-05 10:00,Cut,booked\n", store="S1"))
