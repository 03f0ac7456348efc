"""Reports whose rows stand below lines that name their client, day or store."""

from collections.abc import Callable, Sequence

import pytest

from core.clients.models import Client
from core.imports.services.questions import Question
from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
OPTIONS = {"store": "S1", "create_missing": True}
pytestmark = pytest.mark.usefixtures("stores", "english")


def text(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows)


def held() -> list[tuple[str, str, int]]:
    rows = VisitLine.objects.values_list("visit__client__name", "visit__client__ref", "visit__day", "amount")
    return sorted((name or ref or "", f"{day:%m-%d}", int(amount)) for name, ref, day, amount in rows)


def opened(bring: Bring, content: str, **options: object) -> list[Question]:
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, **{**OPTIONS, **options})
    assert not Visit.objects.exists()
    return refused.value.result.open_questions


def told(result: ImportResult, code: str) -> tuple[int, tuple[str, ...]]:
    (finding,) = (one for one in result.findings if one.code == code)
    return finding.rows, finding.examples


ANNA_AND_LI = [("Anna Schmidt", "03-05", 88), ("Anna Schmidt", "04-06", 288), ("Li Na", "03-07", 100)]


@pytest.mark.parametrize(
    "rows",
    [
        ("Anna Schmidt,,", "2025-03-05,Cut,88", "2025-04-06,Colour,288", "Li Na,,", "2025-03-07,Care,100"),
        # Sums beside the name, as a pivot has them, and below the rows.
        ("Anna Schmidt,,376", "2025-03-05,Cut,88", "2025-04-06,Colour,288", "Li Na,,100", "2025-03-07,Care,100"),
        ("Anna Schmidt", "2025-03-05,Cut,88", "2025-04-06,Colour,288", "Subtotal,,376", "Li Na", "2025-03-07,Care,100"),
    ],
)
def test_lines_with_names_are_asked_about(bring: Bring, rows: Sequence[str]) -> None:
    content = text("Date,Service,Amount", *rows, "Total,,476")
    (question,) = opened(bring, content)
    assert (question.key, question.proposed) == ("column:(Group)", "client_name")
    assert {choice.value for choice in question.choices} >= {"client_name", "staff_code", "store_code", "-"}
    result = bring("visits", content, answers={question.key: "client_name"}, **OPTIONS)
    assert held() == ANNA_AND_LI
    assert told(result, "groups")[0] == 2
    assert (result.rows, result.rejected) == (3, 0)
    # Nor does “Total” make a column.
    assert "ignored_columns" not in {finding.code for finding in result.findings}


@pytest.mark.parametrize(
    "line",
    ["Client: {}", "Client:,{}", "Client,{}", "Customer name: {},,", ",Client: {},", "Client: {} Phone: {phone}"],
)
def test_lines_that_say_what_they_name(bring: Bring, line: str) -> None:
    anna = line.format("Anna Schmidt", phone="13800000001")
    li = line.format("Li Na", phone="13800000002")
    rows = ("2025-03-05,Cut,88", "2025-04-06,Colour,288", li, "2025-03-07,Care,100")
    result = bring("visits", text("Date,Service,Amount", anna, *rows), **OPTIONS)
    assert held() == ANNA_AND_LI
    assert told(result, "groups")[0] == 2
    if "Phone" in line:
        assert sorted(Client.objects.values_list("phone", flat=True)) == ["13800000001", "13800000002"]


def test_lines_in_chinese_with_several_labels(bring: Bring) -> None:
    rows = (
        "会员：王芳,,手机：13800000001", "2025-03-05,剪发,88", "会员：李娜,,手机：13800000002", "2025-03-07,护理,100",
    )  # fmt: skip
    bring("visits", text("消费时间,项目,实收金额", *rows), **OPTIONS)
    assert held() == [("李娜", "03-07", 100), ("王芳", "03-05", 88)]
    assert Client.objects.get(ref="王芳").phone == "13800000001"


