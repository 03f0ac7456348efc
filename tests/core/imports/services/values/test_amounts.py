"""Whatever way an amount is written, it reads the same."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.imports.services.values.amounts import AmountRules, amounts
from core.imports.services.values.memo import NULL
from core.imports.services.values.numbers import quantities

WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
MARKS = [(",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ",")]


def written(value: Decimal, thousands: str, mark: str) -> str:
    return f"{value:,.2f}".replace(",", "T").replace(".", mark).replace("T", thousands)


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(MARKS))
def test_any_writing_of_an_amount_reads_the_same(value: Decimal, marks: tuple[str, str]) -> None:
    text = written(value, *marks)
    more = [f"¥{text}", f"{text} zł", f"KWD {text}", f"{text}元", text.translate(WIDE), f"+{text}", f" {text} "]
    assert set(amounts(AmountRules()).read([text, *more])) == {f"{value:.2f}"}
    less = [f"-{text}", f"({text})", f"{text}-", f"−{text}", f"-¥{text}", f"¥-{text}", f"(US${text})", f"¥({text})"]
    assert set(amounts(AmountRules()).read(less)) == {f"{-value + 0:.2f}"}


@given(st.integers(0, 10**6))
def test_any_writing_of_a_whole_amount_reads_the_same(value: int) -> None:
    texts = [f"{value}", f"{value},-", f"{value}.-", f"{value}.–", f"{value},-- Kč", f"CHF {value}.00", f"{value}."]
    assert set(map(Decimal, amounts(AmountRules()).read(texts))) == {Decimal(value)}
    assert amounts(AmountRules()).read([f"{value}万"]) == [f"{value * 10_000}.00"]


def test_what_stands_for_nothing_is_empty() -> None:
    assert amounts(AmountRules()).read(["", " ", "-", "—", "n/a", "¥ -", "- €"]) == [NULL] * 7


def test_quantities_with_their_counters() -> None:
    texts = ["2", "2次", "2 pcs", "x2", "2.0", "２个", "", "-"]
    assert quantities().read(texts) == ["2"] * 6 + ["1", "1"]


def test_what_stands_behind_an_amount() -> None:
    texts = ["4.5k", "2K", "88元整", "1,500.00円(税込)", "￥88.00(微信)", "5,00- €", "12.50 د.ك", "免费", "free"]
    values = [4500, 2000, 88, 1500, 88, -5, "12.50", 0, 0]
    assert list(map(Decimal, amounts(AmountRules()).read(texts))) == list(map(Decimal, values))
