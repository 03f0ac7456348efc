"""What cells name: by code, by a name that one record has, else asked about once for each value."""

from collections.abc import Callable

import pytest

from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.imports.services.questions import Question
from core.imports.services.results import ImportRefused, ImportResult
from core.imports.services.unknowns import MOST_ASKED
from core.staff.models import StaffMember
from core.stores.models import Store
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
HEAD = "日期,会员号,金额,门店,技师,项目"


@pytest.fixture(autouse=True)
def known(bring: Bring, stores: list[Store]) -> None:
    bring("staff", "工号,姓名,门店编号\nE01,李婷,S1\nE02,张伟,S1\nE03,王芳,S1\nE04,王芳,S2\n")
    bring("services", "项目编号,项目名称,类别\n1,Deep Tissue,A\n2,剪发,A\n")
    bring("clients", "会员号\nM1\n")


def bring_rows(bring: Bring, *rows: str, head: str = HEAD, **options: object) -> ImportResult:
    return bring("visits", "\n".join([head, *rows]) + "\n", **options)


def asked(bring: Bring, *rows: str, **options: object) -> list[Question]:
    with pytest.raises(ImportRefused) as refused:
        bring_rows(bring, *rows, **options)
    assert not Visit.objects.exists()
    return refused.value.result.open_questions


def test_by_code_or_by_name(bring: Bring) -> None:
    result = bring_rows(
        bring,
        "2025-03-05,M1,88,salon s1,李婷,剪发",
        "2025-04-05,M1,88,Ｓ１ ,E01,deep  tissue",
        "2025-04-06,M1,88,S1, 张伟,2",
    )
    assert not result.questions
    rows = VisitLine.objects.order_by("visit__day").values_list("visit__store__code", "staff__code", "service__code")
    assert list(rows) == [("S1", "E01", "2"), ("S1", "E01", "1"), ("S1", "E02", "2")]


def test_no_twins_are_made_with_create_missing(bring: Bring) -> None:
    result = bring_rows(bring, "2025-03-05,M1,88,S1,李婷,Cut", "2025-03-06,M1,88,S1,Ann,ＣＵＴ", create_missing=True)
    assert set(StaffMember.objects.values_list("code", flat=True)) == {"E01", "E02", "E03", "E04", "Ann"}
    assert Service.objects.filter(code__in=["Cut", "ＣＵＴ"]).count() == 1
    told = [finding.message for finding in result.findings if finding.code.startswith("new_")]
    assert told == ["1 new service: Cut.", "1 new staff member: Ann."]


def test_a_name_that_two_have_is_asked_about(bring: Bring) -> None:
    (question,) = asked(bring, "2025-03-05,M1,88,S1,王芳,剪发", "2025-03-06,M1,88,S1,王芳,剪发")
    assert (question.key, question.rows) == ("staff:王芳", 2)
    assert {"E03", "E04", "create", "leave_out"} <= {choice.value for choice in question.choices}
    bring_rows(bring, "2025-03-05,M1,88,S1,王芳,剪发", answers={"staff:王芳": "E04"})
    assert VisitLine.objects.get().staff.code == "E04"  # type: ignore[union-attr]


def test_an_unknown_value_is_asked_about_once_with_near_misses_first(bring: Bring) -> None:
    rows = ("2025-03-05,M1,88,S1,李婷,Deep Tisue", "2025-03-06,M1,88,S1,李婷,Deep Tisue")
    (question,) = asked(bring, *rows)
    assert (question.key, question.text, question.rows) == (
        "service:Deep Tisue",
        "There is no service “Deep Tisue”.",
        2,
    )
    assert [choice.value for choice in question.choices] == ["1", "2", "create", "leave_out"]
    assert question.choices[0].label == "it is 1 · Deep Tissue"
    bring_rows(bring, *rows, answers={"service:Deep Tisue": "1"})
    assert set(VisitLine.objects.values_list("service__code", flat=True)) == {"1"}


