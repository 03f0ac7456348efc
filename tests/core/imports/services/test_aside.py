"""A cell beside the point never loses its row: it comes in empty or as far as it can be read, and is one warning."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from core.clients.models import Client
from core.imports.services.results import Finding, ImportResult
from core.profiles.selectors import client_facts
from core.stores.models import Store
from core.visits.models import VisitLine

Bring = Callable[..., ImportResult]
VISITS = "client_ref,started_at,amount,store_code,{}\n"


def warnings(result: ImportResult) -> dict[str, Finding]:
    return {finding.code: finding for finding in result.findings if finding.level == "warning"}


@pytest.mark.usefixtures("stores", "english")
def test_a_register_with_side_fields_in_other_words(bring: Bring) -> None:
    result = bring(
        "clients",
        "会员编号,姓名,手机号,性别,生日\n1,王一,13800000001,女,05-12\n2,李二,13800000002,小姐,1990-05-12\n"
        "3,赵三,13800000003,女,5月12日\n4,钱四,13800000004,女,0000-00-00\n5,孙五,13800000005,Prefer not to say,\n"
        "6,周六,13800000006,Herr,12 Foo\n",
    )
    assert (result.created, result.rejected) == (6, 0)
    told = {ref: (gender, birth_date and birth_date.isoformat(), birthday) for ref, gender, birth_date, birthday in
            Client.objects.values_list("ref", "gender", "birth_date", "birthday")}  # fmt: skip
    assert told == {
        "1": ("female", None, "05-12"),
        "2": ("female", "1990-05-12", ""),
        "3": ("female", None, "05-12"),
        "4": ("female", None, ""),
        "5": ("", None, ""),
        "6": ("", None, ""),
    }
    found = warnings(result)
    assert set(found) == {"no_year", "no_day", "said_unknown", "unknown_word", "bad_date"}
    assert (found["no_year"].rows, found["no_year"].examples) == (2, ("05-12", "5月12日"))
    assert str(found["no_year"]) == "line 2, 生日: “05-12” says no year: month and day are kept. 2 cells are read so."
    assert str(found["bad_date"]) == "line 7, 生日: “12 Foo” is no date. 1 cell is left empty."
    (question,) = result.questions
    assert (question.key, question.taken) == ("dates:birth_date", "mdy")
    assert ("Birth date", "12 May") in client_facts(Client.objects.get(ref="1"))


@pytest.mark.usefixtures("chain")
def test_a_birth_date_with_its_year_takes_the_place_of_one_without(bring: Bring) -> None:
    bring("clients", "client_ref,birth_date\nC1,5月12日\n")
    bring("clients", "client_ref,birth_date\nC1,\n")
    assert Client.objects.get().birthday == "05-12"
    bring("clients", "client_ref,birth_date\nC1,1990-05-12\n")
    client = Client.objects.get()
    assert (client.birthday, str(client.birth_date)) == ("", "1990-05-12")


@pytest.mark.usefixtures("chain")
def test_a_day_and_month_that_could_be_either_is_asked(bring: Bring, refusal: Callable[..., list[str]]) -> None:
    assert refusal("clients", "client_ref,birth_date\nC1,05/12\n") == []
    bring("clients", "client_ref,birth_date\nC1,05/12\n", answers={"dates:birth_date": "dmy"})
    assert Client.objects.get().birthday == "12-05"


@pytest.mark.usefixtures("stores")
def test_ratings_in_words_and_stars(bring: Bring) -> None:
    cells = ["4.9/5", "★★★★★", "非常满意", "5分", "8/10", "90%", "?", "", "70"]
    rows = "".join(f"M{number},2025-03-05,88,S1,{cell}\n" for number, cell in enumerate(cells))
    result = bring("visits", VISITS.format("rating") + rows, create_missing=True)
    assert (result.created, result.rejected) == (9, 0)
    ratings = [None if rating is None else float(rating) for rating in VisitLine.objects.order_by("visit__client__ref").values_list("rating", flat=True)]  # fmt: skip  # noqa: E501
    assert ratings == [4.9, 5.0, 5.0, 5.0, 4.0, 4.5, None, None, None]
    assert {code: finding.rows for code, finding in warnings(result).items()} == {"bad_rating": 1, "rating_range": 1}
    (question,) = result.questions
    assert (question.key, question.taken, question.taken_label) == ("words:rating", "stars", "非常满意 = 5")
    emptied = bring("visits", VISITS.format("rating") + rows, answers={"words:rating": "empty"})
    assert emptied.updated == 1
    assert warnings(emptied)["rating_word"].examples == ("非常满意",)


@pytest.mark.usefixtures("stores")
def test_durations_become_minutes(bring: Bring) -> None:
    cells = {"45": 45, "45分钟": 45, "45 min": 45, "1小时": 60, "1.5小时": 90, "1小时30分": 90, "1h30": 90, "1:30": 90}
    cells |= {"00:45:00": 45, "90.0": 90, "-": None, "long": None}
    rows = "".join(f"M{number:02},2025-03-05,88,S1,{cell}\n" for number, cell in enumerate(cells))
    bring("visits", VISITS.format("duration_min") + rows, create_missing=True)
    found = VisitLine.objects.order_by("visit__client__ref").values_list("duration_min", flat=True)
    assert list(found) == list(cells.values())


@pytest.mark.usefixtures("chain")
def test_a_store_whose_time_zone_is_no_time_zone_comes_in(bring: Bring) -> None:
    result = bring("stores", "store_code,name,city,time_zone,opened_on\nS1,One,上海,Beijing,soon\n")
    assert {finding.column for finding in warnings(result).values()} == {"time_zone", "opened_on"}
    store = Store.objects.get()
    assert (store.time_zone, store.opened_on) == ("", None)


@pytest.mark.usefixtures("stores")
def test_many_cells_are_one_warning(bring: Bring) -> None:
    rows = "".join(f"M{number},2025-03-05,{number},S1,x{number}\n" for number in range(5000))
    result = bring("visits", VISITS.format("rating") + rows, create_missing=True)
    assert (result.created, VisitLine.objects.filter(amount=Decimal(4999)).count()) == (5000, 1)
    (warning,) = warnings(result).values()
    assert (warning.rows, warning.line, warning.examples) == (5000, 2, ("x0", "x1", "x2"))


@pytest.mark.usefixtures("stores")
def test_ratings_up_to_ten_are_asked(bring: Bring, refusal: Callable[..., list[str]]) -> None:
    rows = "".join(f"M{number},2025-03-05,88,S1,{number}\n" for number in (4, 9))
    content = VISITS.format("rating") + rows
    assert refusal("visits", content, create_missing=True) == []
    for answer, expected in (("10", [2, 4.5]), ("5", [4, None])):
        bring("visits", content, create_missing=True, answers={"scale:rating": answer})
        found = VisitLine.objects.order_by("visit__client__ref").values_list("rating", flat=True)
        assert [rating if rating is None else float(rating) for rating in found] == expected
