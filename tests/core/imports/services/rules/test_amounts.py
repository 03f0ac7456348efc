"""How a column writes its amounts: decided by its cells, the chain's currency, or the user."""

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import Workbook

from core.imports.services.questions import Question
from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import VisitLine

Bring = Callable[..., ImportResult]
InCurrency = Callable[[str], None]
pytestmark = pytest.mark.usefixtures("stores", "english")


@pytest.fixture
def in_currency(chain: object, monkeypatch: pytest.MonkeyPatch) -> InCurrency:
    return lambda currency: monkeypatch.setattr(chain, "currency", currency)


def visits(*cells: str) -> str:
    rows = "".join(f"C{number:02};2025-03-05;{cell};S1\n" for number, cell in enumerate(cells))
    return f"client_ref;started_at;amount;store_code\n{rows}"


def brought(bring: Bring, *cells: str, **answers: str) -> ImportResult:
    answers = {f"{topic}:amount": choice for topic, choice in answers.items()}
    result = bring("visits", visits(*cells), create_missing=True, answers=answers)
    assert result.rejected == 0
    return result


def amounts() -> list[str]:
    lines = VisitLine.objects.order_by("visit__client__ref")
    return [f"{line.amount.normalize():f}" for line in lines]


def asked(bring: Bring, *cells: str) -> Question:
    with pytest.raises(ImportRefused) as refused:
        bring("visits", visits(*cells), create_missing=True)
    (question,) = refused.value.result.open_questions
    return question


def test_a_dash_for_no_cents_is_no_return(bring: Bring) -> None:
    result = brought(bring, "450,-", "450.--", "80:-", "1.234,-", "12,– Kč")
    assert amounts() == ["450", "450", "80", "1234", "12"]
    assert all(quantity > 0 for quantity in VisitLine.objects.values_list("quantity", flat=True))
    assert [question.key for question in result.questions] == ["currency:amount"]


def test_a_dash_behind_a_whole_number_is_asked(bring: Bring) -> None:
    question = asked(bring, "80-", "90")
    assert (question.key, question.rows) == ("dash:amount", 1)
    assert [choice.label for choice in question.choices] == [
        "no cents: “80-” is 80.00",
        "a return: “80-” is −80.00",
    ]
    brought(bring, "80-", "90", dash="minus")
    assert amounts() == ["-80", "90"]


def test_dashes_behind_all_amounts_are_no_cents(bring: Bring) -> None:
    (question,) = brought(bring, "80-", "90-", "0").questions
    assert (question.taken, amounts()) == ("whole", ["80", "90", "0"])


def test_cents_before_the_dash_make_it_a_minus(bring: Bring) -> None:
    (question,) = brought(bring, "80-", "9.50-", "12").questions
    assert (question.taken, amounts()) == ("minus", ["-80", "-9.5", "12"])


def test_three_decimals_are_decided_by_the_currency(bring: Bring, in_currency: InCurrency) -> None:
    in_currency("KWD")
    result = brought(bring, "12.500", "8.250", "8.255")
    assert amounts() == ["12.5", "8.25", "8.26"]
    (question,) = result.questions
    assert (question.key, question.taken, question.taken_label) == ("decimal:amount", ".", "“12.500” is 12.5")
    assert question.reason == "Amounts in KWD have three decimals."
    (warning,) = result.findings
    assert (warning.code, warning.rows) == ("rounded", 1)
    assert warning.message.startswith("“8.255” has more than two decimals: it is rounded to 8.26.")


@pytest.mark.parametrize(
    ("currency", "cell", "value"),
    [("CNY", "1,234", "1234"), ("JPY", "1,234", "1234"), ("CZK", "1.234", "1234"), ("OMR", "1.234", "1.23")],
)
def test_currency_and_its_decimals_decide_together(
    bring: Bring, in_currency: InCurrency, currency: str, cell: str, value: str
) -> None:
    in_currency(currency)
    (question,) = brought(bring, cell).questions
    assert (amounts(), question.answered) == ([value], False)


@pytest.mark.parametrize(("currency", "cell"), [("CNY", "1.234"), ("EUR", "1.234"), ("EUR", "1,234"), ("KWD", "1,234")])
def test_what_nothing_decides_is_asked_with_both_readings(
    bring: Bring, in_currency: InCurrency, currency: str, cell: str
) -> None:
    in_currency(currency)
    question = asked(bring, cell, "5", cell)
    assert {choice.label for choice in question.choices} == {f"“{cell}” is 1,234", f"“{cell}” is 1.234"}
    assert question.rows == 2
    brought(bring, cell, "5", cell, decimal="." if "," in cell else ",")
    assert amounts() == ["1234", "5", "1234"]


def test_another_amount_of_the_column_decides_and_is_named(bring: Bring) -> None:
    (question,) = brought(bring, "1.234", *["5"] * 5000, "12,50").questions
    assert (question.taken, question.reason) == (",", "“12,50” shows it.")
    assert amounts()[0] == "1234"


def test_a_column_that_proves_both_is_asked(bring: Bring) -> None:
    assert asked(bring, "1,234.50", "12,50", "1,234").key == "decimal:amount"


@pytest.mark.parametrize(
    ("currency", "cells"),
    [
        ("CNY", ["¥450", "450元", "RMB 450", "￥４５０", "450 块", "人民币450"]),
        ("SEK", ["kr 450", "450 kr", "450,00 kr.", "SEK 450"]),
        ("PLN", ["450,00 zł", "zł 450"]),
        ("AED", ["AED 450", "Dhs. 450"]),
        ("TRY", ["₺450", "450 TL"]),
        ("MYR", ["RM 450.00", "RM450"]),
        ("JPY", ["450円", "¥450"]),
        ("USD", ["$450", "US$450.00", "USD 450"]),
    ],
)
def test_the_chains_own_currency_is_read_over(
    bring: Bring, in_currency: InCurrency, currency: str, cells: list[str]
) -> None:
    in_currency(currency)
    assert not brought(bring, *cells).questions
    assert set(amounts()) == {"450"}


