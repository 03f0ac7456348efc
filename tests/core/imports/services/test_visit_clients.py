"""Who the rows of a visits file are of: one client however written, nobody where a word says so."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection

from core.audit.models import AuditEntry
from core.clients.models import Client
from core.imports.services.questions import Question
from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import Visit
from tenants.models import Chain

Bring = Callable[..., ImportResult]
pytestmark = pytest.mark.usefixtures("stores")
HEAD = "client_ref,started_at,amount,store_code\n"


def days(*clients: str) -> str:
    """A visit a day."""
    return HEAD + "".join(f"{client},2025-03-{day:02},50,S1\n" for day, client in enumerate(clients, 1))


def bring_days(bring: Bring, *clients: str, **options: Any) -> ImportResult:
    return bring("visits", days(*clients), **{"create_missing": True, **options})


def asked(result: ImportResult, key: str) -> Question:
    return {question.key: question for question in result.questions}[key]


def open_questions(bring: Bring, *clients: str, **options: Any) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        bring_days(bring, *clients, **options)
    return [question.key for question in refused.value.result.open_questions]


def test_all_spellings_of_a_phone_are_one_client(bring: Bring) -> None:
    result = bring_days(
        bring, "138 0000 0001", "+86 13800000001", "8613800000001", "１３８０００００００１", "13900000002"
    )
    assert list(Client.objects.values_list("ref", "ref_key")) == [
        ("138 0000 0001", "13800000001"),
        ("13900000002", "13900000002"),
    ]
    [note] = result.findings
    assert (note.level, note.code, note.rows) == ("note", "client_spellings", 1)
    assert note.message == "1 client is written in more than one way, and counts as one."
    assert note.examples == ("+86 13800000001 = 138 0000 0001 = 8613800000001 = １３８０００００００１",)


def test_a_file_in_another_spelling_changes_nothing(bring: Bring) -> None:
    bring_days(bring, "Anna Lee", "13800000001")
    again = bring_days(bring, "anna  lee", "+86 138 0000 0001", create_missing=False)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_the_register_and_its_visits_may_spell_differently(bring: Bring) -> None:
    bring("clients", "client_ref,name,referrer_ref\n138-0000-0001,王一,\nab 1,李二,+86 13800000001\n")
    assert bring("clients", "client_ref,name\n13800000001,王一\nAB 1,李二\n").unchanged == 2
    assert bring_days(bring, "8613800000001", "ab  1", create_missing=False).created == 2
    assert Client.objects.get(name="李二").referrer == Client.objects.get(name="王一")
    assert [client.ref for client in Client.objects.order_by("pk")] == ["138-0000-0001", "ab 1"]


def test_a_client_that_is_renumbered_is_known_by_the_new_number(bring: Bring) -> None:
    client = Client.objects.create(ref="a1")
    client.ref = "b2"
    client.save(update_fields=["ref"])
    bring_days(bring, "B2", create_missing=False)
    assert Visit.objects.get().client == client


def test_clients_without_a_key_get_it_and_their_visits_stay_known(bring: Bring) -> None:
    """As after an upgrade: numbers were compared as they are written."""
    bring_days(bring, "anna", "Zoë")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE visits_visit v SET import_key = md5(v.store_id || chr(31) || length(c.ref) || chr(31) || c.ref || "
            "chr(31) || 'd' || v.day)::uuid FROM clients_client c WHERE c.id = v.client_id"
        )
    Client.objects.update(ref_key=None)
    Client.objects.bulk_create([Client(ref="ANNA"), Client(ref="Anna")])
    result = bring_days(bring, "anna", "Zoë", create_missing=False)
    assert (result.created, result.unchanged) == (0, 2)
    assert dict(Client.objects.values_list("ref", "ref_key")) == {
        "anna": "anna", "ANNA": "ANNA", "Anna": "Anna", "Zoë": "ZOË"
    }  # fmt: skip


@pytest.mark.parametrize(
    "word",
    [
        "散客",
        "散客（女）",
        "散客3",
        "过客",
        "匿名",
        "walk-in",
        "Walk-In #3",
        "Walk In",
        "WALKIN",
        "Guest",
        "House",
        "0",
        "0000",
        "无",
        "-",
        "N/A",
        "零售客户",
        "普通顾客",
        "非會員",
        "無會員",
        "未留",
        "Gast",
        "Laufkundschaft",
        "Barverkauf",
        "Kunde ohne Namen",
        "Non-member",
        "Counter Sale",
        "N.N.",
        "ご新規様",
        "フリー客",
        "비회원",
        "일반 고객",
        "Cliente de paso",
        "Público en general",
        "Client de passage",
        "ลูกค้าทั่วไป",
    ],
)
def test_words_for_nobody_are_no_client(bring: Bring, word: str) -> None:
    result = bring_days(bring, word, word, "王女士")
    assert list(Visit.objects.order_by("day").values_list("client__ref", flat=True)) == [None, None, "王女士"]
    [question] = result.questions
    assert (question.key.partition(":")[0], question.taken, question.rows, question.examples) == (
        "client", "nobody", 2, (word,)
    )  # fmt: skip


@pytest.mark.parametrize("name", ["客小姐", "Wu", "Cashel", "Guesti", "Houseman", "10", "无忧", "C-0", "Roda Walker"])
def test_other_words_are_clients(bring: Bring, name: str) -> None:
    assert bring_days(bring, name).questions == []
    assert Visit.objects.get().client


def test_a_code_made_of_such_a_word_is_a_client_and_shown(bring: Bring) -> None:
    question = asked(bring_days(bring, "WALK_IN", "CASH01"), "client:WALK_IN")
    assert (question.taken, question.reason) == ("client", "It is written as a code, like the number of a client.")
    assert Visit.objects.filter(client=None).count() == 0
    assert bring_days(bring, "CASH01", "WALK_IN", answers={"client:WALK_IN": "nobody"}).created == 2
    assert Visit.objects.get(client=None).day.day == 2


def test_a_word_for_nobody_can_be_a_client(bring: Bring) -> None:
    result = bring_days(bring, "House", answers={"client:house": "client"})
    assert asked(result, "client:house").answered
    assert Client.objects.get().ref == "House"


def test_a_word_that_the_register_knows_is_asked(bring: Bring) -> None:
    """Visits were recorded under it: reading it as nobody would count them twice."""
    bring_days(bring, "散客", answers={"client:散客": "client"})
    assert open_questions(bring, "散客", "王女士") == ["client:散客"]


def test_a_client_with_an_unusual_share_of_rows_is_asked(bring: Bring) -> None:
    many = [*(["收银台"] * 22), "a", "b", "c", "d", "e"]
    assert open_questions(bring, *many) == ["client:收银台"]
    assert bring_days(bring, *many, answers={"client:收银台": "client"}).created == 27
    assert bring_days(bring, *many[:-1], answers={"client:收银台": "nobody"}).created == 22


def test_leading_zeros_that_a_spreadsheet_took_are_found(bring: Bring) -> None:
    bring("clients", "client_ref\n000123\n000124\n777\n")
    for create in (False, True):
        result = bring_days(bring, "123", "123", "124", "777", create_missing=create)
        question = asked(result, "clients:zeros")
        assert (question.taken, question.rows, question.examples) == ("same", 3, ("123 → 000123", "124 → 000124"))
    assert (result.created, result.unchanged, Client.objects.count()) == (0, 4, 3)
    assert bring_days(bring, "000123", "000123", "000124", "777", create_missing=False).unchanged == 4


def test_leading_zeros_are_asked_about_where_some_numbers_are_new(bring: Bring) -> None:
    bring("clients", "client_ref\n000123\n")
    assert open_questions(bring, "123", "125") == ["clients:zeros"]
    assert open_questions(bring, "000123", "0123") == ["clients:zeros"]
    assert bring_days(bring, "123", "125", answers={"clients:zeros": "other"}).created == 2
    assert sorted(Client.objects.values_list("ref", flat=True)) == ["000123", "123", "125"]


KINDS = "会员编号,手机号,姓名,性别,生日,日期,金额\n"


def test_a_file_without_numbers_tells_clients_apart_by_phone(bring: Bring) -> None:
    file = (
        "手机号,姓名,日期,金额\n138 0000 0001,王一,2025-03-01,5\n+8613800000001,王一,2025-03-02,5\n,散客,2025-03-03,5\n"
    )
    result = bring("visits", file, store="S1", create_missing=True)
    question = asked(result, "client:key")
    assert question.taken == "phone"
    assert [choice.label for choice in question.choices] == [
        "the phone, and the name where there is none: 1 clients",
        "the name: 1 clients",
    ]
    assert list(Client.objects.values_list("ref", "name", "phone")) == [("138 0000 0001", "王一", "+8613800000001")]
    assert Visit.objects.filter(client=None).count() == 1
    assert bring("visits", file, store="S1").unchanged == 3


def test_a_phone_of_several_names_is_asked_about(bring: Bring) -> None:
    file = "phone,client name,date,net\n13800000001,Ann,2025-03-01,5\n13800000001,Bea,2025-03-02,5\n"
    with pytest.raises(ImportRefused) as refused:
        bring("visits", file, store="S1", create_missing=True)
    [question] = refused.value.result.open_questions
    assert (question.key, question.examples) == ("client:key", ("13800000001 = ANN, BEA",))
    bring("visits", file, store="S1", create_missing=True, answers={"client:key": "name"})
    assert list(Client.objects.values_list("ref", "name", "phone")) == [
        ("Ann", "Ann", "13800000001"),
        ("Bea", "Bea", "13800000001"),
    ]


def test_a_file_of_names_alone_tells_clients_apart_by_name(bring: Bring) -> None:
    assert bring("visits", "客户姓名,日期,金额\n王一,2025-03-01,5\n", store="S1", create_missing=True).questions == []
    assert list(Client.objects.values_list("ref", "name")) == [("王一", "王一")]


def test_what_a_file_says_of_clients_completes_the_register(bring: Bring) -> None:
    bring("clients", "client_ref,name,phone\nM1,王一一,\n")
    rows = "M1,13800000001,王一,女,1990-05-12,2025-03-01,5\nM2,139****0002,李二,男,05-12,2025-03-01,5\n"
    result = bring("visits", KINDS + rows, store="S1", create_missing=True)
    assert asked(result, "client:key").taken == "number"
    assert list(Client.objects.values_list("ref", "name", "phone", "gender", "birth_date", "birthday")) == [
        ("M1", "王一一", "13800000001", "female", date(1990, 5, 12), ""),
        ("M2", "李二", "", "male", None, "05-12"),
    ]
    changed = AuditEntry.objects.get(action="client.changed")
    assert changed.after == {"phone": "13800000001", "gender": "female", "birth_date": "1990-05-12"}
    again = KINDS + "M1,13900000009,王三,男,1991-01-01,2025-03-02,5\n"
    bring("visits", again, store="S1")
    assert Client.objects.get(ref="M1").phone == "13800000001"


def rows(bring: Bring, head: str, *cells: str, **options: object) -> ImportResult:
    """A day each."""
    lines = [f"2025-03-{day:02},{cell},5" for day, cell in enumerate(cells, 1)]
    options = {"store": "S1", "create_missing": True, **options}
    return bring("visits", "\n".join([f"Date,{head},Amount", *lines]) + "\n", **options)


def refs() -> list[str | None]:
    return list(Visit.objects.order_by("day").values_list("client__ref", flat=True))


def test_a_number_with_and_without_zeros_is_asked(bring: Bring) -> None:
    with pytest.raises(ImportRefused) as refused:
        rows(bring, "会员号", "123", "000123", "000123", "0124")
    (question,) = refused.value.result.open_questions
    assert (question.key, question.rows, question.examples) == ("clients:zeros-within", 1, ("123 → 000123",))
    rows(bring, "会员号", "123", "000123", "000123", "0124", answers={question.key: "same"})
    assert [ref == refs()[0] for ref in refs()] == [True, True, True, False]


@pytest.mark.parametrize("names", [("王 一", "王一"), ("山田　花子", "山田花子"), ('"Lee, Anna"', "ANNA LEE")])
def test_a_name_with_and_without_a_space_or_comma_is_one(bring: Bring, names: tuple[str, str]) -> None:
    result = rows(bring, "客户姓名", *names, "李二")
    assert len(set(refs())) == 2
    assert asked(result, "clients:names-within").taken == "same"


def test_phones_that_hide_digits_are_nobodys_key(bring: Bring) -> None:
    with pytest.raises(ImportRefused) as refused:
        rows(bring, "手机号", "138****0001", "138****0001", "13900000002")
    (question,) = refused.value.result.open_questions
    assert (question.key, question.proposed) == ("hidden:client_phone", "empty")
    rows(bring, "手机号", "138****0001", "138****0001", "13900000002", answers={question.key: "empty"})
    assert refs() == [None, None, "13900000002"]


def test_beside_phones_that_hide_digits_the_name_counts(bring: Bring) -> None:
    rows(bring, "姓名,手机号", "王一,138****0001", "王一,138****0001", "李二,138****0001")
    assert refs() == ["王一", "王一", "李二"]


def test_phones_that_were_cut_are_asked_about_where_they_are_the_key(bring: Bring) -> None:
    with pytest.raises(ImportRefused) as refused:
        rows(bring, "手机号", "1.38E+10", "1.38E+10", "#N/A", "######")
    assert [question.key for question in refused.value.result.open_questions] == ["digits:client_phone"]
    rows(bring, "手机号", "1.38E+10", "1.38E+10", "#N/A", "######", answers={"digits:client_phone": "empty"})
    assert refs() == [None] * 4


def test_a_number_whose_name_is_a_walk_in_is_nobody(bring: Bring) -> None:
    rows(bring, "会员号,姓名", "999,散客", "999,散客", "M1,王一", "M2,无", "M3,未登记")
    assert refs() == [None, None, "M1", "M2", "M3"]


def test_numbers_that_are_marked_as_texts(bring: Bring) -> None:
    rows(bring, "会员号", '="000123"', '"=""000123"""', "000123")
    assert refs() == ["000123"] * 3


