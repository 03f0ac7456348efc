"""Which visits the receipts and days of a file are: a visit never moves to another day or client in silence."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db.models import Count

from core.imports.services.questions import Question
from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
pytestmark = pytest.mark.usefixtures("stores")
MARCH = ("1,2025-03-05,C1,Cut,50", "2,2025-03-06,C2,Cut,50")
APRIL = ("1,2025-04-05,C1,Cut,50", "2,2025-04-06,C3,Cut,50")
SERVICES = ("2025-03-05,C1,Cut,50", "2025-04-05,C1,Cut,50")


def receipts(*rows: str) -> str:
    return "\n".join(["visit_ref,started_at,client_ref,item,amount", *rows, ""])


def days(*rows: str) -> str:
    return "\n".join(["started_at,client_ref,item,amount", *rows, ""])


def come(bring: Bring, content: str, *answers: str, **options: Any) -> tuple[int, int, int]:
    """Created, updated, unchanged."""
    result = bring("visits", content, store="S1", create_missing=True, answers=dict(map(split, answers)), **options)
    return result.created, result.updated, result.unchanged


def split(answer: str) -> tuple[str, str]:
    key, _equals, choice = answer.rpartition("=")
    return key, choice


def asked(bring: Bring, content: str) -> Question:
    with pytest.raises(ImportRefused) as refused:
        come(bring, content)
    [question] = refused.value.result.open_questions
    return question


def held() -> list[tuple[str, date, str | None]]:
    return list(Visit.objects.order_by("day", "ref").values_list("ref", "day", "client__ref"))


def test_numbers_that_start_again_are_asked_about(bring: Bring) -> None:
    come(bring, receipts(*MARCH))
    question = asked(bring, receipts(*APRIL))
    assert (question.key, question.rows) == ("receipts:days", 1)
    assert question.examples == ("Receipt 1: 2025-03-05 and 2025-04-05",)
    assert come(bring, receipts(*APRIL), "receipts:days=separate") == (2, 0, 0)
    assert held() == [
        ("1", date(2025, 3, 5), "C1"),
        ("2", date(2025, 3, 6), "C2"),
        ("1", date(2025, 4, 5), "C1"),
        ("2", date(2025, 4, 6), "C3"),
    ]


def test_both_months_can_come_again(bring: Bring) -> None:
    come(bring, receipts(*MARCH))
    come(bring, receipts(*APRIL), "receipts:days=separate")
    assert come(bring, receipts(*MARCH)) == come(bring, receipts(*APRIL)) == (0, 0, 2)
    assert come(bring, receipts(*MARCH, *APRIL)) == (0, 0, 4)
    corrected = receipts("1,2025-04-05,C1,Cut,60")
    assert come(bring, corrected) == (0, 1, 0)
    assert VisitLine.objects.get(visit__day=date(2025, 4, 5)).amount == 60


def test_a_day_that_was_corrected_moves_the_visit(bring: Bring) -> None:
    come(bring, receipts(*MARCH))
    assert come(bring, receipts("1,2025-03-04,C1,Cut,50"), "receipts:days=moved") == (0, 1, 0)
    assert held() == [("1", date(2025, 3, 4), "C1"), ("2", date(2025, 3, 6), "C2")]


def test_numbers_that_start_again_within_a_file_are_told_apart(bring: Bring) -> None:
    result = bring("visits", receipts(*MARCH, *APRIL), store="S1", create_missing=True)
    assert (result.created, [(q.key, q.taken, q.rows) for q in result.questions]) == (
        4, [("receipts:days", "separate", 2)]
    )  # fmt: skip
    assert come(bring, receipts(*MARCH)) == come(bring, receipts(*APRIL)) == (0, 0, 2)
    assert come(bring, receipts(*APRIL, *MARCH)) == (0, 0, 4)


def test_months_in_any_order_are_the_whole(bring: Bring) -> None:
    come(bring, receipts(*APRIL))
    come(bring, receipts(*MARCH), "receipts:days=separate")
    assert come(bring, receipts(*MARCH, *APRIL)) == (0, 0, 4)


def test_two_dates_of_a_few_receipts_are_asked_about(bring: Bring) -> None:
    rows = [f"{number},2025-03-05,C{number},Cut,50" for number in range(9)]
    again = ["1,2025-03-06,C1,Cut,50", "2,2025-03-06,C2,Cut,50"]
    assert asked(bring, receipts(*rows, *again)).key == "receipts:days"
    assert come(bring, receipts(*rows, *again), "receipts:days=separate") == (11, 0, 0)


def test_a_receipt_that_got_another_client_is_that_clients(bring: Bring) -> None:
    come(bring, receipts("R1,2025-03-05,C1,Cut,50", "R2,2025-04-05,C9,Cut,50"))
    again = receipts("R1,2025-03-05,C1,Cut,50", "R2,2025-04-05,C1,Cut,50")
    result = bring("visits", again, store="S1", create_missing=True)
    [question] = result.questions
    assert (question.key, question.taken, question.examples) == ("receipts:client", "moved", ("Receipt R2: C9 → C1",))
    assert (result.created, result.updated, result.unchanged) == (0, 1, 1)
    assert held() == [("R1", date(2025, 3, 5), "C1"), ("R2", date(2025, 4, 5), "C1")]
    assert come(bring, again) == (0, 0, 2)


def test_another_client_with_other_lines_is_asked_about(bring: Bring) -> None:
    come(bring, receipts("R2,2025-04-05,C9,Cut,50"))
    again = receipts("R2,2025-04-05,C1,Colour,90")
    assert asked(bring, again).key == "receipts:client"
    assert come(bring, again, "receipts:client=separate") == (1, 0, 0)
    assert come(bring, again) == (0, 0, 1)
    assert len(held()) == 2


def test_a_client_who_is_named_beside_another_has_a_visit_of_their_own(bring: Bring) -> None:
    come(bring, receipts("R2,2025-04-05,C9,Cut,50"))
    assert come(bring, receipts("R2,2025-04-05,C9,Cut,50", "R2,2025-04-05,C1,Cut,50")) == (1, 0, 1)


def test_days_that_would_lose_lines_are_asked_about(bring: Bring) -> None:
    come(bring, days(*SERVICES))
    products = days("2025-03-05,C1,Shampoo,20")
    question = asked(bring, products)
    assert (question.key, question.rows, question.examples) == ("days:lines", 1, ("C1, 2025-03-05: −1",))
    assert question.effect == "1 known line would go."
    assert come(bring, products, "days:lines=add") == (0, 1, 0)
    assert VisitLine.objects.count() == 3
    assert come(bring, products) == (0, 0, 1)
    assert come(bring, days(*SERVICES)) == (0, 0, 2)
    assert come(bring, days("2025-03-05,C1,Shampoo,20", *SERVICES)) == (0, 0, 2)


def test_a_day_can_be_replaced(bring: Bring) -> None:
    come(bring, days(*SERVICES))
    assert come(bring, days("2025-03-05,C1,Shampoo,20"), "days:lines=replace") == (0, 1, 0)
    assert VisitLine.objects.get(visit__day=date(2025, 3, 5)).amount == 20


def test_a_corrected_line_is_not_asked_about(bring: Bring) -> None:
    come(bring, days(*SERVICES))
    assert come(bring, days("2025-03-05,C1,Cut,55")) == (0, 1, 0)
    assert come(bring, days("2025-04-05,C1,Cut,50", "2025-04-05,C1,Shampoo,9")) == (0, 1, 0)


def test_a_receipt_cut_over_two_files_is_asked_about(bring: Bring) -> None:
    come(bring, receipts("1,2025-03-05,C1,Cut,50"))
    rest = receipts("1,2025-03-05,C1,Shampoo,20")
    assert asked(bring, rest).key == "receipts:lines"
    assert come(bring, rest, "receipts:lines=add") == (0, 1, 0)
    assert come(bring, receipts("1,2025-03-05,C1,Cut,50", "1,2025-03-05,C1,Shampoo,20")) == (0, 0, 1)


def test_a_receipt_that_loses_a_line_is_told_of(bring: Bring) -> None:
    come(bring, receipts("1,2025-03-05,C1,Cut,50", "1,2025-03-05,C1,Shampoo,20"))
    result = bring("visits", receipts("1,2025-03-05,C1,Cut,50"), store="S1")
    [warning] = result.findings
    assert (warning.code, warning.rows, warning.effect) == ("lines_gone", 1, "1 known line would go.")
    assert warning.examples == ("receipt 1, C1, 2025-03-05: −1",)
    assert VisitLine.objects.count() == 1


GLUED = ("1,2025-03-05,C1,Cut,50", "1,2025-03-05,C1,Dye,80", "2,2025-03-06,C2,Cut,50")


def test_two_exports_put_together_are_asked_about(bring: Bring) -> None:
    question = asked(bring, receipts(*GLUED, "3,2025-03-07,C3,Cut,50", *GLUED))
    assert (question.key, question.proposed, question.rows) == ("receipts:twice", "once", 6)
    assert question.examples == ("receipt 1, C1, 2025-03-05", "receipt 2, C2, 2025-03-06")
    assert question.effect == "3 lines, with their revenue, would count twice."


@pytest.mark.parametrize(("answer", "lines", "revenue"), [("once", 4, 230), ("each", 7, 410)])
def test_they_count_once_or_as_they_stand(bring: Bring, answer: str, lines: int, revenue: int) -> None:
    content = receipts(*GLUED, "3,2025-03-07,C3,Cut,50", *GLUED)
    assert come(bring, content, f"receipts:twice={answer}") == (3, 0, 0)
    assert VisitLine.objects.count() == lines
    assert sum(VisitLine.objects.values_list("amount", flat=True)) == revenue


def test_counted_once_they_are_known_from_the_file_alone(bring: Bring) -> None:
    come(bring, receipts(*GLUED))
    assert come(bring, receipts(*GLUED, "3,2025-03-07,C3,Cut,50", *GLUED), "receipts:twice=once") == (1, 0, 2)


@pytest.mark.parametrize(
    "rows",
    [
        # The same twice on one receipt, one after the other.
        ("1,2025-03-05,C1,Cut,50", "1,2025-03-05,C1,Cut,50", "2,2025-03-05,C2,Cut,50"),
        # A receipt in two places, with other lines.
        ("1,2025-03-05,C1,Cut,50", "2,2025-03-05,C2,Cut,50", "1,2025-03-05,C1,Dye,50"),
        ("1,2025-03-05,C1,Cut,50", "2,2025-03-05,C2,Cut,50", "1,2025-03-05,C1,Cut,-50"),
    ],
)
def test_receipts_of_like_lines_or_in_two_places_are_no_two_exports(bring: Bring, rows: tuple[str, ...]) -> None:
    come(bring, receipts(*rows))
    assert VisitLine.objects.count() == 3


def test_without_receipts_many_visits_have_to_stand_twice(bring: Bring) -> None:
    """Who comes twice a day for the same is nothing special."""
    once = [f"2025-03-05,C{number},Cut,50" for number in range(9)]
    come(bring, days(*once, once[0]))
    assert VisitLine.objects.count() == 10
    question = asked(bring, days(*(row.replace("-05,", "-06,") for row in [*once, *once])))
    assert (question.key, question.rows) == ("receipts:twice", 18)


HALF = ("1,2025-03-05,C1,Cut,50", "1,2025-03-05,,Colour,90", "2,2025-03-06,,Cut,50", "3,2025-03-06,C2,Cut,50")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("same", [("1", date(2025, 3, 5), "C1", 2)]),
        ("apart", [("1", date(2025, 3, 5), "C1", 1), ("1", date(2025, 3, 5), None, 1)]),
    ],
)
def test_receipts_that_name_their_client_once_are_asked_about(
    bring: Bring, answer: str, found: list[tuple[str, date, str | None, int]]
) -> None:
    question = asked(bring, receipts(*HALF))
    assert (question.key, question.proposed, question.rows) == ("receipts:nobody", "same", 1)
    assert question.examples == ("Receipt 1: C1",)
    come(bring, receipts(*HALF), f"receipts:nobody={answer}")
    visits = Visit.objects.filter(ref="1").order_by("client").annotate(count=Count("lines"))
    assert list(visits.values_list("ref", "day", "client__ref", "count")) == found
    assert come(bring, receipts(*HALF), f"receipts:nobody={answer}") == (0, 0, len(found) + 2)


def test_receipts_of_several_clients_and_nobody_are_left_as_they_are(bring: Bring) -> None:
    come(bring, receipts(*HALF[:2], "1,2025-03-05,C2,Cut,50"))
    assert Visit.objects.count() == 3


SUMS = ("1,2025-03-05,C1,Cut,50", "1,2025-03-05,C1,Colour,90", "1,2025-03-05,C1,,140", "2,2025-03-06,C2,Cut,50")
DAYS = (
    *("2025-03-05,C1,Cut,50", "2025-03-05,C2,Cut,90", "2025-03-05,,,140"),
    *("2025-03-06,,,50", "2025-03-06,C2,Cut,50", "2025-03-07,C2,Cut,60"),
)


def revenue() -> int:
    return int(sum(VisitLine.objects.values_list("amount", flat=True)))


def test_sums_of_receipts_without_a_word_are_asked_about(bring: Bring) -> None:
    question = asked(bring, receipts(*SUMS))
    assert (question.key, question.proposed, question.rows) == ("sums:receipts", "leave_out", 1)
    assert question.examples == ("Row 4: 140.00",)
    come(bring, receipts(*SUMS), "sums:receipts=leave_out")
    assert revenue() == 190


def test_sums_of_days_without_a_word_are_asked_about(bring: Bring) -> None:
    question = asked(bring, days(*DAYS))
    assert (question.key, question.proposed, question.rows) == ("sums:days", "leave_out", 2)
    come(bring, days(*DAYS), "sums:days=leave_out")
    assert (revenue(), Visit.objects.filter(client=None).count()) == (250, 0)


def test_what_looks_like_sums_can_count(bring: Bring) -> None:
    come(bring, days(*DAYS), "sums:days=count")
    assert revenue() == 440


@pytest.mark.parametrize(
    "content",
    [
        # A walk-in who happened to pay as much, on one day.
        days("2025-03-05,C1,Cut,50", "2025-03-05,,Cut,50", "2025-03-06,C1,Cut,50", "2025-03-07,,Cut,60"),
        # Services without a name, each of its own.
        receipts("1,2025-03-05,C1,,50", "1,2025-03-05,C1,,50", "2,2025-03-06,C1,Cut,50", "2,2025-03-06,C1,,40"),
        receipts("1,2025-03-05,C1,Cut,0", "1,2025-03-05,C1,,0"),
    ],
)
def test_rows_that_are_no_sums_are_not_asked_about(bring: Bring, content: str) -> None:
    come(bring, content)
    assert Visit.objects.exists()
