"""What rows of a visits file mean: status, payment, items that are no visit, several services in a cell, totals."""

from collections.abc import Callable

import pytest

from core.clients.models import Client
from core.imports.services.questions import Question
from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
pytestmark = pytest.mark.usefixtures("stores")


def bring_rows(bring: Bring, head: str, *rows: str, **options: object) -> ImportResult:
    return bring("visits", "\n".join([head, *rows]) + "\n", **{"store": "S1", "create_missing": True, **options})


def asked(result: ImportResult) -> dict[str, tuple[str | None, int]]:
    return {question.key: (question.taken, question.rows) for question in result.questions}


def open_questions(bring: Bring, head: str, *rows: str, **options: object) -> list[Question]:
    with pytest.raises(ImportRefused) as refused:
        bring_rows(bring, head, *rows, **options)
    assert not Visit.objects.exists()
    return refused.value.result.open_questions


def refs() -> list[str]:
    return sorted(Visit.objects.values_list("ref", flat=True))


def lines() -> list[tuple[str, str]]:
    rows = VisitLine.objects.order_by("pk").values_list("service__name", "amount")
    return [(name, f"{amount:f}") for name, amount in rows]


STATUS = "Appt ref,Date,Client ID,Net,Status"


def test_cancelled_rows_are_left_out_and_it_is_said(bring: Bring) -> None:
    result = bring_rows(
        bring, STATUS, "A1,2025-03-05,C1,50,Completed", "A2,2025-03-06,C1,50,Cancelled",
        "A3,2025-03-07,C1,50,CANCELLED",
        "A4,2025-03-08,C2,50,no show", "A5,2025-03-09,C2,50,", "A6,2025-03-09,C3,50,已取消",
    )  # fmt: skip
    assert refs() == ["A1", "A5"]
    assert result.rows == 6
    assert asked(result) == {
        "status:Completed": ("counts", 1),
        "status:Cancelled": ("leave_out", 2),
        "status:no show": ("leave_out", 1),
        "status:已取消": ("leave_out", 1),
    }
    assert "4 rows are no visits and left out." in [finding.message for finding in result.findings]


def test_the_user_may_see_it_differently(bring: Bring) -> None:
    row = "A2,2025-03-06,C1,50,Cancelled"
    assert bring_rows(bring, STATUS, row, answers={"status:Cancelled": "counts"}).created == 1


def test_an_unknown_status_is_asked_about(bring: Bring) -> None:
    rows = ("A1,2025-03-05,C1,50,Completed", "A2,2025-03-06,C1,50,Parked", "A3,2025-03-06,C1,50,Parked")
    (question,) = open_questions(bring, STATUS, *rows)
    assert (question.key, question.rows) == ("status:Parked", 2)
    assert [choice.value for choice in question.choices] == ["counts", "leave_out", "refund"]
    bring_rows(bring, STATUS, *rows, answers={"status:Parked": "leave_out"})
    assert refs() == ["A1"]


def test_what_was_given_back_stays_as_a_return_where_it_is_one(bring: Bring) -> None:
    bring_rows(
        bring, STATUS, "A1,2025-03-05,C1,50,Refunded", "A2,2025-03-06,C1,50,Completed", "A2,2025-03-06,C1,-50,Refund"
    )
    assert refs() == ["A2"]
    assert lines() == [(None, "50.00"), (None, "-50.00")]


def test_a_column_of_many_unknown_words_is_one_question(bring: Bring) -> None:
    rows = [f"A{number},2025-03-05,C1,50,note {number}" for number in range(40)]
    questions = open_questions(bring, STATUS, *rows)
    assert len(questions) == 31
    assert questions[-1].key == "status:others"
    assert questions[-1].rows >= 10