def test_a_number_with_one_asterisk_hides_nothing(bring: Bring) -> None:
    result = rows(bring, "会员编号", "MAF*01", "MAF*02", "MAF*01")
    assert not result.open_questions
    assert Client.objects.count() == 2
    with pytest.raises(ImportRefused):
        rows(bring, "会员编号", "MAF**01", "MAF**02")


def test_of_two_phones_in_one_cell_the_first_counts_and_that_is_told(bring: Bring) -> None:
    file = (
        "手机号,日期,金额\n13900001111/13900002222,2025-03-01,5\n13900001111,2025-03-02,5\n"
        "13900001111 、 13800003333,2025-03-03,5\n0755-1234567/8,2025-03-04,5\n"
    )
    result = bring("visits", file, store="S1", create_missing=True)
    assert sorted(Client.objects.values_list("ref", flat=True)) == ["0755-1234567/8", "13900001111"]
    [told] = [finding for finding in result.findings if finding.code == "several_phones"]
    assert (told.rows, told.examples) == (2, ("13900001111/13900002222", "13900001111 、 13800003333"))
    assert bring("visits", file, store="S1").unchanged == 4


def test_of_two_phones_as_the_number_the_first_counts(bring: Bring) -> None:
    result = bring_days(bring, "13900001111/13900002222", "13900001111")
    assert list(Client.objects.values_list("ref", flat=True)) == ["13900001111"]
    assert "several_phones" in {finding.code for finding in result.findings}


