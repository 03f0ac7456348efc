"""How a column writes its dates: decided by its cells and shown, or asked."""

import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from core.clients.models import Client
from core.imports.services.questions import Question
from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import Visit

Bring = Callable[..., ImportResult]
pytestmark = pytest.mark.usefixtures("stores", "english")


def visits(*cells: str) -> str:
    rows = "".join(f"C{number:02};{cell};5;S1\n" for number, cell in enumerate(cells))
    return f"client_ref;started_at;amount;store_code\n{rows}"


def days(result: ImportResult) -> list[str]:
    assert result.rejected == 0
    return [day.isoformat() for day in Visit.objects.order_by("client__ref").values_list("day", flat=True)]


def asked(bring: Bring, content: str) -> Question:
    with pytest.raises(ImportRefused, match="1 question has to be answered") as refused:
        bring("visits", content, create_missing=True)
    (question,) = refused.value.result.open_questions
    assert not Visit.objects.exists()
    return question


def test_years_of_two_digits_behind_days_that_are_no_months_are_asked(bring: Bring) -> None:
    question = asked(bring, visits("31.12.18", "30.11.18"))
    assert [choice.value for choice in question.choices] == ["dmy", "ymd"]


def test_dates_with_two_readings_are_asked_with_both(bring: Bring) -> None:
    content = visits("03/04/2018", "03/04/2018 10:00", "05/05/2018")
    question = asked(bring, content)
    assert question.key == "dates:started_at"
    assert [(choice.value, choice.label) for choice in question.choices] == [
        ("mdy", "“03/04/2018” is 4 Mar 2018 (month/day/year)"),
        ("dmy", "“03/04/2018” is 3 Apr 2018 (day/month/year)"),
    ]
    assert (question.rows, question.examples) == (2, ("03/04/2018",))
    result = bring("visits", content, create_missing=True, answers={question.key: "dmy"})
    assert days(result) == ["2018-04-03", "2018-04-03", "2018-05-05"]


def test_years_of_two_digits_have_three_readings(bring: Bring) -> None:
    assert [choice.value for choice in asked(bring, visits("03-04-05 10:30")).choices] == ["mdy", "dmy", "ymd"]


def test_another_row_decides_and_the_rule_is_shown(bring: Bring) -> None:
    result = bring("visits", visits("03/04/2025", *["04/04/2025"] * 5000, "13/04/2025 9:00"), create_missing=True)
    assert days(result)[0] == "2025-04-03"
    (question,) = result.questions
    assert (question.taken, question.answered) == ("dmy", False)
    assert question.reason == "“13/04/2025” can be read in this way only."


def test_dates_that_read_in_one_way_are_not_asked(bring: Bring) -> None:
    result = bring("visits", visits("25.12.2018", "24.12.2018", "05.05.2018"), create_missing=True)
    assert days(result) == ["2018-12-25", "2018-12-24", "2018-05-05"]
    assert not result.questions


def test_a_column_that_contradicts_itself_is_asked(bring: Bring) -> None:
    content = visits("13/04/2025", "04/13/2025", "03/04/2025")
    question = asked(bring, content)
    assert question.effect == "Dates that are written otherwise are errors of their rows."
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, create_missing=True, answers={question.key: "dmy"})
    assert [str(finding) for finding in refused.value.result.findings] == [
        "line 3, started_at: “04/13/2025” is not written as day/month/year, like the other dates of the column."
    ]


def test_a_format_that_was_said_comes_first(bring: Bring) -> None:
    result = bring(
        "visits", visits("03/04/2018", "2018-03-05", "6 Mar 2018"), create_missing=True, date_format="%m/%d/%Y"
    )
    assert days(result) == ["2018-03-04", "2018-03-05", "2018-03-06"]
    assert not result.questions


def test_each_column_has_its_own_way(bring: Bring) -> None:
    text = "client_ref,joined_on,birth_date\nC1,03/25/2025,25/03/1990\nC2,03/04/2025,03/04/1990\n"
    result = bring("clients", text)
    assert {question.key: question.taken for question in result.questions} == {
        "dates:joined_on": "mdy",
        "dates:birth_date": "dmy",
    }
    client = Client.objects.get(ref="C2")
    assert (str(client.joined_on), str(client.birth_date)) == ("2025-03-04", "1990-04-03")


def test_a_column_of_spreadsheet_days_is_read_and_shown(bring: Bring) -> None:
    result = bring("visits", visits("45721.5868", "45752,25", "2025-03-06"), create_missing=True)
    assert days(result) == ["2025-03-05", "2025-04-05", "2025-03-06"]
    assert str(Visit.objects.get(client__ref="C00").start_time) == "14:05:00"
    (question,) = result.questions
    assert (question.key, question.taken) == ("serials:started_at", "spreadsheet")
    assert question.taken_label == "yes: “45721.5868” is 5 Mar 2025 14:05"


def test_numbers_beside_other_texts_are_asked(bring: Bring) -> None:
    content = visits("45721", "lunch")
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, create_missing=True)
    assert [question.key for question in refused.value.result.open_questions] == ["serials:started_at"]
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, create_missing=True, answers={"serials:started_at": "none"})
    assert [str(finding) for finding in refused.value.result.findings] == [
        "line 2, started_at: “45721” is no date.",
        "line 3, started_at: “lunch” is no date.",
    ]


def test_numbers_that_are_no_days_are_errors(bring: Bring) -> None:
    with pytest.raises(ImportRefused) as refused:
        bring("visits", visits("2025-03-05", "12345"), create_missing=True)
    assert [str(finding) for finding in refused.value.result.findings] == ["line 3, started_at: “12345” is no date."]


