"""Cells that hold numbers, and what numbers look like.

Where a single cell can be read in two ways ("1,234"), whoever reads it says which sign is the decimal one.
"""

import re
import unicodedata
from decimal import Decimal

from django.utils.translation import gettext as _

from core.imports.services.values.memo import NOTHING, NULL, BadCellError, Memo, checked_value, shortened

_NUMBER = re.compile(r"(?P<sign>[-+]?)\s{0,9}(?P<digits>\d(?:[.,'’ ]?\d){0,40}|[.,]\d{1,40})[.,]?", re.ASCII)
_COUNT = re.compile(
    r"(?:[X×]\s{0,9})?(?P<number>[-+\d].{0,60}?)\s{0,9}(?:次|个|個|件|支|瓶|盒|份|节|張|张|套|位|人|回|회|PCS?|TIMES|X|×)?"
)
_DOT_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+", re.ASCII)
# 1,234,567, or as in India 12,34,567.
_COMMA_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2}){1,9},\d{3}", re.ASCII)
# As a spreadsheet program shows a long number, whose other digits are lost when it is saved so.
# Or shows instead of one: ####, #N/A.
_LOST_DIGITS = re.compile(
    r"\d(?:[.,]\d+)?E\+\d{1,3}|#{3,40}|#(?:N/A|REF!|VALUE!|NAME\?|NUM!|NULL!|DIV/0!)", re.ASCII | re.IGNORECASE
)
UNLIMITED = {"不限", "不限次", "不限次数", "无限", "无限次", "無限", "不限次數", "UNLIMITED", "ANY", "∞"}
_DASHES = str.maketrans("−‒–—", "----")


class UndecidedNumberError(BadCellError):
    """The text can be read in two ways."""

    def __init__(self, text: str, readings: tuple[Decimal, Decimal]) -> None:
        message = _("“%(text)s” is either %(first)s or %(second)s, and no other amount of the column shows which.")
        values = {"text": shortened(text), "first": f"{readings[0]:f}", "second": f"{readings[1]:f}"}
        super().__init__("ambiguous_number", message % values)


def lost_digits(text: str) -> bool:
    """Whether it is a number such as 1.38E+10."""
    return _LOST_DIGITS.fullmatch(text.strip()) is not None


def digits_lost(text: str) -> BadCellError:
    message = _("“%s” is a number whose digits a spreadsheet program has cut. Export the column as text.")
    return BadCellError("lost_digits", message % shortened(text))


def parse_number(text: str, *, decimal: str | None) -> Decimal | None:
    """None for an empty cell. `decimal` decides where a text can be read in two ways. Raises BadCellError."""
    normal = normal_number(text)
    if normal.casefold() in NOTHING:
        return None
    match = _NUMBER.fullmatch(normal)
    if match is None:
        raise not_a_number(text)
    whole, fraction, _mark = split_digits(match["digits"], decimal, text)
    value = Decimal(f"{whole or '0'}.{fraction or '0'}")
    return -value if match["sign"] == "-" else value


def normal_number(text: str) -> str:
    """Full-width digits and signs become ordinary ones, in capitals. Raises BadCellError."""
    return unicodedata.normalize("NFKC", checked_value(text)).strip().upper().translate(_DASHES)


def split_digits(digits: str, decimal: str | None, text: str) -> tuple[str, str, str | None]:
    """Whole part, fraction, and the decimal separator the text proves."""
    digits = re.sub(r"(?<=\d)[ '’](?=\d{3}(?!\d))", "", digits).strip()
    if digits.isdecimal():
        return digits, "", None
    for mark, other, thousands in ((".", ",", _COMMA_THOUSANDS), (",", ".", _DOT_THOUSANDS)):
        if mark in digits and other in digits and digits.rfind(mark) > digits.rfind(other):
            whole, _mark, fraction = digits.rpartition(mark)
            if thousands.fullmatch(whole) and fraction.isdecimal():
                return whole.replace(other, ""), fraction, mark
            raise not_a_number(text)
    return _split_at_one(digits, decimal, text)


def _split_at_one(digits: str, decimal: str | None, text: str) -> tuple[str, str, str | None]:
    """Only one kind of separator is there."""
    mark = "." if "." in digits else ","
    other = "," if mark == "." else "."
    thousands = (_DOT_THOUSANDS if mark == "." else _COMMA_THOUSANDS).fullmatch(digits)
    whole, _mark, fraction = digits.partition(mark)
    if mark in fraction:
        if not thousands:
            raise not_a_number(text)
        return digits.replace(mark, ""), "", other
    if (fraction and not fraction.isdecimal()) or (whole and not whole.isdecimal()):
        raise not_a_number(text)
    if not thousands or whole == "0":
        return whole, fraction, mark
    if decimal is None:
        raise UndecidedNumberError(text, (Decimal(whole + fraction), Decimal(f"{whole}.{fraction}")))
    return (whole, fraction, None) if decimal == mark else (whole + fraction, "", None)


def not_a_number(text: str) -> BadCellError:
    return BadCellError("bad_number", _("“%s” is not a number.") % shortened(text))


def quantities() -> Memo:
    """Empty is 1; 0 is refused; below 0 is a return."""

    def read(text: str) -> str:
        counted = _COUNT.fullmatch(normal_number(text))
        value = _with_point(counted["number"] if counted else text)
        if value is None:
            return "1"
        if value == 0:
            raise BadCellError("zero_quantity", _("A quantity of 0 is no sale and no return."))
        if abs(value) >= 10**7 or value != value.quantize(Decimal("0.001")):
            raise BadCellError("bad_quantity", _("“%s” is no quantity: at most three decimals.") % shortened(text))
        return plain(value)

    return Memo(read)


def counts() -> Memo:
    """How many times, 0 or more; a word for without end is no number."""

    def read(text: str) -> str:
        normal = normal_number(text)
        if normal in UNLIMITED:
            return NULL
        counted = _COUNT.fullmatch(normal)
        value = _with_point(counted["number"] if counted else text)
        if value is None:
            return NULL
        if not 0 <= value < 10**7 or value != value.quantize(Decimal("0.001")):
            message = _("“%s” is no number of times: 0 or more, with at most three decimals.")
            raise BadCellError("bad_count", message % shortened(text))
        return plain(value)

    return Memo(read)


def integers(largest: int) -> Memo:
    def read(text: str) -> str:
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
