"""Cells that hold dates and times.

Without a format a date has to be one that reads in one way only: year first, or 2018年3月4日. Anything else is refused
with its readings, for the whole file: it wants a format, not a correction of rows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NoReturn
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.imports.services.values.memo import NULL, BadCellError, Memo, Problem, Problems, checked_value, shortened
from core.shared.errors import AppError

EARLIEST_DAY = date(1950, 1, 1)
EARLIEST_BIRTH = date(1890, 1, 1)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.ASCII)
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_TIME = re.compile(
    r"(?:(?P<before>上午|下午|[AP]M)\s*)?(?P<hour>\d{1,2})[:时](?P<minute>\d{2})分?"
    r"(?::?(?P<second>\d{2})(?:[.,]\d+)?秒?)?(?:\s*(?P<after>[AP]M))?(?:\s*(?P<offset>Z|[-+]\d{2}:?\d{2}))?",
    re.IGNORECASE | re.ASCII,
)
_FORMATS = {"mdy": "%m{0}%d{0}%Y", "dmy": "%d{0}%m{0}%Y", "ymd": "%y{0}%m{0}%d"}
_CODE = re.compile(r"%[-#]?(.)")
# Of 2018-03-04 or 03/04/2018, alone or before 10:30 or 10:30:00.
_COMMON_LENGTHS = {10, 16, 19}
_DAY_CODES = set("YymdbBeaAjDFx")


@dataclass(frozen=True)
class DateRules:
    """How the dates of a column are written, and how far they may go."""

    date_format: str | None
    latest: date
    earliest: date = EARLIEST_DAY
    # The file has dates as dates, whatever the format says of texts.
    accept_iso: bool = False
    # A column of the file; for messages.
    heading: str = ""


class UndecidedDateError(AppError):
    """A date that needs a format, and its readings."""

    def __init__(self, text: str, readings: list[tuple[str, date]], *, field: str, line: int | None = None) -> None:
        listed = _(" or ").join(f"{day.isoformat()} ({form})" for form, day in readings)
        if len(readings) > 1:
            message = _("“%(text)s”%(place)s is either %(readings)s: say which with the date format.")
        else:
            message = _("“%(text)s”%(place)s reads as %(readings)s: confirm it with the date format.")
        place = _(" (line %d)") % line if line else ""
        super().__init__(
            "ambiguous_date", message % {"text": text, "place": place, "readings": listed}, field=field, line=line
        )
        self.text = text
        self.readings = readings

    def at(self, line: int) -> "UndecidedDateError":
        return UndecidedDateError(self.text, self.readings, field=self.field or "date_format", line=line)


class Dates(Memo):
    """A column of dates; a time behind the date is left aside."""

    def __init__(self, rules: DateRules) -> None:
        super().__init__(lambda text: read_day(text, rules).isoformat() if text.strip() else NULL)


def read_day(text: str, rules: DateRules) -> date:
    """Raises BadCellError for this cell, AppError where the column needs a format."""
    cell = checked_value(text)
    day = _with_format(cell, rules.date_format) if rules.date_format else None
    if day is None and (not rules.date_format or rules.accept_iso):
        day = _unmistakable(_day_part(cell))
    if day is None:
        _refuse(cell, rules)
    return checked_day(day, cell, rules)


def _day_part(cell: str) -> str:
    """2018-03-04T10:30 and 2018-03-04 10:30 begin with their date."""
    chinese = _CHINESE.match(cell)
    return chinese[0] if chinese else re.split(r"[\sT]", cell, maxsplit=1)[0]


def _with_format(cell: str, date_format: str) -> date | None:
    try:
        return datetime.strptime(cell, date_format).date()  # noqa: DTZ007 - local by definition
    except ValueError:
        return None


def _unmistakable(part: str) -> date | None:
    match = _YEAR_FIRST.fullmatch(part)
    if match:
        return _made(match[1], match[3], match[4])
    match = _COMPACT.fullmatch(part) or _CHINESE.fullmatch(part)
    return _made(match[1], match[2], match[3]) if match else None


def _made(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def checked_day(day: date, cell: str, rules: DateRules) -> date:
    if day > rules.latest:
        raise BadCellError("future_date", _("“%s” lies in the future.") % shortened(cell))
    if day < rules.earliest:
        message = _("“%(text)s” lies before %(year)d.") % {"text": shortened(cell), "year": rules.earliest.year}
        raise BadCellError("absurd_date", message)
    return day


def _refuse(cell: str, rules: DateRules) -> NoReturn:
    if rules.date_format:
        message = _("“%(text)s” is not written as %(format)s.")
        raise BadCellError("bad_date", message % {"text": shortened(cell), "format": rules.date_format})
    part = re.split(r"[\sT]", cell, maxsplit=1)[0]
    readings = _readings(part)
    if not readings:
        raise BadCellError("bad_date", _("“%s” is no date.") % shortened(cell))
    raise UndecidedDateError(part, readings, field=rules.heading or "date_format")


def _readings(part: str) -> list[tuple[str, date]]:
    """The formats a date that does not begin with a four-digit year can have, with what it means in each."""
    match = _YEAR_LAST.fullmatch(part)
    if match is None:
        return []
    orders = ("mdy", "dmy") if len(match[4]) == 4 else ("mdy", "dmy", "ymd")
    readings = []
    for order in orders:
        form = _FORMATS[order].format(match[2])
        if len(match[4]) == 2:
            form = form.replace("%Y", "%y")
        try:
            readings.append((form, datetime.strptime(part, form).date()))  # noqa: DTZ007
        except ValueError:
            continue
    return readings


class DateTimes:
    """A column of dates with or without a time, which `read` splits in two columns: days and times."""

    def __init__(self, rules: DateRules) -> None:
        day_format, self._time_format, self._split = _two_formats(rules.date_format)
        self._rules = DateRules(day_format, rules.latest, rules.earliest, rules.accept_iso, rules.heading)
        self._days = Memo(self._day)
        self._times = Memo(self._time)
        self._whole_rules = rules
        self.problems: dict[str, Problem] = Problems()

    def read(
        self, cells: Sequence[str], stores: Sequence[str], zones: Mapping[str, str]
    ) -> tuple[list[str], list[str]]:
        """`zones` are the stores' time zones, for times that say their offset."""
        if not self._split:
            return self._read_whole(cells, [zones.get(store, "UTC") for store in stores])
        if set(map(len, cells)) <= _COMMON_LENGTHS:
            days = list(map(self._days.__getitem__, [cell[:10] for cell in cells]))
            times = list(map(self._times.__getitem__, [cell[10:] for cell in cells]))
            if NULL not in days and NULL not in times:
                return days, times
        parts = [cell.strip().replace("T", " ", 1).partition(" ") for cell in cells]
        days = list(map(self._days.__getitem__, [part[0] for part in parts]))
        times = list(map(self._times.__getitem__, [part[2] for part in parts]))
        if NULL in days or NULL in times:
            self._read_carefully(cells, [zones.get(store, "UTC") for store in stores], days, times)
        return days, times

    def _day(self, text: str) -> str:
        if not text:
            return NULL
        glued = _CHINESE.match(checked_value(text))
        if " " in text or "T" in text or (glued and glued.end() < len(text)):
            # A time, or a part of one, follows: the whole cell is looked at.
            raise BadCellError("bad_date", "")
        return read_day(text, self._rules).isoformat()

    def _time(self, text: str) -> str:
        """With the space or T in front of it, if one is there."""
        if not text.strip():
            return "00:00"
        return _read_time(checked_value(text.removeprefix("T")), self._time_format)

    def _read_carefully(self, cells: Sequence[str], zones: Sequence[str], days: list[str], times: list[str]) -> None:
        """Once more for the rows whose parts alone could not be read: with an offset, or 2018年3月4日 上午10:30."""
        for index, cell in enumerate(cells):
            if (days[index] != NULL and times[index] != NULL) or not cell.strip():
                continue
            try:
                days[index], times[index] = self._together(checked_value(cell), zones[index])
            except BadCellError as error:
                self.problems[cell] = error.problem
                days[index] = times[index] = NULL

    def _together(self, cell: str, zone: str) -> tuple[str, str]:
        moment = _moment(cell)
        if moment is not None:
            local = _local(moment, cell, zone)
            return checked_day(local.date(), cell, self._rules).isoformat(), local.strftime("%H:%M:%S")
        match = _CHINESE.match(cell)
        if match and not self._rules.date_format:
            return self._day(match[0]), self._time(cell[match.end() :].strip())
        day = read_day(cell, self._whole_rules)
        raise BadCellError(
            "bad_time",
            _("“%(text)s” has a date (%(day)s) but no time that can be read.") % {"text": shortened(cell), "day": day},
        )

    def _read_whole(self, cells: Sequence[str], zones: Sequence[str]) -> tuple[list[str], list[str]]:
        """A format whose date and time cannot be told apart at a space."""
        days, times = [], []
        for cell, zone in zip(cells, zones, strict=True):
            try:
                moment = self._strptime(checked_value(cell), zone) if cell.strip() else None
            except BadCellError as error:
                self.problems[cell] = error.problem
                moment = None
            days.append(moment.date().isoformat() if moment else NULL)
            times.append(moment.strftime("%H:%M:%S") if moment else NULL)
        return days, times

    def _strptime(self, cell: str, zone: str) -> datetime:
        rules = self._whole_rules
        try:
            moment = datetime.strptime(cell, rules.date_format or "")  # noqa: DTZ007
        except ValueError:
            return datetime.combine(read_day(cell, rules), time(0))
        if moment.tzinfo:
            moment = _local(moment, cell, zone)
        checked_day(moment.date(), cell, rules)
        return moment