@pytest.mark.parametrize("long", ["+8613900001111", "+86 139 0000 1111", "8613900001111", "008613900001111"])
def test_a_phone_with_and_without_the_code_of_another_country_is_one_client(
    bring: Bring, chain: Chain, long: str
) -> None:
    """The chain's own country's phones need no code; those of others do."""
    chain.country = "GB"
    result = bring_days(bring, long, "13900001111", "13900002222")
    assert asked(result, "clients:codes-within").taken == "same"
    assert Client.objects.count() == 2
    assert bring_days(bring, long, "13900001111", "13900002222").unchanged == 3


@pytest.mark.parametrize(("first", "then"), [("+8613900001111", "13900001111"), ("13900001111", "+86 13900001111")])
def test_the_register_has_the_other_writing(bring: Bring, chain: Chain, first: str, then: str) -> None:
    chain.country = "GB"
    bring_days(bring, first)
    result = bring("visits", HEAD + f"{then},2025-04-01,50,S1\n", create_missing=True)
    assert asked(result, "clients:codes-within").examples == (f"{then.replace(' ', '')} → {first}",)
    assert Client.objects.count() == 1
    bring("visits", HEAD + f"{then},2025-04-02,50,S1\n", create_missing=True, answers={"clients:codes-within": "other"})
    assert Client.objects.count() == 2


def test_numbers_of_the_chains_own_are_no_phones_of_another_country(bring: Bring) -> None:
    result = bring_days(
        bring, "8612345678", "12345678", "4900000123", "00000123", answers={"clients:zeros-within": "other"}
    )
    assert "clients:codes-within" not in {question.key for question in result.questions}
    assert Client.objects.count() == 4


@pytest.mark.parametrize(("names", "is_open"), [(("王", "王女士"), False), (("王先生", "王女士"), True)])
def test_a_title_makes_no_second_name_of_a_phone(bring: Bring, names: tuple[str, str], is_open: bool) -> None:
    file = "手机号,姓名,日期,金额\n" + "".join(
        f"13800000001,{name},2025-03-0{day},5\n" for day, name in enumerate(names, 1)
    )
    if is_open:
        with pytest.raises(ImportRefused):
            bring("visits", file, store="S1", create_missing=True)
    else:
        bring("visits", file, store="S1", create_missing=True)
        assert list(Client.objects.values_list("name", flat=True)) == ["王女士"]