def test_it_is_new(bring: Bring) -> None:
    bring_rows(bring, "2025-03-05,M1,88,S1,李婷,Mask", answers={"service:Mask": "create"})
    assert VisitLine.objects.get().service.code == "Mask"  # type: ignore[union-attr]


def test_its_rows_are_left_out_and_that_can_be_changed(bring: Bring) -> None:
    rows = ("2025-03-05,M1,88,S1,李婷,剪发", "2025-03-05,M1,88,总部,李婷,剪发")
    result = bring_rows(bring, *rows, answers={"store:总部": "leave_out"})
    assert result.created == 1
    (question,) = result.questions
    assert (question.key, question.taken) == ("store:总部", "leave_out")
    assert "create:上海" in {choice.value for choice in question.choices}


def test_an_unknown_store_is_opened_in_a_city(bring: Bring) -> None:
    rows = ("2025-03-05,M1,88,静安店,李婷,剪发", "2025-03-06,M1,88, 静安店,李婷,剪发")
    (question,) = asked(bring, *rows, create_missing=True)
    assert [choice.value for choice in question.choices] == ["S1", "S2", "create:上海", "leave_out"]
    bring_rows(bring, *rows, answers={"store:静安店": "create:上海"})
    store = Store.objects.get(code="静安店")
    assert (store.name, store.last_location.city_tier) == ("静安店", "一线")  # type: ignore[union-attr]
    assert Visit.objects.filter(store=store).count() == 2


def test_many_unknown_values_are_asked_about_as_one(bring: Bring) -> None:
    rows = [f"2025-03-05,M1,88,S1,李婷,Item {number}" for number in range(MOST_ASKED + 20)]
    questions = asked(bring, *rows)
    assert len(questions) == MOST_ASKED + 1
    assert (questions[-1].key, questions[-1].rows) == ("service:others", 20)
    answers = {question.key: "leave_out" for question in questions[:-1]}
    bring_rows(bring, *rows, answers={**answers, "service:others": "create"})
    assert VisitLine.objects.count() == 20


def test_with_bad_rows_left_out_nothing_is_asked(bring: Bring) -> None:
    result = bring_rows(bring, "2025-03-05,M1,88,S1,李婷,Mask", "2025-03-05,M1,88,S1,李婷,剪发", skip_bad_rows=True)
    assert (result.rejected, result.created, result.questions) == (1, 1, [])


def test_there_is_no_upper_number_of_new_services(bring: Bring) -> None:
    rows = [f"2025-03-05,M1,88,S1,李婷,Item {number}" for number in range(21_000)]
    result = bring_rows(bring, *rows, create_missing=True)
    assert (result.rejected, Service.objects.count()) == (0, 21_002)


def test_tiers_and_stores_of_a_register(bring: Bring) -> None:
    bring("clients", "会员号,门店,会员等级\nM5,Salon S2,金卡\n", create_missing=True)
    assert Client.objects.get(ref="M5").store.code == "S2"  # type: ignore[union-attr]
    bring("clients", "会员号,门店,会员等级\nM6,S2, 金卡 \n")
    with pytest.raises(ImportRefused) as refused:
        bring("clients", "会员号,门店,会员等级\nM7,S3,墨卡\n")
    assert [question.key for question in refused.value.result.open_questions] == ["store:S3", "tier:墨卡"]


def test_the_store_of_the_file_is_what_its_one_name_means(bring: Bring) -> None:
    rows = ("2025-03-05,M1,88,Main St,李婷,剪发", "2025-03-06,M1,88,Main St,李婷,剪发")
    result = bring_rows(bring, *rows, store="S2")
    assert set(Visit.objects.values_list("store__code", flat=True)) == {"S2"}
    (question,) = result.questions
    assert (question.key, question.taken, question.rows) == ("store:Main St", "S2", 2)