@pytest.mark.parametrize(
    ("heading", "yes", "no"),
    [
        ("是否退款", "是", "否"),
        ("退单标识", "退单", ""),
        ("退款状态", "已退款", "未退款"),
        ("退款状态", "全部退款", "部分退款"),
        ("Is Refund", "TRUE", "FALSE"),
        ("Refund", "Yes", "No"),
        ("作废", "1", "0"),
        ("Cancelled At", "2025-03-06 10:00", "-"),
        ("Cancelled?", "x", "not yet"),
    ],
)
def test_a_column_that_says_what_does_not_count(bring: Bring, heading: str, yes: str, no: str) -> None:
    head = f"Appt ref,Date,Client ID,Net,Status,{heading}"
    rows = [
        f"A1,2025-03-05,C1,50,Completed,{no}",
        f"A2,2025-03-06,C1,50,Completed,{yes}",
        "A3,2025-03-07,C1,50,已取消,",
    ]
    bring_rows(bring, head, *rows)
    assert refs() == ["A1"]


PARTS = "Receipt,Date,Client,Service,Amount Paid"


@pytest.mark.parametrize(("part", "key"), [("Tip", "tip"), ("Tax", "tax"), ("Refund", "refund")])
def test_what_stands_beside_the_amount_is_asked_about(bring: Bring, part: str, key: str) -> None:
    head, rows = f"{PARTS},{part}", ["R1,2025-03-05,C1,Cut,55,5.00", "R2,2025-03-06,C1,Cut,60,10.00"]
    (question,) = open_questions(bring, head, *rows)
    assert question.key == f"parts:{key}"
    bring_rows(bring, head, *rows, answers={question.key: "take_off"})
    assert lines() == [("Cut", "50.00"), ("Cut", "50.00")]


@pytest.mark.parametrize(
    ("head", "cells"),
    [(f"{PARTS},Tip", "55,0.00"), ("Receipt,Date,Client,Service,Net,Tip", "55,5"), (f"{PARTS},Discount", "55,5")],
)
def test_what_is_not_in_the_amount_is_not_asked_about(bring: Bring, head: str, cells: str) -> None:
    assert bring_rows(bring, head, f"R1,2025-03-05,C1,Cut,{cells}").questions == []
    assert lines() == [("Cut", "55.00")]


def test_discounts_come_off_prices(bring: Bring) -> None:
    head = "单号,日期,会员号,商品,数量,单价,折扣"
    rows = ["R1,2025-03-05,C1,洗发水,3,20,8折", "R2,2025-03-06,C1,面膜,1,30,-5", "R3,2025-03-07,C1,梳子,1,30,"]
    (question,) = open_questions(bring, head, *rows)
    bring_rows(bring, head, *rows, answers={question.key: "take_off"})
    assert [amount for _name, amount in lines()] == ["48.00", "25.00", "30.00"]


def test_a_subtotal_is_taken_before_a_total_with_tax(bring: Bring) -> None:
    head = "Receipt,Date,Client,Service,Subtotal,Tax,Total"
    (question,) = open_questions(bring, head + ",Discount", "R1,2025-03-05,C1,Cut,50,4.00,49,5.00")
    assert question.key == "columns:amount"
    result = bring_rows(bring, head, "R1,2025-03-05,C1,Cut,50,4.00,54")
    assert lines() == [("Cut", "50.00")]
    assert asked(result) == {"columns:amount": ("Subtotal", 0)}


def test_what_was_paid_from_a_card_in_a_column_of_its_own(bring: Bring) -> None:
    head = "会员号,日期,项目,消费金额,储值卡支付,现金支付"
    bring_rows(bring, head, "M1,2025-03-05,护理,680,680.00,0", "M2,2025-03-05,护理,680,0.00,680")
    found = VisitLine.objects.order_by("visit__client__ref").values_list("paid_by_card", flat=True)
    assert list(found) == [True, False]


PAYMENTS = "会员号,日期,项目,实收金额,现金,微信,储值卡"


def test_a_column_of_a_card_beside_other_payments_is_asked_about(bring: Bring) -> None:
    rows = ("M1,2025-03-05,护理,680,680,0,0", "M2,2025-03-05,护理,680,0,0,680.00", "M3,2025-03-05,护理,99,0,99,-")
    (question,) = open_questions(bring, PAYMENTS, *rows)
    assert (question.key, question.proposed) == ("column:储值卡", "paid_by_card")
    result = bring_rows(bring, PAYMENTS, *rows, answers={"column:储值卡": "paid_by_card"})
    cards = VisitLine.objects.order_by("visit__client__ref").values_list("paid_by_card", flat=True)
    assert list(cards) == [False, True, False]
    assert not [finding for finding in result.findings if finding.code == "partly_by_card"]