def test_spans_of_time_are_told(bring: Bring) -> None:
    cells = ("2025-03-05 10:00-10:30", "2025-03-31 15:00-16:00", "2025年3月5日 10:00-11:00")
    result = bring("visits", visits(*cells), create_missing=True)
    assert days(result) == ["2025-03-05", "2025-03-31", "2025-03-05"]
    (warning,) = result.findings
    assert (warning.level, warning.code, warning.rows) == ("warning", "time_span", 3)
    assert str(warning) == (
        "line 2, started_at: “10:00-10:30” is a span of time: its start is taken. 3 cells are read so."
    )


def test_the_order_is_found_behind_weekdays_too(bring: Bring) -> None:
    cells = ("Wednesday 05/03/2025 10:00", "Thursday, 13/03/2025", "Fri 07/03/2025")
    assert days(bring("visits", visits(*cells), create_missing=True)) == ["2025-03-05", "2025-03-13", "2025-03-07"]


def test_dates_with_points_have_the_day_first(bring: Bring) -> None:
    result = bring("visits", visits("05.03.2025", "06.04.2025"), create_missing=True)
    assert days(result) == ["2025-03-05", "2025-04-06"]
    (question,) = result.questions
    assert (question.taken, question.reason) == ("dmy", "Dates with points have the day first.")


def book(*days: object, change: Callable[[Workbook], None] = lambda _book: None) -> bytes:
    made = Workbook()
    change(made)
    sheet = made.worksheets[0]
    sheet.append(["client_ref", "started_at", "amount", "store_code", "client_birth_date"])
    for number, day in enumerate(days):
        sheet.append([f"C{number:02}", day, 5, "S1", 33000])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def since_1904(made: Workbook) -> None:
    made.epoch = CALENDAR_MAC_1904


def test_numbers_of_a_workbook_are_counted_from_where_it_says(bring: Bring) -> None:
    result = bring("visits", book(44258, date(2025, 4, 5), change=since_1904), create_missing=True)
    assert days(result) == ["2025-03-04", "2025-04-05"]
    taken = {question.key: (question.taken, question.reason) for question in result.questions}
    assert taken["serials:started_at"] == ("spreadsheet_1904", "The workbook counts its days from 1904.")
    assert Client.objects.values_list("birth_date", flat=True).first() == date(1994, 5, 8)


def test_a_workbook_that_counts_from_1900_is_believed(bring: Bring) -> None:
    result = bring("visits", book(38000, 38001), create_missing=True)
    assert days(result) == ["2004-01-14", "2004-01-15"]


def test_numbers_of_a_text_that_all_lie_years_back_are_asked(bring: Bring) -> None:
    content = (
        visits("40000", "40031.5").replace(";S1", ";S1;33000").replace("store_code", "store_code;client_birth_date")
    )
    question = asked(bring, content)
    assert [(choice.value, choice.label) for choice in question.choices] == [
        ("spreadsheet", "yes: “40000” is 6 Jul 2009"),
        ("spreadsheet_1904", "yes, counted from 1904, as workbooks from a Mac may do: “40000” is 7 Jul 2013"),
        ("none", "no, they are no dates"),
    ]
    result = bring("visits", content, create_missing=True, answers={question.key: "spreadsheet_1904"})
    assert days(result) == ["2013-07-07", "2013-08-07"]
    # Birthdays are counted as the visits are.
    assert set(Client.objects.values_list("birth_date", flat=True)) == {date(1994, 5, 8)}


def test_a_zip_of_workbooks_that_count_from_different_days(refusal: Callable[..., list[str]]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("1.xlsx", book(45000))
        archive.writestr("2.xlsx", book(43600, change=since_1904))
    (said,) = refusal("visits", out.getvalue(), create_missing=True)
    assert said == "“2.xlsx” can be read in several ways: bring it in on its own."


def test_dates_that_a_program_made_of_texts_in_the_other_order_are_asked(bring: Bring) -> None:
    """The 3rd of May as of 05/03; what was no date for it stayed as it was written."""
    content = book(date(2025, 5, 3), "13/05/2025", date(2025, 6, 3), "25/06/2025 10:30")
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, create_missing=True)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.proposed, question.rows) == ("swapped:started_at", "swapped", 2)
    assert [choice.label for choice in question.choices] == [
        "yes, when the file was opened in a spreadsheet program: “2025-05-03” is 5 Mar 2025",
        "no: “2025-05-03” is 3 May 2025",
    ]
    result = bring("visits", content, create_missing=True, answers={question.key: "as_they_are"})
    assert days(result) == ["2025-05-03", "2025-05-13", "2025-06-03", "2025-06-25"]


def test_swapped_dates_are_swapped_back(bring: Bring) -> None:
    content = book(date(2025, 5, 3), "13/05/2025", date(2025, 6, 3), "25/06/2025 10:30")
    result = bring("visits", content, create_missing=True, answers={"swapped:started_at": "swapped"})
    assert days(result) == ["2025-03-05", "2025-05-13", "2025-03-06", "2025-06-25"]


def test_what_was_said_of_one_file_swaps_no_dates_of_another(bring: Bring) -> None:
    """The next month came in without the fault."""
    answers = {"swapped:started_at": "swapped"}
    content = book(date(2025, 5, 3), "13/05/2025", date(2025, 6, 30))
    result = bring("visits", content, create_missing=True, answers=answers)
    assert days(result) == ["2025-05-03", "2025-05-13", "2025-06-30"]