@pytest.mark.parametrize("other", ["S1", "High St"])
def test_one_name_of_several_is_not_the_store_of_the_file(bring: Bring, other: str) -> None:
    rows = ("2025-03-05,M1,88,Main St,李婷,剪发", f"2025-03-06,M1,88,{other},李婷,剪发")
    assert "store:Main St" in [question.key for question in asked(bring, *rows, store="S2")]


def test_a_slip_in_a_category_is_asked_about(bring: Bring) -> None:
    """What is like none of the known is new, and no row is lost for its category."""
    ServiceCategory.objects.create(name="面部护理")
    head = "client_ref,started_at,amount,store_code,category\n"
    file = head + "C1,2025-03-04,1,S1,面部护里\nC2,2025-03-05,1,S1,Hair\n"
    with pytest.raises(ImportRefused) as refused:
        bring("visits", file)
    (question,) = (one for one in refused.value.result.open_questions if one.key.startswith("category"))
    assert (question.key, question.rows, question.choices[0].value) == ("category:面部护里", 1, "面部护理")
    answers = {"category:面部护里": "面部护理"}
    bring("visits", file, create_missing=True, answers=answers)
    assert set(VisitLine.objects.values_list("category__name", flat=True)) == {"面部护理", "Hair"}


def test_rows_are_not_left_out_for_their_category(bring: Bring) -> None:
    ServiceCategory.objects.create(name="Facial")
    file = "client_ref,started_at,amount,store_code,category\n,2025-03-04,1,S1,Facials\n"
    assert bring("visits", file, skip_bad_rows=True).created == 1
    assert VisitLine.objects.get().current_category.name == "Facials"


@pytest.mark.parametrize(
    "written",
    [
        "李婷(E01)",
        "李婷（E01）",
        "E01 李婷",
        "E01-李婷",
        "E01李婷",
        "李婷/E01",
        "李婷【E01】",
        "李婷 [e01]",
        "(E01)李婷",
    ],
)
def test_a_code_and_a_name_together_are_one_staff_member(bring: Bring, written: str) -> None:
    bring_rows(bring, f"2025-03-05,M1,88,S1,{written},剪发", create_missing=True)
    assert VisitLine.objects.get().staff.code == "E01"  # type: ignore[union-attr]


def test_a_code_beside_a_name_tells_who_of_two_is_meant(bring: Bring) -> None:
    bring_rows(bring, "2025-03-05,M1,88,S1,王芳(E04),剪发")
    assert VisitLine.objects.get().staff.code == "E04"  # type: ignore[union-attr]


@pytest.mark.parametrize("written", ["李婷(E02)", "李婷(E99)", "张三(E01)", "E01 张三"])
def test_a_code_and_a_name_that_are_not_of_one_are_asked_about(bring: Bring, written: str) -> None:
    (question,) = asked(bring, f"2025-03-05,M1,88,S1,{written},剪发")
    assert question.key == f"staff:{written}"


def test_who_is_known_by_code_or_by_name_alone(bring: Bring) -> None:
    bring_rows(bring, "2025-03-05,M1,88,S1,Anna,剪发", "2025-03-05,M1,88,S1,12,剪发", create_missing=True)
    bring_rows(bring, "2025-03-06,M1,88,S1,Anna [7],剪发", "2025-03-07,M1,88,S1,Bea [12],剪发")
    assert set(VisitLine.objects.filter(visit__day__gt="2025-03-05").values_list("staff__code", flat=True)) == {
        "Anna",
        "12",
    }


def test_two_of_one_name_with_codes_of_their_own_are_not_one(bring: Bring) -> None:
    bring_rows(bring, "2025-03-05,M1,88,S1,Anna,剪发", create_missing=True)
    with pytest.raises(ImportRefused) as refused:
        bring_rows(bring, "2025-03-06,M1,88,S1,Anna [7],剪发", "2025-03-07,M1,88,S1,Anna [8],剪发")
    assert [question.key for question in refused.value.result.open_questions] == ["staff:Anna [8]"]