def test_it_may_be_something_else(bring: Bring) -> None:
    bring_rows(bring, PAYMENTS, "M2,2025-03-05,护理,680,0,0,680", answers={"column:储值卡": "-"})
    assert not VisitLine.objects.filter(paid_by_card=True).exists()


@pytest.mark.parametrize("head", ["卡余额", "储值卡余额", "会员卡", "Gift card balance"])
def test_what_is_left_on_a_card_and_what_a_card_is_called_are_no_payments(bring: Bring, head: str) -> None:
    rows = ["M1,2025-03-05,护理,680,金卡"] if head == "会员卡" else ["M1,2025-03-05,护理,680,320.00"]
    bring_rows(bring, f"会员号,日期,项目,实收金额,{head}", *rows)
    assert VisitLine.objects.filter(paid_by_card=False).count() == 1


def test_what_was_paid_from_a_card_in_part_is_said(bring: Bring) -> None:
    rows = (
        "M1,2025-03-05,护理,¥680.00,300,0,\t380.00", "M2,2025-03-05,护理,680,0,0,680.00",
        "M3,2025-03-05,护理,\"1,680\",0,680,\"1,000\"",
    )  # fmt: skip
    result = bring_rows(bring, PAYMENTS, *rows, answers={"column:储值卡": "paid_by_card"})
    (partly,) = (finding for finding in result.findings if finding.code == "partly_by_card")
    assert partly.rows == 2
    assert "split them into a row for each way to pay" in partly.message


PAYMENT = "会员号,消费时间,项目,消费金额,支付方式"


@pytest.mark.parametrize("mapping", [{}, {"支付方式": "paid_by_card"}])
def test_how_it_was_paid(bring: Bring, mapping: dict[str, str]) -> None:
    result = bring_rows(
        bring, PAYMENT, "M1,2025-03-05,护理,680,微信支付", "M1,2025-04-05,护理,680,储值卡",
        "M2,2025-04-06,护理,680,次卡", "M2,2025-05-06,护理,680,", mapping=mapping,
    )  # fmt: skip
    cards = VisitLine.objects.order_by("visit__day").values_list("paid_by_card", flat=True)
    assert list(cards) == [False, True, True, False]
    assert asked(result) == {
        "payment:微信支付": ("money", 1), "payment:储值卡": ("card", 1), "payment:次卡": ("card", 1)
    }  # fmt: skip


def test_an_unknown_payment_is_asked_about(bring: Bring) -> None:
    rows = ("M1,2025-03-05,护理,680,储值卡+微信", "M1,2025-03-06,护理,680,现金")
    assert [question.key for question in open_questions(bring, PAYMENT, *rows)] == ["payment:储值卡+微信"]
    bring_rows(bring, PAYMENT, *rows, answers={"payment:储值卡+微信": "card"})
    assert VisitLine.objects.filter(paid_by_card=True).count() == 1


ITEMS = "Receipt,Date,Client ID,Item,Net"


def test_deposits_and_tips_are_no_visits(bring: Bring) -> None:
    rows = (
        "D1,2025-03-01,C1,Deposit - Balayage,50", "D2,2025-03-02,C1,Deposit - Cut,50", "R1,2025-03-15,C1,Balayage,150",
        "T2,2025-03-16,C2,Tip,5", "R3,2025-03-16,C3,Gel tips,50",
    )  # fmt: skip
    result = bring_rows(bring, ITEMS, *rows)
    assert refs() == ["R1", "R3"]
    assert asked(result) == {"items:deposit": ("leave_out", 2), "items:tip": ("leave_out", 1)}


def test_they_may_count(bring: Bring) -> None:
    bring_rows(bring, ITEMS, "T2,2025-03-16,C2,Tip,5", answers={"items:tip": "counts"})
    assert refs() == ["T2"]