def test_days_above_rows(bring: Bring) -> None:
    rows = ("2025-03-05", "王芳,剪发,88", "李娜,烫发,288", "2025-03-06,,100", "王芳,护理,100")
    bring("visits", text("会员姓名,项目,实收金额", *rows).replace(",,100", ""), **OPTIONS)
    assert held() == [("李娜", "03-05", 288), ("王芳", "03-05", 88), ("王芳", "03-06", 100)]


def test_stores_above_clients_above_rows(bring: Bring) -> None:
    rows = (
        "Salon S1", "Anna Schmidt", "2025-03-05,Cut,88", "Salon S2", "Anna Schmidt", "2025-04-06,Colour,288",
        "Li Na", "2025-03-07,Care,100",
    )  # fmt: skip
    options = {"store": None, "answers": {"column:(Group)": "client_name"}}
    bring("visits", text("Date,Service,Amount", *rows), **{**OPTIONS, **options})
    assert held() == ANNA_AND_LI
    found = Visit.objects.order_by("day").values_list("store__code", flat=True)
    assert list(found) == ["S1", "S2", "S2"]


def test_headings_that_come_again_below_each_name(bring: Bring) -> None:
    head = "Date,Service,Amount"
    rows = ("Anna Schmidt", head, "2025-03-05,Cut,88", "2025-04-06,Colour,288", "Li Na", head, "2025-03-07,Care,100")
    bring("visits", text("Sales report", "", *rows), answers={"column:(Group)": "client_name"}, **OPTIONS)
    assert held() == ANNA_AND_LI


def test_lines_that_mean_nothing_are_left_out(bring: Bring) -> None:
    content = text("Date,Client,Amount", "all amounts in yuan", "2025-03-05,Anna Schmidt,88")
    (question,) = opened(bring, content)
    bring("visits", content, answers={question.key: "-"}, **OPTIONS)
    assert held() == [("Anna Schmidt", "03-05", 88)]


def test_a_remark_among_the_lines_names_nobody(bring: Bring) -> None:
    rows = ("Client: Anna Schmidt", "2025-03-05,Cut,88", "Remark: pays later", "2025-04-06,Colour,288")
    result = bring("visits", text("Date,Service,Amount", *rows), **OPTIONS)
    assert held() == ANNA_AND_LI[:2]
    assert told(result, "footer") == (1, ("Remark: pays later",))


@pytest.mark.parametrize("row", ["2025-03-09,,", ",,288", "x,,5"])
def test_a_row_that_lacks_cells_stays_an_error(refusal: Callable[..., list[str]], row: str) -> None:
    """It does not become a client whose rows come next."""
    rows = ("Anna Schmidt", "2025-03-05,Cut,88", row, "2025-04-06,Colour,288")
    answers = {"column:(Group)": "client_name"}
    said = refusal("visits", text("Date,Service,Amount", *rows), answers=answers, **OPTIONS)
    assert said
    assert said[0].startswith("line 4")


def test_rows_of_one_cell_behind_rows_are_errors(refusal: Callable[..., list[str]]) -> None:
    said, *_others = refusal(
        "visits", text("Date,Client,Amount", "2025-03-05,Anna,88", "Li Na", "2025-03-06,Anna,5"), **OPTIONS
    )
    assert said == "line 3, Date: “Li Na” is no date."


def test_a_zip_or_a_later_chunk_goes_on_with_the_name(bring: Bring) -> None:
    many = [f"2025-03-{day:02},Cut {number},1" for day in range(1, 29) for number in range(300)]
    content = text("Date,Service,Amount", "Client: Anna Schmidt", *many, "Client: Li Na", "2025-03-07,Care,100")
    bring("visits", content, **OPTIONS)
    assert Visit.objects.filter(client__ref="Anna Schmidt").count() == 28
    assert Visit.objects.filter(client__ref="Li Na").count() == 1
    assert not Visit.objects.filter(client=None).exists()


def test_stores_that_are_not_known_above_rows(bring: Bring) -> None:
    """They do not become clients."""
    questions = opened(
        bring, text("日期,会员,金额", "静安店", "2025-03-05,M1,88", "徐汇店", "2025-03-06,M2,50"), store=None
    )
    assert [question.key for question in questions] == ["store:静安店", "store:徐汇店"]
