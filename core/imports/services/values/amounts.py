"""Cells that hold amounts of money.

An amount may carry a currency's sign or word, separators of thousands, a decimal comma, a dash for no cents or for a
return, and 万. Where that can be read in two ways, the rules of its column say which.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from core.imports.services.values.memo import NOTHING, NULL, BadCellError, Memo, shortened
from core.imports.services.values.numbers import (
    UndecidedNumberError,
    normal_number,
    not_a_number,
    plain,
    split_digits,
)

_SIGNS = "$¢£¤¥฿៛" + "".join(map(chr, range(0x20A0, 0x20C1)))
_WORD = rf"[^\W\d_]{{0,12}}[{_SIGNS}]|[^\W\d_]{{1,12}}(?:\.[^\W\d_]{{1,4}})?\.?"
_PLAIN = re.compile(r"-?\d{1,12}(?:\.\d{1,2})?", re.ASCII)
_AMOUNT = re.compile(
    rf"(?:(?P<sign>[-+])\s*)?(?:(?P<before>{_WORD})\s*)?(?:(?P<inner>[-+])\s*)?"
    r"(?P<digits>[0-9](?:[.,'’ ]?[0-9])*|[.,][0-9]+)"
    r"(?P<end>\s?[.,:/]\s?-{1,2}|[.,])?"
    rf"(?:\s*(?P<unit>[万萬千]|K(?![^\W\d_.])))?(?:\s*(?P<behind>-)(?=\s?[^\s-]))?(?:\s*(?P<after>{_WORD}))?"
    r"(?:\s*(?P<trailing>-))?"
)
# ¥(12.50)
_IN_BRACKETS = re.compile(rf"((?:{_WORD})?)\s{{0,9}}\(([^()]{{0,64}})\)")
# ¥ -
_NO_AMOUNT = re.compile(rf"(?:{_WORD})?\s{{0,9}}-{{1,2}}\s{{0,9}}(?:{_WORD})?")
# What is said of an amount behind it: 1,500円(税込), 88元整.
_SAID_BEHIND = re.compile(r"\s{0,9}(?:\([^()\d]{1,20}\)|整)$")
_FREE = {
    "free",
    "gratis",
    "kostenlos",
    "complimentary",
    "no charge",
    "gratuit",
    "offert",
    "免费",
    "免費",
    "赠送",
    "贈送",
    "免单",
    "無料",
    "무료",
    "ฟรี",
}
# Without cents, as far as one sees.
_WHOLE = re.compile(r"\d+|\d{1,3}(?:[.,'’ ]\d{3})+", re.ASCII)
_CENT = Decimal("0.01")
_UNITS = {"万": 10_000, "萬": 10_000, "千": 1000, "K": 1000}
LARGEST_AMOUNT = Decimal(10) ** 12


@dataclass(frozen=True)
class AmountRules:
    """Asked where a cell alone leaves it open."""

    # The column's decimal sign.
    decimal: Callable[[], str | None] = lambda: None
    # Whether this word beside a number is a currency and is read over; told the cell too.
    reads_over: Callable[[str, str], bool] = lambda _word, _cell: True
    # Whether 80- is money given back; else it has no cents.
    dash_is_minus: Callable[[], bool] = lambda: True
    # What its numbers are counted in, where the heading says so: 0.01 for cents.
    unit: Decimal = Decimal(1)


class WrittenAmount(NamedTuple):
    """The parts of a cell."""

    negative: bool
    # 80-, without cents.
    dashed: bool
    digits: str
    # Where the cell itself says so.
    mark: str | None
    factor: int | Decimal
    words: tuple[str, ...]


def amounts(rules: AmountRules) -> Memo:
    decimal, dash_is_minus = cache(rules.decimal), cache(rules.dash_is_minus)

    def read(text: str) -> str:
        if rules.unit == 1 and _PLAIN.fullmatch(text) and not text.startswith("-0"):
            return text
        if text.strip().casefold() in NOTHING or _NO_AMOUNT.fullmatch(normal_number(text)):
            return NULL
        written = _in_unit(written_amount(text), rules.unit)
        if not all(rules.reads_over(word, text) for word in written.words):
            raise not_a_number(text)
        try:
            value = amount_of(written, text, written.mark)
        except UndecidedNumberError:
            mark = decimal()
            if mark is None:
                raise
            value = amount_of(written, text, mark)
        if written.dashed and dash_is_minus():
            value = -value
        if abs(value) >= LARGEST_AMOUNT:
            raise BadCellError("number_too_large", _("“%s” is too large an amount.") % shortened(text))
        kept = f"{value.quantize(_CENT, ROUND_HALF_UP) + 0:f}"
        if Decimal(kept) != value:
            message = _("“%(text)s” has more than two decimals: it is rounded to %(kept)s.")
            raise BadCellError("rounded", message % {"text": plain(value), "kept": kept}, kept)
        return kept

    return Memo(read)


def _in_unit(written: WrittenAmount, unit: Decimal) -> WrittenAmount:
    """Unless the cell itself says 万."""
    return written if unit == 1 or written.factor != 1 else written._replace(factor=unit)


def written_amount(text: str) -> WrittenAmount:
    """Raises BadCellError."""
    normal = _SAID_BEHIND.sub("", normal_number(text))
    if normal.casefold() in _FREE:
        raise BadCellError("free", _("“%s” is read as 0.") % shortened(text), "0")
    brackets = _IN_BRACKETS.fullmatch(normal)
    negative = brackets is not None
    match = _AMOUNT.fullmatch(f"{brackets[1]}{brackets[2]}".strip() if brackets else normal)
    if match is None:
        raise not_a_number(text)
    end = (match["end"] or "").strip()
    dashed = bool(match["behind"] or match["trailing"]) and _WHOLE.fullmatch(match["digits"]) is not None
    signs = [sign for sign in (match["sign"], match["inner"], match["behind"], match["trailing"]) if sign]
    if len(signs) + negative > 1:
        raise not_a_number(text)
    return WrittenAmount(
        negative or (signs == ["-"] and not dashed),
        dashed,
        match["digits"],
        end[0] if "-" in end and end[0] not in ":/" else None,
        _UNITS[match["unit"]] if match["unit"] else 1,
        tuple(word for word in (match["before"], match["after"]) if word),
    )


def amount_of(written: WrittenAmount, text: str, decimal: str | None) -> Decimal:
    """Without what a dash behind it says. Raises BadCellError."""
    whole, fraction, _mark = split_digits(written.digits, decimal, text)
    value = Decimal(f"{whole or '0'}.{fraction or '0'}") * written.factor
    return -value if written.negative else value


def proven_decimal(text: str) -> str | None:
    """The decimal sign that a cell shows."""
    try:
        written = written_amount(text)
        return written.mark or split_digits(written.digits, None, text)[2]
    except BadCellError:
        return None


def decimal_separator(texts: Iterable[str]) -> str | None:
    """The decimal sign that the texts of a column agree on."""
    marks = {mark for text in texts if (mark := proven_decimal(text))}
    return marks.pop() if len(marks) == 1 else None
