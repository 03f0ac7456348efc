"""Rows that leave out what the row above says, as cells that were merged before a sheet was saved as text."""

from collections.abc import Callable

import pytest

from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import Visit, VisitLine

Bring = Callable[..., ImportResult]
OPTIONS = {"store": "S1", "create_missing": True}
HEADINGS = "单号,日期,会员,项目,金额"
ROWS = ("R1,2025-03-05,M1,剪发,88", ",,,烫发,200", "R2,2025-03-06,M2,护理,50", " ,,, 剪发 ,60", "合计,,,,398")
pytestmark = pytest.mark.usefixtures("stores", "english")


def text(*rows: str) -> str:
    return "".join(f"{row}\n" for row in (HEADINGS, *rows))


def held() -> list[tuple[str, str, str | None, int]]:
    rows = VisitLine.objects.values_list("visit__ref", "visit__day", "visit__client__ref", "amount")
    return sorted((ref or "", f"{day:%m-%d}", client or "", int(amount)) for ref, day, client, amount in rows)


def refused(bring: Bring, content: str, **options: object) -> ImportResult:
    with pytest.raises(ImportRefused) as found:
        bring("visits", content, **{**OPTIONS, **options})
    return found.value.result


def test_they_are_asked_about(bring: Bring) -> None:
    (question,) = refused(bring, text(*ROWS)).open_questions
    assert (question.key, question.proposed) == ("blank:rows", "above")
    assert question.examples == ("烫发 · 200", "剪发 · 60")
    result = bring("visits", text(*ROWS), answers={"blank:rows": "above"}, **OPTIONS)
    assert held() == [
        ("R1", "03-05", "M1", 88), ("R1", "03-05", "M1", 200), ("R2", "03-06", "M2", 50), ("R2", "03-06", "M2", 60),
    ]  # fmt: skip
    assert Visit.objects.count() == 2
    (told,) = (finding for finding in result.findings if finding.code == "filled_rows")
    assert (told.rows, told.line) == (2, 3)


def test_they_can_stay_errors(bring: Bring) -> None:
    result = refused(bring, text(*ROWS), answers={"blank:rows": "errors"})
    assert [finding.line for finding in result.findings if finding.code == "missing_value"] == [3, 5]


@pytest.mark.parametrize("row", [",,,,398", ",,M3,,50", "R3,,,,50"])
def test_a_row_that_says_nothing_in_words_is_an_error(bring: Bring, row: str) -> None:
    """A sum, say."""
    result = refused(bring, text(*ROWS[:2], row), answers={"blank:rows": "above"})
    assert [finding.line for finding in result.findings if finding.code == "missing_value"] == [4]


def test_a_client_that_the_row_names_is_its_own(bring: Bring) -> None:
    bring("visits", text(*ROWS[:2], ",,M3,护理,70"), answers={"blank:rows": "above"}, **OPTIONS)
    assert ("R1", "03-05", "M3", 70) in held()


def test_a_walk_in_has_no_client_in_the_row_below_either(bring: Bring) -> None:
    bring("visits", text("R1,2025-03-05,,剪发,88", ",,,烫发,200"), answers={"blank:rows": "above"}, **OPTIONS)
    assert held() == [("R1", "03-05", "", 88), ("R1", "03-05", "", 200)]


def test_rows_below_a_name_go_on_within_it(bring: Bring) -> None:
    content = "日期,项目,金额\n会员：王芳\n2025-03-05,剪发,88\n,烫发,200\n会员：李娜\n,护理,100\n"
    result = refused(bring, content, answers={"blank:rows": "above"})
    # The first row of a client has no row above.
    assert [finding.line for finding in result.findings if finding.code == "missing_value"] == [6]
