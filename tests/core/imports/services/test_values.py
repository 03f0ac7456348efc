"""How single cells are read."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.services.values.amounts import AmountRules, amounts, decimal_separator
from core.imports.services.values.dates import DateRules
from core.imports.services.values.memo import NULL, REMEMBERED, Memo
from core.imports.services.values.moments import DateTimes
from core.imports.services.values.numbers import parse_number
from core.imports.services.values.texts import Texts

ZONES: Mapping[str, str] = {"1": "Asia/Shanghai"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("80", "80"),
        (" 80.5 ", "80.50"),
        ("-0", "0.00"),
        ("¥1,280.00", "1280.00"),
        ("￥ 1，280", None),
        ("US$12.50", "12.50"),
        ("12,50 €", "12.50"),
        ("1.234.567", "1234567.00"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("CNY 15", "15.00"),
        ("15元", "15.00"),
        ("(15.00)", "-15.00"),
        ("15.00-", "-15.00"),
        ("-¥15", "-15.00"),
        ("¥-15", "-15.00"),
        ("−15", "-15.00"),
        ("１２.５０", "12.50"),
        (".5", "0.50"),
        ("0.125", "0.13"),
        ("12.3450", "12.35"),
        ("0,123", "0.12"),
    ],
)
def test_amounts(text: str, value: str | None) -> None:
    reader = amounts(AmountRules())
    (found,) = reader.read([text])
    assert found == (value or NULL), reader.problems


def test_the_column_decides_what_one_amount_leaves_open() -> None:
    assert amounts(AmountRules(lambda: decimal_separator(["5", "1,234", "12,50"]))).read(["1,234"]) == ["1.23"]
    assert amounts(AmountRules(lambda: decimal_separator(["5", "1,234", "12.50"]))).read(["1,234"]) == ["1234.00"]
    assert amounts(AmountRules(lambda: decimal_separator(["1.234", "1.234.567"]))).read(["1.234"]) == ["1234.00"]
    assert decimal_separator(["5", "1,234"]) is None


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=2),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("", ".")]),
)
def test_an_amount_reads_as_it_was_written(value: Decimal, marks: tuple[str, str]) -> None:
    thousands, mark = marks
    text = f"{value:,.2f}".replace(",", "T").replace(".", mark).replace("T", thousands)
    assert parse_number(text, decimal=None) == value


def days_and_times(cells: list[str], date_format: str | None = None) -> list[tuple[str, str]]:
    reader = DateTimes(DateRules(date_format, date(2025, 12, 31)))
    days, times = reader.read(cells, ["1"] * len(cells), ZONES)
    assert not reader.problems, reader.problems
    return list(zip(days, times, strict=True))


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("2018-03-04", "2018-03-04", "00:00"),
        ("2018/3/4", "2018-03-04", "00:00"),
        ("2018.03.04", "2018-03-04", "00:00"),
        ("20180304", "2018-03-04", "00:00"),
        ("2018年3月4日", "2018-03-04", "00:00"),
        ("2018年3月4日 14:05", "2018-03-04", "14:05:00"),
        ("2018年3月4日14时05分", "2018-03-04", "14:05:00"),
        ("2018年3月4日 下午2:05", "2018-03-04", "14:05:00"),
        ("2018-03-04 14:05", "2018-03-04", "14:05:00"),
        ("2018-03-04T14:05:06", "2018-03-04", "14:05:06"),
        ("2018-03-04 14:05:06.789", "2018-03-04", "14:05:06"),
        ("2018-03-04 2:05 PM", "2018-03-04", "14:05:00"),
        ("2018-03-04 12:05 am", "2018-03-04", "00:05:00"),
        ("2018-03-04T20:05:00Z", "2018-03-05", "04:05:00"),
        ("2018-03-04 20:05:00 +0000", "2018-03-05", "04:05:00"),
        ("2018-03-04T20:05:00-05:00", "2018-03-05", "09:05:00"),
    ],
)
def test_dates_that_read_in_one_way_only(text: str, day: str, time: str) -> None:
    assert days_and_times([text]) == [(day, time)]


@pytest.mark.parametrize(
    ("text", "date_format", "day", "time"),
    [
        ("03/04/2018", "%m/%d/%Y", "2018-03-04", "00:00"),
        ("03/04/2018", "%d/%m/%Y", "2018-04-03", "00:00"),
        ("3/4/2018", "%m/%d/%Y", "2018-03-04", "00:00"),
        ("03/04/2018 2:05 PM", "%m/%d/%Y %I:%M %p", "2018-03-04", "14:05:00"),
        ("03/04/2018 14:05", "%m/%d/%Y", "2018-03-04", "14:05:00"),
        ("4 Mar 2018", "%d %b %Y", "2018-03-04", "00:00:00"),
        ("Mar 4, 2018 14:05", "%b %d, %Y %H:%M", "2018-03-04", "14:05:00"),
        ("201803041405", "%Y%m%d%H%M", "2018-03-04", "14:05:00"),
        ("2018-03-04T20:05:00+0000", "%Y-%m-%dT%H:%M:%S%z", "2018-03-05", "04:05:00"),
    ],
)
def test_dates_with_a_format(text: str, date_format: str, day: str, time: str) -> None:
    assert days_and_times([text], date_format) == [(day, time)]


def test_a_column_may_mix_dates_with_and_without_times() -> None:
    assert days_and_times(["2018-03-04", "2018-03-04 10:00", ""]) == [
        ("2018-03-04", "00:00"),
        ("2018-03-04", "10:00:00"),
        (NULL, "00:00"),
    ]


def test_texts_survive_the_way_into_the_database() -> None:
    assert Texts(20).read(["a\\b", " c\td ", "e\nf", "", "\\N"]) == ["a\\\\b", "c\\td", "e\\nf", NULL, "\\\\N"]


def test_not_everything_is_remembered() -> None:
    memo = Memo(str.upper)
    texts = [f"t{number}" for number in range(REMEMBERED + 10)]
    assert memo.read(texts) == [text.upper() for text in texts]
    assert len(memo) == REMEMBERED