def test_another_currency_of_the_whole_column_is_shown(bring: Bring) -> None:
    (question,) = brought(bring, "kr 450", "80 kr").questions
    assert (question.key, question.taken, amounts()) == ("currency:amount", "same", ["450", "80"])
    assert question.text == "The amounts of “amount” name KR. Do they count as CNY?"


@pytest.mark.parametrize("word", ["Qx", "积分", "次"])
def test_a_word_that_all_amounts_share_and_is_no_currency_is_asked_about(bring: Bring, word: str) -> None:
    """They may be points, or times."""
    question = asked(bring, f"450 {word}", f"80 {word}")
    assert (question.key, question.proposed) == ("currency:amount", None)
    brought(bring, f"450 {word}", f"80 {word}", currency="same")
    assert amounts() == ["450", "80"]


@pytest.mark.parametrize("cells", [("₹1,23,456.00", "₹ 12,34,567"), ("Rs. 1,23,456", "Rs 12,34,567.00")])
def test_amounts_as_in_india(bring: Bring, in_currency: InCurrency, cells: tuple[str, ...]) -> None:
    in_currency("INR")
    brought(bring, *cells)
    assert amounts() == ["123456", "1234567"]


def test_a_word_beside_some_amounts_alone_is_an_error(refusal: Callable[..., list[str]]) -> None:
    found = refusal("visits", visits("12 apples", "5"), create_missing=True)
    assert found == ["line 2, amount: “12 apples” is not a number."]


def test_several_currencies_are_asked(bring: Bring) -> None:
    cells = ["kr 450", "450 kr", "80,00 zł", "AED 120", "₺250", "¥7"]
    question = asked(bring, *cells)
    assert (question.key, question.examples) == ("currency:amount", ("kr 450", "80,00 zł", "AED 120"))
    brought(bring, *cells, currency="same")
    assert amounts() == ["450", "450", "80", "120", "250", "7"]
    with pytest.raises(ImportRefused) as refused:
        brought(bring, *cells, currency="own")
    assert refused.value.result.rejected == 5


def test_ten_thousands_and_full_width_digits(bring: Bring) -> None:
    brought(bring, "1.2万", "1万元", "３千", "（１５.００）", "-2.5万")
    assert amounts() == ["12000", "10000", "3000", "-15", "-25000"]


def test_a_dash_alone_is_empty(bring: Bring, refusal: Callable[..., list[str]]) -> None:
    assert refusal("visits", visits("-", "5", "—"), create_missing=True) == [
        "line 2, amount: There has to be a value.",
        "line 4, amount: There has to be a value.",
    ]
    assert bring("services", "service_code,name,category,price\nA,A,C,-\nB,B,C,—\n").created == 2


def test_a_number_cell_of_a_workbook_has_one_reading(bring: Bring) -> None:
    book = Workbook()
    assert book.active
    for row in (["client_ref", "started_at", "amount", "store_code"], ["C1", "2025-03-05", 88.125, "S1"], ["C2", "2025-03-05", 80, "S1"]):  # fmt: skip  # noqa: E501
        book.active.append(row)
    content = BytesIO()
    book.save(content)
    result = bring("visits", content.getvalue(), create_missing=True)
    assert (amounts(), result.questions) == (["88.13", "80"], [])


def test_a_currency_without_decimals_has_none(bring: Bring, in_currency: InCurrency) -> None:
    in_currency("KRW")
    brought(bring, "1.500", "8.250", "10,000", "₩12,000")
    assert amounts() == ["1500", "8250", "10000", "12000"]


def test_a_dash_closes_an_amount_in_yen(bring: Bring, in_currency: InCurrency) -> None:
    in_currency("JPY")
    result = brought(bring, "￥10,000-", "8,500円")
    assert amounts() == ["10000", "8500"]
    assert next(one.taken for one in result.questions if one.key == "dash:amount") == "whole"


@pytest.mark.parametrize(
    ("heading", "cell", "amount"),
    [
        ("金额(分)", "8800", "88"),
        ("金额（万元）", "0.88", "8800"),
        ("金额（单位：千元）", "1.5", "1500"),
        ("Amount (in thousands)", "-0.5", "-500"),
        # The cell says it by itself.
        ("金额(万元)", "0.88万", "8800"),
    ],
)
def test_a_unit_in_the_heading_is_asked_about(bring: Bring, heading: str, cell: str, amount: str) -> None:
    content = visits(cell).replace("amount", heading)
    options = {"create_missing": True, "mapping": {heading: "amount"}}
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, **options)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.proposed) == ("unit:amount", "unit")
    bring("visits", content, answers={"unit:amount": "unit"}, **options)
    assert amounts() == [amount]


def test_a_unit_that_is_none(bring: Bring) -> None:
    content, mapping = visits("8800").replace("amount", "金额(分)"), {"金额(分)": "amount"}
    bring("visits", content, create_missing=True, mapping=mapping, answers={"unit:amount": "as_written"})
    assert amounts() == ["8800"]


def test_amounts_that_end_as_in_india(bring: Bring, in_currency: InCurrency) -> None:
    in_currency("INR")
    brought(bring, "Rs. 1,200/-", "Rs 500 /-", "₹50.50")
    assert amounts() == ["1200", "500", "50.5"]
