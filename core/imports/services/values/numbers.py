"""Cells that hold amounts and other numbers.

An amount may carry a currency sign, separators of thousands and a decimal comma. Where a single cell can be read in two
ways ("1,234"), the column is asked: if other cells of it can be read in one way only and they agree, that is the way.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from django.utils.translation import gettext as _

from core.imports.services.values.memo import NOTHING, NULL, BadCellError, Memo, checked_value, shortened

_PLAIN = re.compile(r"-?\d{1,12}(?:\.\d{1,2})?", re.ASCII)
_CURRENCY = r"(?:[A-Z]{1,3}?[$€£¥₩₹₽฿₫₱]|[$€£¥₩₹₽฿₫₱]|CNY|RMB|USD|EUR|GBP|HKD|TWD|JPY|SGD|AUD|CAD|CHF|KRW|元|圆)"
_AMOUNT = re.compile(
    rf"(?:(?P<sign>[-+])\s*)?(?:{_CURRENCY}\s*)?(?:(?P<inner>[-+])\s*)?"
    rf"(?P<digits>\d(?:[.,'’ ]?\d)*[.,]?|[.,]\d+)(?:\s*{_CURRENCY})?(?:\s*(?P<trailing>-))?",
    re.ASCII,
)
_DOT_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+", re.ASCII)
_COMMA_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+", re.ASCII)
_CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal(10) ** 12


class UndecidedNumberError(BadCellError):
    """The text can be read in two ways."""

    def __init__(self, text: str, readings: tuple[Decimal, Decimal]) -> None:
        message = _("“%(text)s” is either %(first)s or %(second)s, and no other amount of the column shows which.")
        values = {"text": shortened(text), "first": f"{readings[0]:f}", "second": f"{readings[1]:f}"}
        super().__init__("ambiguous_number", message % values)


def amounts(decide: Callable[[], str | None]) -> Memo:
    """`decide` tells the column's decimal separator, or None; it is asked only when a cell needs it."""
    separator = cache(decide)

    def read(text: str) -> str:
        if _PLAIN.fullmatch(text) and not text.startswith("-0"):
            return text
        try:
            value = parse_number(text, decimal=None)
        except UndecidedNumberError:
            mark = separator()
            if mark is None:
                raise
            value = parse_number(text, decimal=mark)
        if value is None:
            return NULL
        if abs(value) >= LARGEST_AMOUNT:
            raise BadCellError("number_too_large", _("“%s” is too large an amount.") % shortened(text))
        return f"{value.quantize(_CENT, ROUND_HALF_UP) + 0:f}"

    return Memo(read)


def decimal_separator(texts: Iterable[str]) -> str | None:
    """The decimal separator that the unambiguous texts of a column agree on."""
    separators = {mark for text in texts if (mark := _evidence(text))}
    return separators.pop() if len(separators) == 1 else None


def _evidence(text: str) -> str | None:
    try:
        match = _AMOUNT.fullmatch(_normal(text))
        return _split(_without_spaces(match["digits"]), None, text)[2] if match else None
    except BadCellError:
        return None


def parse_number(text: str, *, decimal: str | None) -> Decimal | None:
    """None for an empty cell. `decimal` decides where a text can be read in two ways."""
    normal = _normal(text)
    if not normal:
        return None
    negative = normal.startswith("(") and normal.endswith(")")
    match = _AMOUNT.fullmatch(normal[1:-1].strip() if negative else normal)
    if match is None:
        raise _not_a_number(text)
    signs = [sign for sign in (match["sign"], match["inner"], match["trailing"]) if sign]
    if len(signs) + negative > 1:
        raise _not_a_number(text)
    whole, fraction, _mark = _split(_without_spaces(match["digits"]), decimal, text)
    value = Decimal(f"{whole or '0'}.{fraction or '0'}")
    return -value if negative or signs == ["-"] else value


def _normal(text: str) -> str:
    """Full-width digits and signs become ordinary ones, in capitals. Raises BadCellError."""
    normal = unicodedata.normalize("NFKC", checked_value(text)).strip().upper()
    return normal.replace("−", "-").replace("–", "-").replace(" ", " ")


def _without_spaces(digits: str) -> str:
    return re.sub(r"(?<=\d)[ '’](?=\d{3}(?!\d))", "", digits).strip()


def _split(digits: str, decimal: str | None, text: str) -> tuple[str, str, str | None]:
    """Whole part, fraction, and the decimal separator the text proves."""
    if digits.isdecimal():
        return digits, "", None
    for mark, other, thousands in ((".", ",", _COMMA_THOUSANDS), (",", ".", _DOT_THOUSANDS)):
        if mark in digits and other in digits and digits.rfind(mark) > digits.rfind(other):
            whole, _mark, fraction = digits.rpartition(mark)
            if thousands.fullmatch(whole) and fraction.isdecimal():
                return whole.replace(other, ""), fraction, mark
            raise _not_a_number(text)
    return _split_at_one(digits, decimal, text)


def _split_at_one(digits: str, decimal: str | None, text: str) -> tuple[str, str, str | None]:
    """Only one kind of separator is there."""
    mark = "." if "." in digits else ","
    other = "," if mark == "." else "."
    thousands = (_DOT_THOUSANDS if mark == "." else _COMMA_THOUSANDS).fullmatch(digits)
    whole, _mark, fraction = digits.partition(mark)
    if mark in fraction:
        if not thousands:
            raise _not_a_number(text)
        return digits.replace(mark, ""), "", other
    if (fraction and not fraction.isdecimal()) or (whole and not whole.isdecimal()):
        raise _not_a_number(text)
    if not thousands or whole == "0":
        return whole, fraction, mark
    if decimal is None:
        raise UndecidedNumberError(text, (Decimal(whole + fraction), Decimal(f"{whole}.{fraction}")))
    return (whole, fraction, None) if decimal == mark else (whole + fraction, "", None)


def _not_a_number(text: str) -> BadCellError:
    return BadCellError("bad_number", _("“%s” is not a number.") % shortened(text))


def quantities() -> Memo:
    """Empty is 1; 0 is refused; below 0 is a return."""

    def read(text: str) -> str:
        value = _with_point(text)
        if value is None:
            return "1"
        if value == 0:
            raise BadCellError("zero_quantity", _("A quantity of 0 is no sale and no return."))
        if abs(value) >= 10**7 or value != value.quantize(Decimal("0.001")):
            raise BadCellError("bad_quantity", _("“%s” is no quantity: at most three decimals.") % shortened(text))
        return plain(value)

    return Memo(read)


def integers(largest: int) -> Memo:
    def read(text: str) -> str:
        if text.strip().casefold() in NOTHING:
            return NULL
        value = _with_point(text)
        if value is None:
            return NULL
        if value != value.to_integral_value() or not 0 <= value <= largest:
            message = _("“%(text)s” is not a whole number from 0 to %(largest)d.")
            raise BadCellError("bad_integer", message % {"text": shortened(text), "largest": largest})
        return str(int(value))

    return Memo(read)


def _with_point(text: str) -> Decimal | None:
    """Small numbers: a point is a decimal point."""
    return parse_number(text, decimal=".") if "," not in text else parse_number(text, decimal=None)


def plain(value: Decimal) -> str:
    """Without needless zeros, so that equal numbers are equal texts."""
    return f"{value.normalize() + 0:f}"
