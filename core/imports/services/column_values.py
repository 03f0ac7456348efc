"""What the cells of a column look like, where its heading does not say what it means."""

import re
from collections.abc import Sequence

from core.imports.services.values.texts import NO, YES

# Enough cells to tell, and the share of them that has to look alike.
LOOKED_AT = 200
SHARE = 0.8
_DATE = re.compile(
    r"\s{0,9}(?:(?:19|20)\d\d\s{0,9}[-/.年]\s{0,9}\d{1,2}\s{0,9}[-/.月]\s{0,9}\d{1,2}"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?!\d)"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|\d{1,2}[-\s](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,7}[-,\s]\s{0,9}\d{2,4}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,7}\.?\s\d{1,2},?\s\d{4})",
    re.IGNORECASE,
)
_TIME = re.compile(r"(?:上午|下午|晚上|凌晨|中午)?\d{1,2}\s{0,9}[:：点]\s{0,9}\d{2}.{0,12}")
_PHONE = re.compile(r"'?(?:(?:\+|00)\d{8,15}|(?:86)?1[3-9]\d{9}|0\d{8,11})")
_MONEY = re.compile(r"\(?-?\s{0,9}(?:[¥￥$€£]\s{0,9}-?\s{0,9}\d[\d,. ]{0,30}|\d[\d,.]{0,30}[.,]\d\d)\s{0,9}[元円]?\)?")
_PAYMENT = re.compile(r"[¥￥$€£]?\s{0,3}-?\d{1,3}(?:,?\d{3}){0,2}(?:[.,]\d{1,2})?|[-–—]")
_NAME = re.compile(r"[一-鿿]{2,4}|[^\W\d_]{1,40}(?:[ .'’-]{1,3}[^\W\d_]{1,40}){1,3}")


def _mostly(pattern: re.Pattern[str], cells: Sequence[str]) -> bool:
    return bool(cells) and sum(pattern.fullmatch(cell) is not None for cell in cells) >= SHARE * len(cells)


def looks_like_dates(cells: Sequence[str]) -> bool:
    return bool(cells) and sum(_DATE.match(cell) is not None for cell in cells) >= SHARE * len(cells)


def looks_like_times(cells: Sequence[str]) -> bool:
    """Times of day, without a date."""
    return _mostly(_TIME, cells)


def looks_like_phones(cells: Sequence[str]) -> bool:
    return _mostly(_PHONE, [re.sub(r"[\s().-]", "", cell) for cell in cells])


def looks_like_money(cells: Sequence[str]) -> bool:
    """Numbers with cents or a currency's sign: any other number may be a count."""
    return _mostly(_MONEY, cells)


def looks_like_payments(cells: Sequence[str]) -> bool:
    """What was paid in one way by each row: amounts, of which some may be 0 or blank."""
    return _mostly(_PAYMENT, cells) and any(cell.strip("¥￥$€£ 0.,-") for cell in cells)


def looks_like_names(cells: Sequence[str]) -> bool:
    return _mostly(_NAME, cells)


def holds_numbers(cells: Sequence[str]) -> bool:
    """Numbers of records, as A17 or 0042: whatever holds a digit."""
    return bool(cells) and sum(any(map(str.isdecimal, cell)) for cell in cells) >= SHARE * len(cells)


def says_yes_and_no(cells: Sequence[str]) -> bool:
    """In words: ones and zeros may be numbers."""
    return bool(cells) and {cell.casefold() for cell in cells} <= {word for word in YES | NO if not word.isdecimal()}
