"""Whatever kind of file a phone comes in, in whatever writing and order, it is one client."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from core.appointments.models import Appointment
from core.balances.models import OpeningBalance
from core.clients.models import Client
from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import Visit
from tenants.models import Chain

Bring = Callable[..., ImportResult]
pytestmark = pytest.mark.usefixtures("stores", "english")

# A file that names one client by the phone.
FILES = {
    "clients": "client_ref,name\n{},\n",
    "visits": "client_ref,started_at,amount\n{},2025-03-04,5\n",
    "appointments": "client_phone,started_at,status\n{},2025-03-04 10:00,done\n",
    "balances": "client_ref,item,times_left\n{},Ten,3\n",
}
BY_PHONE = {**FILES, "visits": "client_phone,started_at,amount\n{},2025-03-04,5\n"}
WRITINGS = ("13900001111", "+86 139-0000-1111", "8613900001111", "008613900001111/13800002222")


def bring_phone(bring: Bring, kind: str, phone: str, files: dict[str, str] = FILES, **options: Any) -> ImportResult:
    return bring(kind, files[kind].format(phone), **{"store": "S1", "create_missing": True, **options})


def asked(result: ImportResult) -> dict[str, str | None]:
    return {question.key: question.taken for question in result.questions}


@pytest.mark.parametrize("country", ["CN", "GB"])
@pytest.mark.parametrize("kinds", list(permutations(FILES))[::3])
def test_any_writing_is_one_client_in_any_order(
    bring: Bring, chain: Chain, country: str, kinds: tuple[str, ...]
) -> None:
    chain.country = country
    for kind, phone in zip(kinds, WRITINGS, strict=True):
        bring_phone(bring, kind, phone)
    client = Client.objects.get()
    assert client.key_of_ref() == client.ref_key
    for model in (Visit, Appointment, OpeningBalance):
        assert model.objects.get().client_id == client.pk
    for kind, phone in zip(kinds, reversed(WRITINGS), strict=True):
        assert bring_phone(bring, kind, phone).unchanged == 1
    assert Client.objects.count() == 1


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("country", ["CN", "GB"])
@pytest.mark.parametrize("known", WRITINGS)
def test_the_register_has_it_beside_another_number(
    bring: Bring, chain: Chain, country: str, kind: str, known: str
) -> None:
    chain.country = country
    bring("clients", f"client_ref,name,phone\nM1,Anna,{known}\n")
    for phone in WRITINGS:
        result = bring_phone(bring, kind, phone, BY_PHONE)
        assert asked(result)["clients:phones"] == "same"
        assert Client.objects.get().ref == "M1"
    assert not result.created


@pytest.mark.parametrize("kind", ["visits", "appointments", "balances"])
def test_another_name_is_asked(bring: Bring, kind: str) -> None:
    bring("clients", "client_ref,name,phone\nM1,Anna,13900001111\n")
    head, row = BY_PHONE[kind].replace("client_ref", "client_phone").split("\n")[:2]
    text = f"client_name,{head}\n%s,{row.format('+8613900001111')}\n"
    with pytest.raises(ImportRefused) as refused:
        bring(kind, text % "Bea", store="S1", create_missing=True)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.examples) == ("clients:phones", ("+8613900001111 → M1 Anna",))
    assert bring(kind, text % "Ms Anna", store="S1", create_missing=True).created == 1
    assert Client.objects.count() == 1
    answers = {"clients:phones": "other"}
    bring(kind, text % "Bea", store="S1", create_missing=True, answers=answers)
    assert list(Client.objects.order_by("pk").values_list("ref", "name")) == [("M1", "Anna"), ("+8613900001111", "Bea")]


@pytest.mark.parametrize("kind", ["visits", "clients"])
def test_a_phone_of_several_is_told(bring: Bring, kind: str) -> None:
    bring("clients", "client_ref,name,phone\nM1,Anna,13900001111\nM2,Bea,+86 13900001111\n")
    result = bring_phone(bring, kind, "13900001111", BY_PHONE)
    assert {finding.code: finding.rows for finding in result.findings}["shared_phones"] == 1
    assert Client.objects.count() == 3


def test_rows_with_a_number_say_whose_phone_it_is(bring: Bring) -> None:
    text = "client_phone,client_ref,started_at,status\n+8613900001111,,2025-03-05 10:00,done\n"
    bring("appointments", text + "13900001111,M1,2025-03-04 10:00,done\n", store="S1", create_missing=True)
    assert list(Client.objects.values_list("ref", "phone")) == [("M1", "13900001111")]


@pytest.mark.parametrize("kind", ["clients", "appointments", "balances"])
def test_what_hides_a_part_is_asked(bring: Bring, kind: str) -> None:
    name = FILES[kind].partition(",")[0]
    with pytest.raises(ImportRefused) as refused:
        bring_phone(bring, kind, "139****1111")
    (question,) = refused.value.result.open_questions
    assert (question.key, question.proposed) == (f"hidden:{name}", "empty")
    left = bring_phone(bring, kind, "139****1111", answers={question.key: "empty"}, skip_bad_rows=True)
    assert (left.rejected, Client.objects.count()) == (kind != "appointments", 0)
    bring_phone(bring, kind, "139****1111", answers={question.key: "clients"})
    assert Client.objects.get().ref == "139****1111"


def test_beside_a_phone_that_hides_a_part_the_name_counts(bring: Bring) -> None:
    text = "client_name,client_phone,started_at,status\nAnna,139****1111,2025-03-04,done\n"
    text += "Bea,139****1111,2025-03-04,done\n"
    bring("appointments", text, store="S1", create_missing=True)
    assert sorted(Client.objects.values_list("ref", "phone")) == [("Anna", ""), ("Bea", "")]


def test_of_two_phones_the_register_keeps_both(bring: Bring) -> None:
    rows = "M1,13900001111/13800002222,\nM2,13900003333 、 13800004444,13700005555\nM3,13900006666,\n"
    bring("clients", "client_ref,phone,backup_phone\n" + rows)
    assert list(Client.objects.order_by("ref").values_list("phone", "backup_phone")) == [
        ("13900001111", "13800002222"), ("13900003333", "13700005555"), ("13900006666", ""),
    ]  # fmt: skip
    bring("clients", "client_ref,phone\nM4,13900007777/13800008888\nM3,13900006666\n")
    assert Client.objects.values_list("phone", "backup_phone").get(ref="M4") == ("13900007777", "13800008888")


def test_who_brought_a_client_may_be_written_otherwise(bring: Bring, chain: Chain) -> None:
    chain.country = "GB"
    bring("clients", "client_ref,referrer_ref\n13900001111,\nM2,+8613900001111\n", create_missing=True)
    assert Client.objects.get(ref="M2").referrer == Client.objects.get(ref="13900001111")
    assert Client.objects.count() == 2