def test_a_gift_card_is_sold(bring: Bring) -> None:
    bring_rows(
        bring, ITEMS, "R1,2025-03-15,C1,Gift Card $50,50", "R1,2025-03-15,C1,Cut,50", "R2,2025-03-15,C2,储值卡充值,5"
    )
    kinds = VisitLine.objects.order_by("pk").values_list("service__name", "kind")
    assert dict(kinds) == {"Gift Card $50": "card_sale", "Cut": "service", "储值卡充值": "card_sale"}


def test_a_file_of_left_out_rows_alone(bring: Bring) -> None:
    assert bring_rows(bring, ITEMS, "T2,2025-03-16,C2,Tip,5").created == 0


def test_rows_are_left_out_by_what_stands_in_a_column(bring: Bring) -> None:
    result = bring_rows(
        bring, f"{ITEMS},Till", "R1,2025-03-15,C1,Cut,50,front", "R2,2025-03-15,C2,Cut,50,Training ",
        "R3,2025-03-15,C2,Cut,50,test", leave_out={"Till": ["training", "test"]},
    )  # fmt: skip
    assert refs() == ["R1"]
    assert "2 rows are left out, as asked." in [finding.message for finding in result.findings]


def test_a_column_that_is_not_there_leaves_nothing_out(refusal: Callable[..., list[str]]) -> None:
    message = refusal("clients", "client_ref,name\nC1,Ann\n", leave_out={"Till": ["x"]})
    assert message == ["The file has no column “Till”. Its columns are: client_ref, name."]


SEVERAL = ('2025-03-05,M1,"剪发x1;\n护理x1",276', "2025-04-05,M1,剪发x1,88", "2025-04-06,M2,护理x1、剪发x1,275.01")


def test_several_services_in_a_cell_are_asked_about(bring: Bring) -> None:
    (question,) = open_questions(bring, "日期,会员号,项目,金额", *SEVERAL)
    assert (question.key, question.proposed, question.rows) == ("items:several", "first", 2)
    assert question.examples == ("剪发x1; 护理x1 → 剪发 | 护理", "护理x1、剪发x1 → 护理 | 剪发")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("first", [("剪发", "276.00"), ("护理", "0.00"), ("剪发", "88.00"), ("护理", "275.01"), ("剪发", "0.00")]),
        ("equal", [("剪发", "138.00"), ("护理", "138.00"), ("剪发", "88.00"), ("护理", "137.51"), ("剪发", "137.50")]),
        (
            "list_price",
            [("剪发", "76.00"), ("护理", "200.00"), ("剪发", "88.00"), ("护理", "199.29"), ("剪发", "75.72")],
        ),
        ("whole", [("剪发x1;\n护理x1", "276.00"), ("剪发x1", "88.00"), ("护理x1、剪发x1", "275.01")]),
    ],
)
def test_they_are_split_as_answered(bring: Bring, answer: str, expected: list[tuple[str, str]]) -> None:
    bring("services", "service_code,name,category,price\n1,剪发,A,76\n2,护理,A,200\n")
    bring_rows(bring, "日期,会员号,项目,金额", *SEVERAL, answers={"items:several": answer})
    found = VisitLine.objects.order_by("visit__day", "pk").values_list("service__name", "amount")
    assert [(name, f"{amount:f}") for name, amount in found] == expected


def test_a_service_that_is_known_by_such_a_name_is_whole(bring: Bring) -> None:
    bring("services", "service_code,name,category\n1,Cut; Colour,A\n2,Cut + Colour,A\n")
    rows = ("2025-03-05,M1,Cut; Colour,5", "2025-03-06,M1,Cut + Colour,5", "2025-03-07,M1,Wash + Go,5")
    assert not bring_rows(bring, "date,client,item,net", *rows).questions


def test_a_plus_parts_services_that_are_there_by_themselves(bring: Bring) -> None:
    rows = ("2025-03-05,M1,Cut,5", "2025-03-06,M1,Colour,5", "2025-03-07,M1,Cut + Colour,5")
    (question,) = open_questions(bring, "date,client,item,net", *rows)
    assert question.rows == 1


