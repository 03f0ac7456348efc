"""Cells and headings of 100,000 characters are told to be too long, and cost no more than reading them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.clients.declaration import GENDER_WORDS
from core.clients.models import Client
from core.imports.runs.date_formats import date_formats
from core.imports.runs.preview import read_preview
from core.imports.services.columns import suggest_fields
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions, check_date_format
from core.imports.services.values import codes
from core.imports.services.values.amounts import AmountRules, amounts, decimal_separator
from core.imports.services.values.codes import NAMED_NEAR_MISSES, Codes
from core.imports.services.values.dates import DateRules, Dates
from core.imports.services.values.memo import NULL, Problem
from core.imports.services.values.moments import DateTimes
from core.imports.services.values.numbers import integers, quantities
from core.imports.services.values.sides import RatingRules, minutes, ratings
from core.imports.services.values.texts import Texts, choices, flags, time_zones
from core.shared.errors import AppError
from tests.plugins.cpu import cpu_limit

LENGTH = 100_000
SECONDS = 1.0
RULES = DateRules(None, date(2025, 12, 31))
# Heads that lead into an expression, and what may be repeated in it; the last is put in order by normalisation, which
# takes the square of its length.
HEADS = ("", "1", "-", "$", "2018年", "10:30", "2018-03-04 ", "2018-03-04T10:30:00", "上午", "(")
RUNS = (" ", "1", "9", "\u3000", ",", ".1", ":", "年 ", "1 ", "-", "A", "T", "\u0301\u0316", "ﷺ", "Z", "%")
WORST = [head + run * (LENGTH // len(run)) + end for head in HEADS for run in RUNS for end in ("", "x")]
Refusal = Callable[..., list[str]]


class Whole:
    """A column of dates with times, as one of values."""

    def __init__(self, date_format: str | None = None) -> None:
        self._reader = DateTimes(DateRules(date_format, date(2025, 12, 31)))
        self.problems = self._reader.problems

    def read(self, cells: list[str]) -> list[str]:
        return self._reader.read(cells, ["1"] * len(cells), {"1": "Asia/Shanghai"})[0]


@pytest.mark.parametrize(
    "reader",
    [
        pytest.param(amounts(AmountRules()), id="amounts"),
        pytest.param(quantities(), id="quantities"),
        pytest.param(integers(100), id="integers"),
        pytest.param(ratings(RatingRules()), id="ratings"),
        pytest.param(minutes(), id="minutes"),
        pytest.param(Dates(RULES), id="dates"),
        pytest.param(Dates(DateRules("%d. %B %Y", date(2025, 12, 31))), id="dates in a format"),
        pytest.param(Whole(), id="dates with times"),
        pytest.param(Whole("%d.%m.%Y %H:%M"), id="dates with times in a format"),
        pytest.param(Whole("%d. %B %Y"), id="dates with times in a format that has spaces"),
        pytest.param(flags(), id="flags"),
        pytest.param(choices(Client.Gender.values, GENDER_WORDS), id="choices"),
        pytest.param(time_zones(), id="time zones"),
        pytest.param(Texts(100), id="texts"),
        pytest.param(Codes({"S1": 1}, error=("unknown", "“%s”"), max_length=64), id="codes"),
    ],
)
def test_readers_refuse_them_at_once(reader: Any) -> None:
    for text in WORST:
        with cpu_limit(SECONDS):
            (value,) = reader.read([text])
        if len(text.strip()) > LENGTH // 2:
            assert value == NULL
            assert isinstance(reader.problems[text], Problem)


def test_the_limit_of_a_number_or_date_is_64_characters() -> None:
    said = "The text is 65 characters long; a number, date or time has at most 64."
    for reader in (amounts(AmountRules()), integers(100), Dates(RULES), Whole()):
        assert reader.read(["1" * 65, "x" * 64]) == [NULL, NULL]
        assert reader.problems["1" * 65] == Problem("text_too_long", said)
        assert reader.problems["x" * 64].code != "text_too_long"
    assert amounts(AmountRules()).read([" " * 100 + "12.50" + " " * 100]) == ["12.50"]


def test_the_column_is_asked_past_them() -> None:
    with cpu_limit(SECONDS * 5):
        assert decimal_separator([*WORST[:40], "12,50"]) == ","
        assert date_formats([*WORST[:40], "03/14/2018"], today=date(2025, 6, 1)).fitting == ()


def test_near_misses_are_named_for_few(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {f"service {number}": number for number in range(1000)}
    looked_for: list[str] = []

    def counted(text: str, names: Any) -> list[str]:
        looked_for.extend([text] if names else [])
        return []

    monkeypatch.setattr(codes, "near_misses", counted)
    reader = Codes(known, error=("unknown", "“%s”"), max_length=100)
    assert set(reader.read([f"servise {number}" for number in range(500)])) == {NULL}
    assert len(looked_for) == NAMED_NEAR_MISSES


@pytest.mark.parametrize("run", RUNS)
def test_headings(tmp_path: Path, chain: object, run: str) -> None:
    path = tmp_path / "file.csv"
    long = (run * LENGTH)[:LENGTH].replace(",", ";")
    path.write_text(f'"{long}",client_ref,"{long}!"\nx,C1,y\n')
    with cpu_limit(SECONDS * 5):
        layout, preview = read_preview(path, "clients", {})
        assert "client_ref" in suggest_fields("clients", preview.headings, {})
    assert layout["header"]


def test_a_heading_that_is_too_long_is_told(stores: object, write: Callable[[str], Path], media: Path) -> None:
    path = write("client_ref," + "n" * 201 + "," + "n" * 200 + "\nC1,a,b\n")
    result = import_file(kind="clients", source=path, options=ImportOptions(), acting_user=None)
    (found,) = [finding for finding in result.findings if finding.code == "heading_too_long"]
    assert found.message == "A heading is at most 200 characters long; longer ones mean nothing here: column 2."
    assert max(len(finding.message) for finding in result.findings) < 300


def test_a_first_row_with_a_text_longer_than_any_heading_is_data(tmp_path: Path, chain: object) -> None:
    path = tmp_path / "file.csv"
    path.write_text("C1," + "a note " * 40 + "\n")
    assert read_preview(path, "clients", {})[0]["header"] is False


def test_whole_rows(refusal: Refusal, stores: object) -> None:
    rows = "".join(
        f'C{number},"2018-03-04 10:30{run * (LENGTH // len(run))}","5{run * (LENGTH // len(run))}x",S1\n'
        for number, run in enumerate(RUNS)
    )
    with cpu_limit(SECONDS * 20):
        found = refusal("visits", "client_ref,started_at,amount,store_code\n" + rows, create_missing=True)
    assert "line 2, amount: The text is 100002 characters long; a number, date or time has at most 64." in found
    # White space behind a time is none of it.
    assert len(found) == 2 * len(RUNS) - 2


@pytest.mark.parametrize("date_format", ["%d %d %Y", "%Y%Y", "%", "%q", "\0", "%Y-%m-%d %Y", "\ud800"])
def test_a_format_that_says_a_thing_twice_is_none(date_format: str) -> None:
    with pytest.raises(AppError, match="is no date format"):
        check_date_format(date_format)