def _two_formats(date_format: str | None) -> tuple[str | None, str | None, bool]:
    """Formats of date and time where a space or T parts them, and whether it does."""
    if date_format is None:
        return None, None, True
    left, _space, right = date_format.strip().replace("T", " ", 1).partition(" ")
    day_codes = set(_CODE.findall(left))
    time_codes = set(_CODE.findall(right))
    apart = bool(day_codes) and day_codes <= _DAY_CODES and not time_codes & _DAY_CODES and "z" not in time_codes
    return (left, right or None, True) if apart else (date_format, None, False)


def _read_time(text: str, time_format: str | None) -> str:
    if time_format:
        try:
            return datetime.strptime(text, time_format).strftime("%H:%M:%S")  # noqa: DTZ007
        except ValueError:
            pass
    match = _TIME.fullmatch(text)
    if match is None or match["offset"]:
        raise BadCellError("bad_time", _("“%s” is no time.") % shortened(text))
    hour = int(match["hour"])
    half = (match["before"] or match["after"] or "").upper()
    if half in {"PM", "下午"} and hour < 12:
        hour += 12
    elif half in {"AM", "上午"} and hour == 12:
        hour = 0
    try:
        return time(hour, int(match["minute"]), int(match["second"] or 0)).isoformat()
    except ValueError:
        raise BadCellError("bad_time", _("“%s” is no time.") % shortened(text)) from None


def _moment(cell: str) -> datetime | None:
    """A date and a time with its offset."""
    if ":" not in cell:
        return None
    try:
        moment = datetime.fromisoformat(cell.replace(" +", "+").replace(" -", "-"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _local(moment: datetime, cell: str, zone: str) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(zone))
    except OverflowError:
        raise BadCellError("bad_date", _("“%s” is no date.") % shortened(cell)) from None
