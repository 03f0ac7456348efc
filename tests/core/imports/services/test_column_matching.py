"""Two columns for one field, columns with unknown headings, and fields that no column has."""

from collections.abc import Callable

import pytest

from core.clients.models import Client
from core.imports.services.columns import Columns, match_columns
from core.imports.services.options import ImportOptions
from core.imports.services.questions import Question
from core.imports.services.results import ImportRefused, ImportResult
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.models import VisitLine

Bring = Callable[..., ImportResult]


def matched(text: str, kind: str = "visits", **options: object) -> Columns:
    head, *rows = [line.split(",") for line in text.strip().splitlines()]
    values = {"store": "S1", **options}
    return match_columns(kind, head, ImportOptions(**values), lambda: list(zip(*rows, strict=True)))  # type: ignore[arg-type]


def fields(columns: Columns) -> dict[str, str]:
    return {columns.headings[column.index]: column.field.name for column in columns.in_file}


def question(columns: Columns, key: str) -> Question:
    return columns.questions.asked[key]


def test_the_column_with_dates_goes_before_one_with_times() -> None:
    for text in (
        "Visit time,Client,Net,Date\n13:30,C1,50,2025-03-05",
        "Date,Client,Net,Visit time\n2025-03-05,C1,50,13:30",
    ):
        columns = matched(text)
        assert fields(columns) == {
            "Date": "started_at", "Client": "client_ref", "Net": "amount", "Visit time": "start_time"
        }  # fmt: skip
        asked = question(columns, "columns:started_at")
        assert (asked.taken, asked.reason) == ("Date", "“Date” holds dates, “Visit time” only times.")


def test_a_time_with_its_date_goes_before_a_date_of_something_else() -> None:
    columns = matched("Time,Client,Net\n2025-03-05 10:00,C1,50")
    assert fields(columns)["Time"] == "started_at"


def test_the_better_heading_is_taken_and_said_and_can_be_changed() -> None:
    text = "Date,Client ID,Gross Sales,Net Sales,Customer No,Receipt,Invoice\n2025-03-05,C1,50,45,7,R1,I1"
    columns = matched(text)
    assert columns.by_field["amount"].heading == "Net Sales"
    assert {key: asked.taken for key, asked in columns.questions.asked.items()} == {
        "columns:client_ref": "Client ID", "columns:amount": "Net Sales", "columns:visit_ref": "Receipt"
    }  # fmt: skip
    other = matched(text, answers={"columns:amount": "Gross Sales"})
    assert other.by_field["amount"].heading == "Gross Sales"


def test_what_was_said_of_a_column_goes_before_every_heading() -> None:
    columns = matched("Date,amount,Client,Nett\n2025-03-05,9,C1,5", mapping={"Nett": "amount"})
    assert columns.by_field["amount"].heading == "Nett"
    assert not columns.questions.asked


def test_numbers_go_before_names_under_one_heading() -> None:
    columns = matched("Date,Client,Client,Net\n2025-03-05,Anna,C1,50\n2025-03-06,Bea,C2,50")
    assert columns.by_field["client_ref"].index == 2
    assert columns.by_field["client_name"].index == 1
    assert question(columns, "columns:client_ref").taken == "Client#2"


def test_two_columns_that_nothing_tells_apart_are_asked_about() -> None:
    columns = matched("Date,Client,Net,Net\n2025-03-05,C1,50,45")
    assert question(columns, "columns:amount").is_open
    assert (
        matched("Date,Client,Net,Net\n2025-03-05,C1,50,45", answers={"columns:amount": "Net#2"})
        .by_field["amount"]
        .index
        == 3
    )
    assert matched("Date,Client,Net,Net\n2025-03-05,C1,50,50").by_field["amount"].index == 2


def test_columns_are_recognised_by_their_cells() -> None:
    columns = matched("Wann,Wer,Was,Wieviel\n5.3.2025,13900001234,Cut,45.00\n6.3.2025,13900001235,Cut,50.00")
    assert fields(columns) == {"Wann": "started_at", "Wer": "client_phone", "Wieviel": "amount"}
    asked = question(columns, "column:Wann")
    assert (asked.taken, asked.reason) == ("started_at", "By its cells: 5.3.2025, 6.3.2025.")
    with pytest.raises(AppError) as refused:
        matched("A,B\n1,2")
    assert refused.value.extra["missing"] == ["started_at"]
    left = matched("Wann,Date,Client,Wieviel\nx,2025-03-05,C1,45.00", answers={"column:Wieviel": "-"})
    assert "amount" not in left.by_field


def test_what_two_columns_look_like_is_not_guessed() -> None:
    columns = matched("Date,Client,Steuer,Rabatt\n2025-03-05,C1,4.50,1.00")
    assert "amount" not in columns.by_field


def test_a_register_is_recognised_by_its_cells() -> None:
    columns = matched("client_ref,Wie,Tel\n1,王小明,13900001234\n2,李婷,13900001235", "clients")
    assert fields(columns) == {"client_ref": "client_ref", "Wie": "name", "Tel": "phone"}


def refused(bring: Bring, text: str, **options: object) -> list[Question]:
    with pytest.raises(ImportRefused) as refusal:
        bring("visits", text, store="S1", create_missing=True, **options)
    return refusal.value.result.open_questions


