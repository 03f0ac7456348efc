"""Columns that hold dates with times, and times of day."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.imports.services.values.dates import DateRules, checked_day, read_day
from core.imports.services.values.days import is_no_day, plain_text
from core.imports.services.values.memo import (
    NULL,
    BadCellError,
    Memo,
    Problem,
    Problems,
    checked_value,
    shortened,
)
from core.imports.services.values.times import WrittenTime, read_in_part, read_time

_CODE = re.compile(r"%[-#]?(.)")
# Of 2018-03-04 or 03/04/2018, alone or before 10:30 or 10:30:00.
_COMMON_LENGTHS = {10, 16, 19}
# What programs write, and many rows of it, since a time with an offset is read for each of them.
_ISO_WITH_OFFSET = re.compile(
    r"\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3}|\.\d{6})?"
    r"(?:Z|[-+](?:0\d|1[0-2]):00)",
    re.ASCII,
)
# Date and time.
_BETWEEN = re.compile(r"^[,\s]{0,9}(?:at\b|@)?\s{0,9}", re.IGNORECASE)
_DAY_CODES = set("YymdbBeaAjDFx")


class DateTimes:
    """A column of dates with or without a time, which `read` splits in two columns: days and times."""

    def __init__(self, rules: DateRules) -> None:
        day_format, self._time_format, self._split = _two_formats(rules.date_format)
        self._rules, self._day_rules = rules, replace(rules, date_format=day_format)
        self._days, self._times, self._tails = Memo(self._day), Memo(self._time), Memo(self._tail)
        # By the store's time zone: the whole cell → its day and its time, parted by a tab.
        self._moments: dict[str, Memo] = {}
        self.problems: dict[str, Problem] = Problems()

    def read(
        self, cells: Sequence[str], stores: Sequence[str], zones: Mapping[str, str]
    ) -> tuple[list[str], list[str]]:
        """`zones` are the stores' time zones, for times that say their offset."""
        if not self._split:
            days, times = [NULL] * len(cells), [NULL] * len(cells)
        elif set(map(len, cells)) <= _COMMON_LENGTHS:
            days = list(map(self._days.__getitem__, [cell[:10] for cell in cells]))
            tails = [cell[10:] for cell in cells]
            times = list(map(self._tails.__getitem__, tails))
            self._note_starts(cells, self._tails.problems, tails)
        else:
            parts = [cell.strip().partition(" ") for cell in cells]
            days = list(map(self._days.__getitem__, [part[0] for part in parts]))
            times = list(map(self._times.__getitem__, [part[2] for part in parts]))
            self._note_starts(cells, self._times.problems, [part[2] for part in parts])
        if NULL in days or NULL in times:
            self._read_whole(cells, stores, zones, days, times)
        return days, times

    def _day(self, text: str) -> str:
        """Of a part that is the day alone."""
        if not text:
            return NULL
        day, rest = read_day(checked_value(text), self._day_rules)
        if rest:
            # A time, or a part of one: the whole cell is looked at.
            raise BadCellError("bad_date", "")
        return day.isoformat()

    def _tail(self, text: str) -> str:
        """Of what follows ten characters."""
        if text[:1] not in {"", " ", "T"}:
            raise BadCellError("bad_time", "")
        return self._time(text)

    def _time(self, text: str) -> str:
        """Of what follows the day, with or without the space or T in front of it."""
        if not text.strip():
            return "00:00"
        found = self._time_of(text)
        if found is None or found.zone:
            raise BadCellError("bad_time", _("“%s” is no time.") % shortened(text))
        if told := read_in_part(found, text, found.at.isoformat()):
            raise told
        return found.at.isoformat()

    def _note_starts(self, cells: Sequence[str], problems: Mapping[str, Problem], tails: Sequence[str]) -> None:
        """Tells of the cells whose time is a span."""
        starts = {text for text, problem in problems.items() if problem.value != NULL} if problems else set()
        if not starts.isdisjoint(tails):
            for cell, tail in zip(cells, tails, strict=True):
                if tail in starts:
                    self.problems[cell] = problems[tail]

    def _time_of(self, rest: str) -> WrittenTime | None:
        text = checked_value(rest)
        if self._time_format:
            try:
                return WrittenTime(datetime.strptime(text.removeprefix("T"), self._time_format).time())  # noqa: DTZ007
            except ValueError:
                pass
        after_t = text.startswith("T")
        text = _BETWEEN.sub("", plain_text(text.removeprefix("T")))
        return read_time(text, after_t=after_t, glued=after_t or rest[:1].isdigit())

    def _read_whole(
        self,
        cells: Sequence[str],
        stores: Sequence[str],
        zones: Mapping[str, str],
        days: list[str],
        times: list[str],
    ) -> None:
        """Once more for the rows whose parts alone could not be read: with an offset, or 2018年3月4日 上午10:30."""
        for index, cell in enumerate(cells):
            if (days[index] != NULL and times[index] != NULL) or not cell.strip():
                continue
            zone = zones.get(stores[index], "UTC")
            memo = self._moments.get(zone)
            if memo is None:
                memo = self._moments[zone] = Memo(partial(self._moment, zone))
            value = memo[cell]
            days[index], _tab, times[index] = value.partition("\t") if value != NULL else (NULL, "", NULL)
            if cell in memo.problems:
                self.problems[cell] = memo.problems[cell]

    def _moment(self, zone: str, text: str) -> str:
        cell = checked_value(text)
        if is_no_day(cell):
            raise BadCellError("no_day", _("“%s” is no day.") % shortened(cell))
        form = self._rules.date_format
        if not form and (moment := _with_offset(cell)):
            return self._as_values(moment, cell, zone)
        if form and (moment := _strptime(cell, form)):
            return self._as_values(moment, cell, zone)
        day, rest = read_day(cell, self._day_rules if self._split else self._rules)
        if not rest.strip():
            # A format has read the day.
            rest = cell.replace("T", " ", 1).partition(" ")[2] if form else ""
        if not rest.strip():
            return f"{day.isoformat()}\t00:00"
        found = self._time_of(rest)
        if found is None:
            message = _("“%(text)s” has a date (%(day)s) but no time that can be read: the date is kept.")
            values = {"text": shortened(cell), "day": day}
            raise BadCellError("bad_time", message % values, f"{day.isoformat()}\t00:00")
        value = self._as_values(datetime.combine(day, found.at, found.zone), cell, zone)
        if told := read_in_part(found, cell, value):
            raise told
        return value

    def _as_values(self, moment: datetime, cell: str, zone: str) -> str:
        if moment.tzinfo:
            try:
                moment = moment.astimezone(ZoneInfo(zone))
            except OverflowError:
                raise BadCellError("bad_date", _("“%s” is no date.") % shortened(cell)) from None
        return f"{checked_day(moment.date(), cell, self._rules).isoformat()}\t{moment:%H:%M:%S}"


def _with_offset(cell: str) -> datetime | None:
    try:
        return datetime.fromisoformat(cell) if _ISO_WITH_OFFSET.fullmatch(cell) else None
    except ValueError:
        return None


def _strptime(cell: str, date_format: str) -> datetime | None:
    try:
        return datetime.strptime(cell, date_format)  # noqa: DTZ007 - local by definition
    except ValueError:
        return None


def _two_formats(date_format: str | None) -> tuple[str | None, str | None, bool]:
    """Formats of date and time where a space or T parts them, and whether it does."""
    if date_format is None:
        return None, None, True
    left, _space, right = date_format.strip().replace("T", " ", 1).partition(" ")
    day_codes = set(_CODE.findall(left))
    time_codes = set(_CODE.findall(right))
    apart = bool(day_codes) and day_codes <= _DAY_CODES and not time_codes & _DAY_CODES and "z" not in time_codes
    return (left, right or None, True) if apart else (date_format, None, False)
