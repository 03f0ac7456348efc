"""Files of course cards and stored value."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from core.balances.models import OpeningBalance
from core.clients.models import Client
from core.imports.services.results import ImportRefused, ImportResult

Bring = Callable[..., ImportResult]
Refusal = Callable[..., list[str]]
pytestmark = pytest.mark.usefixtures("stores", "english")

CHINESE = (
    "会员号,姓名,手机号,卡名称,卡类型,卡号,剩余次数,购买次数,卡余额,赠送余额,售价,购买日期,有效期至,开卡门店,适用项目\n"
    "C1,王芳,13933079244,水光十次卡,次卡,K1,7次,10,,,2980,2025-01-05,2026-01-05,Salon S1,水光\n"
    "C1,王芳,13933079244,储值账户,储值卡,K2,,,1200.50,300,,2024-12-01,长期有效,S1,\n"
    "C2,李娜,,年卡,期限卡,K3,不限,,,,5800,2025-02-01,2025-02-01至2026-01-31,S2,\n"
)


def told(*names: str) -> list[tuple[object, ...]]:
    return list(OpeningBalance.objects.order_by("pk").values_list(*names))


def test_a_file_of_a_chinese_till(bring: Bring) -> None:
    result = bring("balances", CHINESE, create_missing=True)
    assert (result.created, result.rejected) == (3, 0)
    assert told("item", "kind", "card_number", "times_left", "times_bought", "amount_left", "bonus_left") == [
        ("水光十次卡", "times", "K1", Decimal(7), Decimal(10), None, None),
        ("储值账户", "amount", "K2", None, None, Decimal("1200.50"), Decimal(300)),
        ("年卡", "times", "K3", None, None, None, None),
    ]
    assert told("price", "bought_on", "expires_on", "store__code", "service__name") == [
        (Decimal(2980), date(2025, 1, 5), date(2026, 1, 5), "S1", "水光"),
        (None, date(2024, 12, 1), None, "S1", None),
        (Decimal(5800), date(2025, 2, 1), date(2026, 1, 31), "S2", None),
    ]
    assert Client.objects.get(ref="C1").phone == "13933079244"


def test_the_same_file_again_changes_nothing_and_a_later_one_updates(bring: Bring) -> None:
    bring("balances", CHINESE, create_missing=True)
    again = bring("balances", CHINESE)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 3)
    later = bring("balances", CHINESE.replace("7次", "0").replace("1200.50", "1000"))
    assert (later.created, later.updated, later.unchanged) == (0, 2, 1)
    assert told("kind", "times_left", "amount_left")[:2] == [
        ("times", Decimal(0), None),
        ("amount", None, Decimal(1000)),
    ]


def test_what_each_is_without_a_word_for_it(bring: Bring) -> None:
    text = (
        "client_ref,item,times_left,amount_left\nC1,Ten cuts,4,\nC1,Account,0,250\nC1,Facials,2,300\nC2,,,\nC3,,,80\n"
    )
    bring("balances", text, create_missing=True, skip_bad_rows=True)
    assert told("item", "kind") == [
        ("Ten cuts", "times"), ("Account", "amount"), ("Facials", "times"), ("", "amount"),
    ]  # fmt: skip
    # One that is used up is what it was.
    bring("balances", "client_ref,item,times_left,amount_left\nC1,Facials,0,0\n")
    assert told("item", "kind", "times_left")[2] == ("Facials", "times", Decimal(0))


def test_the_same_card_bought_twice_is_two(bring: Bring) -> None:
    text = "client_ref,item,bought_on,times_left\nC1,Ten,2025-01-01,1\nC1,Ten,2025-02-01,10\n"
    bring("balances", text, create_missing=True)
    assert bring("balances", "client_ref,item,bought_on,times_left\nC1,Ten,2025-02-01,9\n").updated == 1
    assert told("times_left") == [(Decimal(1),), (Decimal(9),)]
    # Without the day the first is the first.
    assert bring("balances", "client_ref,item,times_left\nC1,Ten,0\nC1,Ten,9\n").updated == 1
    assert told("times_left") == [(Decimal(0),), (Decimal(9),)]


def test_a_later_file_says_more_of_a_card(bring: Bring) -> None:
    bring("balances", "client_ref,item,times_left\nC1,Ten,5\nC2,Ten,6\n", create_missing=True)
    text = "client_ref,item,times_left,card_number,bought_on,service_code\nC1,Ten,4,K1,2025-01-01,Cut\nC2,Ten,6,,,\n"
    result = bring("balances", text, create_missing=True)
    assert (result.created, result.updated, result.unchanged) == (0, 1, 1)
    assert bring("balances", text).unchanged == 2
    assert bring("balances", text.replace(",Cut", ",").replace("2025-01-01", "")).unchanged == 2
    # Another card is another one.
    assert bring("balances", text.replace("K1", "K2")).created == 1


def test_the_services_of_a_package_are_counted_apart(bring: Bring) -> None:
    text = "client_ref,item,service_code,times_left\nC1,Spa,Cut,4\nC1,Spa,Gel,2\n"
    bring("balances", text, create_missing=True)
    assert bring("balances", text.replace("Gel,2", "Gel,1")).updated == 1
    assert told("service__code", "times_left") == [("Cut", Decimal(4)), ("Gel", Decimal(1))]


def test_bad_rows_say_what_is_wrong(refusal: Refusal) -> None:
    text = "client_ref,item,times_left\nC1,Ten,\n散客,Ten,3\nC1,Ten,-2\nC1,Ten,many\nC9,Ten,1\n"
    assert refusal("balances", text) == [
        "line 2, times_left: What is left has to be said: 0 where nothing is.",
        "line 3, client_ref: There has to be a value.",
        "line 4, times_left: “-2” is no number of times: 0 or more, with at most three decimals.",
        "line 5, times_left: “many” is not a number.",
        "line 6, client_ref: There is no client “C9”.",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("client_ref,item\nC1,Ten\n", "No column says how many times or what amount is left."),
        ("item,times_left\nTen,3\n", "No column names the client."),
    ],
)
def test_a_file_that_lacks_what_is_needed(refusal: Refusal, text: str, message: str) -> None:
    assert refusal("balances", text)[0].startswith(message)


def test_what_is_not_known_is_asked_about(bring: Bring) -> None:
    bring("clients", "client_ref\nC1\n")
    text = "client_ref,times_left,store_code,service_code\nC1,3,Nowhere,What\n"
    with pytest.raises(ImportRefused) as refused:
        bring("balances", text)
    assert {question.key for question in refused.value.result.open_questions} == {"store:Nowhere", "service:What"}
    bring("balances", text, answers={"store:Nowhere": "S2", "service:What": "leave_out"})
    assert told("item") == []


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-05-01", date(2026, 5, 1)),
        ("12/31/2026", date(2026, 12, 31)),
        ("永久", None),
        ("长期有效", None),
        ("No expiry", None),
        ("9999-12-31", None),
        ("2099-12-31 00:00:00", None),
        ("2025-05-01 至 2026-04-30", date(2026, 4, 30)),
        ("2025.5.1-2026.4.30", date(2026, 4, 30)),
        ("2025/05/01 - 2026/04/30", date(2026, 4, 30)),
        ("2025年5月1日～2026年4月30日", date(2026, 4, 30)),
        ("2025-05-01~永久", None),
        ("", None),
    ],
)
def test_until_when_it_holds(bring: Bring, cell: str, day: date | None) -> None:
    result = bring("balances", f"client_ref,times_left,expires_on\nC1,3,{cell}\n", create_missing=True)
    assert told("expires_on") == [(day,)]
    assert [finding.code for finding in result.findings if finding.level != "note"] == []


def test_how_ends_are_written_is_shown_by_the_others_or_asked(bring: Bring) -> None:
    head = "client_ref,times_left,expires_on\nC1,3,03/04/2027\n"
    bring("balances", head + "C2,3,12/31/2026\nC3,3,Never\n", create_missing=True)
    assert told("expires_on") == [(date(2027, 3, 4),), (date(2026, 12, 31),), (None,)]
    with pytest.raises(ImportRefused) as refused:
        bring("balances", head)
    assert [question.key for question in refused.value.result.open_questions] == ["dates:expires_on"]


def test_an_end_that_cannot_be_read_loses_no_row(bring: Bring) -> None:
    result = bring("balances", "client_ref,times_left,expires_on\nC1,3,12 months\n", create_missing=True)
    assert told("times_left", "expires_on") == [(Decimal(3), None)]
    assert [finding.code for finding in result.findings if finding.level == "warning"] == ["bad_date"]