def test_a_file_that_names_no_client_is_asked_about(bring: Bring, stores: list[Store]) -> None:
    text = "Date,Whom,Net\n2025-03-05,K1,50\n2025-04-05,K1,50\n"
    (asked,) = refused(bring, text)
    assert [choice.value for choice in asked.choices] == ["Whom", "anonymous"]
    assert bring("visits", text, store="S1", answers={"client:none": "anonymous"}).created == 2
    assert bring("visits", text, store="S1", answers={"client:none": "Whom"}, create_missing=True).created == 2


def test_a_headerless_file_that_names_no_client_is_asked_about(bring: Bring, stores: list[Store]) -> None:
    options = {"header": False, "columns": ("started_at", "-", "amount")}
    (asked,) = refused(bring, "2025-03-05,K1,50\n", **options)
    assert [choice.value for choice in asked.choices] == ["#2", "anonymous"]
    options["answers"] = {"client:none": "#2"}
    assert bring("visits", "2025-03-05,K1,50\n", store="S1", create_missing=True, **options).created == 1


def test_a_value_that_all_rows_have(bring: Bring, stores: list[Store]) -> None:
    text = "Date,Client,Net\n2025-03-05,C1,50\n2025-03-06,C1,60\n"
    bring("visits", text, create_missing=True, constants={"store_code": "S2", "paid_by_card": "yes"})
    assert set(VisitLine.objects.values_list("visit__store__code", "paid_by_card")) == {("S2", True)}


def amounts_of() -> list[str]:
    return [f"{amount:f}" for amount in VisitLine.objects.order_by("pk").values_list("amount", flat=True)]


def test_a_list_of_visits_without_money_is_asked_about(bring: Bring, stores: list[Store]) -> None:
    text = "date,client_id,service\n2025-03-05,C1,Cut\n2025-04-05,C1,Colour\n"
    (asked,) = refused(bring, text)
    assert [choice.value for choice in asked.choices] == ["zero", "list_price"]
    options = {"store": "S1", "create_missing": True}
    assert bring("visits", text, **options, answers={"amount:none": "zero"}).created == 2
    assert amounts_of() == ["0.00", "0.00"]


def test_amounts_from_the_catalogue(bring: Bring, stores: list[Store]) -> None:
    bring("services", "service_code,name,category,price\nX,Cut,Hair,45.5\n")
    text = "date,client_id,service,qty\n2025-03-05,C1,Cut,2\n2025-04-05,C1,Colour,1\n"
    bring("visits", text, store="S1", create_missing=True, answers={"amount:none": "list_price"})
    assert amounts_of() == ["91.00", "0.00"]


def test_unit_price_times_quantity(bring: Bring, refusal: Callable[..., list[str]], stores: list[Store]) -> None:
    text = "date,client_id,qty,unit price\n2025-03-05,C1,3,20\n2025-04-05,C1,1,30.5\n2025-04-06,C1,-1,30\n"
    bring("visits", text, store="S1", create_missing=True)
    assert amounts_of() == ["60.00", "30.50", "-30.00"]
    large = "date,client_id,qty,unit price\n2025-03-05,C1,100000,900000000000\n"
    assert "too large" in refusal("visits", large, store="S1", create_missing=True)[0]


def test_unit_price_without_quantity(bring: Bring, stores: list[Store]) -> None:
    bring("visits", "date,client_id,price\n2025-03-05,C1,20\n", store="S1", create_missing=True)
    assert amounts_of() == ["20.00"]


def test_a_heading_of_amounts_over_yes_and_no_is_none() -> None:
    columns = matched("Date,Client,Paid?,Appointment Price\n2025-03-05,C1,yes,25.00")
    assert fields(columns)["Appointment Price"] == "amount"
    assert "Paid?" not in fields(columns)


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        (("Service", "Product"), "kind"),
        (("Services", "Packages"), "kind"),
        (("Payment", "Refund"), "status"),
        (("Gel Nails", "Brow wax"), "item"),
    ],
)
def test_what_a_type_is_is_told_by_its_words(cells: tuple[str, str], field: str) -> None:
    rows = "\n".join(f"2025-03-05,C1,20,{cell}" for cell in cells)
    assert fields(matched(f"Date,Client,Net,Type\n{rows}"))["Type"] == field


def test_first_and_last_name_of_a_visits_file(bring: Bring, stores: list[Store]) -> None:
    head = "Start Time,First Name,Last Name,Phone,Type,Calendar,Appointment Price\n"
    row = '"December 2, 2025 9:00 am",Jane,Smith,13912345678,Gel Nails,Claire,25.00\n'
    bring("visits", head + row, create_missing=True, store="S1")
    assert Client.objects.values_list("ref", "name", "phone").get() == ("13912345678", "Jane Smith", "13912345678")
    line = VisitLine.objects.select_related("service", "staff").get()
    assert (str(line.service), line.staff and line.staff.code) == ("Gel Nails", "Claire")


@pytest.mark.usefixtures("stores", "english")
@pytest.mark.parametrize("heading", ["最后到店", "Last seen"])
def test_when_somebody_was_there_last_is_no_visit_without_being_asked(bring: Bring, heading: str) -> None:
    content = f"会员,金额,{heading}\nM1,8800,2025-03-05\nM2,500,2025-03-06\n"
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, store="S1", create_missing=True)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.proposed) == (f"column:{heading}", "started_at")
