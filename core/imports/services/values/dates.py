"""Columns that hold dates.

A date that reads in one way only is read so. Of the others the column says how they are written, see
`core.imports.services.rules`; a format that the user gave comes first.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from core.imports.services.values.days import CERTAIN, NO_YEAR, WrittenDay, find_day, is_no_day, plain_text
from core.imports.services.values.memo import NOTHING, NULL, BadCellError, Memo, checked_value, shortened

EARLIEST_DAY = date(1950, 1, 1)
EARLIEST_BIRTH = date(1890, 1, 1)
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
SERIAL = re.compile(r"[1-9]\d{4}(?:[.,]\d+)?", re.ASCII)
# 2025年3月9日14时05分, without a space between them.
_HOUR = re.compile(r"\d{1,2}\s?[:时時點点시]", re.ASCII)
# The days from which spreadsheets count: this one, or the other in workbooks that began on a Mac.
SINCE_1900, SINCE_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - local by definition


@dataclass(frozen=True)
class Ways:
    """How a column writes dates that can be read in several ways."""

    # One of `days.ORDERS`; None: as no cell of the column shows.
    order: str | None = None
    # Numbers are days as a spreadsheet counts them from this one; None: they are no dates.
    serials_since: datetime | None = None
    # A spreadsheet program has taken the day for the month where it could, and made dates of what it read.
    swapped: bool = False


@dataclass(frozen=True)
class DateRules:
    """How the dates of a column are written, and how far they may go."""

    date_format: str | None
    latest: date
    earliest: date = EARLIEST_DAY
    # Asked where a cell alone leaves it open.
    ways: Callable[[], Ways] = Ways
    # A birthday without its year is one.
    yearless: bool = False
    # The user has said so, of this file or of one before it.
    may_be_swapped: bool = False


class Dates(Memo):
    """A column of dates; a time behind the date is left aside. A date without its year is --05-12."""

    def __init__(self, rules: DateRules) -> None:
        super().__init__(lambda text: _read_date(text, rules))


def _read_date(text: str, rules: DateRules) -> str:
    cell = checked_value(text)
    if cell.casefold() in NOTHING:
        return NULL
    if is_no_day(cell):
        raise BadCellError("no_day", _("“%s” is no day.") % shortened(cell))
    day, _rest = read_day(cell, rules)
    if day.year != NO_YEAR:
        return day.isoformat()
    message = _("“%s” says no year: month and day are kept.") % shortened(cell)
    raise BadCellError("no_year", message, f"--{day:%m-%d}")


def read_day(cell: str, rules: DateRules) -> tuple[date, str]:
    """The day, and the text behind it. Raises BadCellError."""
    form = rules.date_format
    day = _with_format(cell, form) if form else None
    if day is None and form and (parted := re.match(r"(\S{1,64})[\sT]", cell)):
        day = _with_format(parted[1], form)
    if day is not None:
        return checked_day(day, cell, rules), ""
    if not form and _ISO.fullmatch(cell[:10]) and cell[10:11] in {"", " ", "T"}:
        try:
            day = date.fromisoformat(cell[:10])
            if rules.may_be_swapped and rules.ways().swapped:
                day = day.replace(month=day.day, day=day.month)
            return checked_day(day, cell, rules), cell[10:]
        except ValueError:
            pass
    text = plain_text(cell)
    if SERIAL.fullmatch(text) and (since := rules.ways().serials_since):
        moment = serial_moment(text, since)
        return checked_day(moment.date(), cell, rules), f" {moment:%H:%M:%S}"
    found = find_day(text, latest=rules.latest, yearless=rules.yearless)
    if found is None or not _may_follow(found.rest):
        raise _no_date(cell, rules)
    return checked_day(_in_order(found, cell, rules), cell, rules), found.rest


def serial_moment(text: str, since: datetime = SINCE_1900) -> datetime:
    return since + timedelta(seconds=round(float(text.replace(",", ".")) * 86_400))


def _with_format(cell: str, date_format: str) -> date | None:
    try:
        return datetime.strptime(cell, date_format).date()  # noqa: DTZ007 - local by definition
    except ValueError:
        return None


def _may_follow(rest: str) -> bool:
    return not rest or not rest[0].isdigit() or len(rest) in {4, 6} or _HOUR.match(rest) is not None


def _in_order(found: WrittenDay, cell: str, rules: DateRules) -> date:
    if CERTAIN in found.readings and not (rules.date_format or "").startswith(("%Y", "%y")):
        return found.readings[CERTAIN]
    if rules.date_format:
        raise _no_date(cell, rules)
    if len(set(found.readings.values())) == 1 and len(found.readings) > 1:
        return next(iter(found.readings.values()))
    order = rules.ways().order
    if order is None:
        raise BadCellError("ambiguous_date", _("“%s” can be read as different days.") % shortened(cell))
    if order not in found.readings:
        message = _("“%(text)s” is not written as %(order)s, like the other dates of the column.")
        raise BadCellError("bad_date", message % {"text": shortened(cell), "order": order_words(order)})
    return found.readings[order]


def order_words(order: str) -> str:
    return {"mdy": _("month/day/year"), "dmy": _("day/month/year"), "ymd": _("year/month/day")}[order]


def _no_date(cell: str, rules: DateRules) -> BadCellError:
    if rules.date_format:
        message = _("“%(text)s” is not written as %(format)s.")
        return BadCellError("bad_date", message % {"text": shortened(cell), "format": rules.date_format})
    return BadCellError("bad_date", _("“%s” is no date.") % shortened(cell))


def checked_day(day: date, cell: str, rules: DateRules) -> date:
    if day.year == NO_YEAR:
        return day
    if day > rules.latest:
        raise BadCellError("future_date", _("“%s” lies in the future.") % shortened(cell))
    if day < rules.earliest:
        message = _("“%(text)s” lies before %(year)d.") % {"text": shortened(cell), "year": rules.earliest.year}
        raise BadCellError("absurd_date", message)
    return day