def test_a_bad_row_with_several_services_is_one_row(bring: Bring) -> None:
    rows = ('x,M1,"A;B",5', "2025-03-06,M1,A,5")
    options = {"answers": {"items:several": "first"}, "skip_bad_rows": True}
    result = bring_rows(bring, "date,client,item,net", *rows, **options)
    assert (result.rejected, result.created) == (1, 1)


TOTALS = ("1,2025-03-05,M1,Cut,80", "1,2025-03-05,M1,Colour,80", "2,2025-03-06,M1,Cut,95", "2,2025-03-06,M1,Mask,95")


def test_a_total_on_each_line_is_asked_about(bring: Bring) -> None:
    (question,) = open_questions(bring, ITEMS, *TOTALS)
    assert (question.key, question.proposed) == ("amount:repeated", "once")
    assert question.examples == ("1: Cut 80, Colour 80", "2: Cut 95, Mask 95")
    bring_rows(bring, ITEMS, *TOTALS, answers={"amount:repeated": "once"})
    assert lines() == [("Cut", "80.00"), ("Colour", "0.00"), ("Cut", "95.00"), ("Mask", "0.00")]


def test_the_same_file_again_changes_nothing(bring: Bring) -> None:
    options = {"answers": {"amount:repeated": "once"}}
    assert bring_rows(bring, ITEMS, *TOTALS, **options).created == 2
    assert bring_rows(bring, ITEMS, *TOTALS, **options).unchanged == 2


def test_services_of_one_price_are_no_totals(bring: Bring) -> None:
    rows = ("1,2025-03-05,M1,Cut,80", "1,2025-03-05,M1,Colour,80", "2,2025-03-06,M1,Cut,80", "2,2025-03-06,M1,Mask,80")
    assert bring_rows(bring, ITEMS, *rows).created == 2


def test_rows_that_go_take_what_they_tell_of_clients_along(bring: Bring) -> None:
    content = (
        "Date,Store,Mobile Number,Customer Name,Service,Net,Status\n"
        "2025-03-04,S1,13800000001,Ann,Cut,50,Cancelled\n"
        "2025-03-05,S1,13800000002,Bea,Cut; Colour,60,Completed\n"
    )
    result = bring("visits", content, create_missing=True, answers={"items:several": "first"})
    assert (result.created, result.rejected) == (1, 0)
    assert list(Client.objects.values_list("phone", "name")) == [("13800000002", "Bea")]


def test_the_amounts_of_several_payments_are_no_words(bring: Bring) -> None:
    """Some tills write how much was paid in each way; an answer holds for other amounts too."""
    ways = ["Cash(60)", '"Cash(20),GPay(40)"', "微信:60.00", "Balance(60)"]
    rows = [f"M1,2025-03-0{day},Cut,60,{way}" for day, way in enumerate(ways, 1)]
    assert [question.key for question in open_questions(bring, PAYMENT, *rows)] == ["payment:balance"]
    rows[-1] = rows[-1].replace("Balance(60)", "Balance(80)")
    bring_rows(bring, PAYMENT, *rows, answers={"payment:balance": "card"})
    assert VisitLine.objects.filter(paid_by_card=True).count() == 1


@pytest.mark.parametrize("cell", ["剪发+护理", "剪发/烫发", "剪发&烫发", "剪发｜烫发"])
def test_services_that_are_joined(bring: Bring, cell: str) -> None:
    rows = [f"2025-03-05,M1,{cell},276", "2025-03-06,M1,剪发,88", "2025-03-07,M1,烫发,188"]
    (question,) = open_questions(bring, "日期,会员号,项目,金额", *rows)
    assert question.key == "items:several"


def test_a_service_of_two_words_is_one(bring: Bring) -> None:
    rows = ["2025-03-05,M1,Cut & Blow Dry,276", "2025-03-06,M1,Cut,88"]
    assert bring_rows(bring, "Date,Client,Service,Net", *rows).questions == []


def test_the_total_of_an_order_on_each_line(bring: Bring) -> None:
    rows = ["R1,2025-03-05,M1,剪发,276", "R1,2025-03-05,M1,护理,276", "R2,2025-03-06,M1,剪发,88"]
    (question,) = open_questions(bring, "单号,日期,会员号,项目,订单金额", *rows)
    assert question.key == "amount:repeated"
