"""Periods people ask for, their names, and the same period of the year before."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from core.shared import figures

YEARS_OFFERED = 6


@dataclass(frozen=True)
class Period:
    """[start, end), the end left out."""

    start: date
    end: date

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def label(self) -> str:
        """2025, Jan–Jun 2025, Mar 2025, or the first and the last day."""
        months = months_between(self.start, self.end) if self.start.day == self.end.day == 1 else 0
        if months == 12 and self.start.month == 1:
            return _("%(year)s") % {"year": self.start.year}
        if months == 1:
            return figures.month(self.start)
        if months:
            return _("%(first)s to %(last)s") % {
                "first": figures.month(self.start),
                "last": figures.month(self.last_day),
            }
        if self.start == self.last_day:
            return figures.day(self.start)
        return figures.days(self.start, self.last_day)

    def until(self, today: date) -> "Period":
        """What of it has come; all of it where nothing has."""
        return Period(self.start, min(self.end, max(today, self.start) + timedelta(days=1)))

    @property
    def phrase(self) -> str:
        """The period within a sentence: in 2025, from 1 Mar to 15 Apr 2025."""
        months = months_between(self.start, self.end) if self.start.day == self.end.day == 1 else 0
        if months == 1 or (months == 12 and self.start.month == 1):
            return _("in %(period)s") % {"period": self.label}
        if months:
            return _("from %(period)s") % {"period": self.label}
        if self.start == self.last_day:
            return _("on %(day)s") % {"day": self.label}
        words = {"first": figures.day(self.start), "last": figures.day(self.last_day)}
        return _("from %(first)s to %(last)s") % words

    def year_before(self) -> "Period":
        return Period(_year_before(self.start), _year_before(self.end))


def trailing_year(as_of: date) -> Period:
    """The twelve months that end with the last complete one."""
    end = (as_of + timedelta(days=1)).replace(day=1)
    return Period(add_months(end, -12), end)


def usual_period(as_of: date, begins: date) -> Period:
    """What pages open with: the last twelve months, or the month in which all the data is."""
    year = trailing_year(as_of)
    return year if begins < year.end else Period(year.end, add_months(year.end, 1))


@dataclass(frozen=True)
class Preset:
    """A period offered by name, with the days of it that have come."""

    name: str
    period: Period
    days: str
    has_data: bool


def presets(today: date, as_of: date, begins: date) -> list[Preset]:
    """Named as of today; the last twelve months are the last that the data has whole."""
    offered = [(_("Last twelve months"), trailing_year(as_of))]
    for length, this, last in (
        (1, _("This month"), _("Last month")),
        (3, _("This quarter"), _("Last quarter")),
        (6, _("This half-year"), _("Last half-year")),
        (12, _("This year"), _("Last year")),
    ):
        start = calendar_start(today, length)
        offered.append((this, Period(start, add_months(start, length))))
        offered.append((last, Period(add_months(start, -length), start)))
    first_year = max(begins.year, as_of.year - YEARS_OFFERED + 1)
    earlier = range(min(today.year - 2, as_of.year), first_year - 1, -1)
    offered += [("", Period(date(year, 1, 1), date(year + 1, 1, 1))) for year in earlier]
    return [
        Preset(name, period, period.until(today).label, begins < period.end and period.start <= as_of)
        for name, period in offered
    ]


def last_complete(period: Period, as_of: date, begins: date) -> Period | None:
    """The latest period of this kind, else the latest month, that the data has whole."""
    months = months_between(period.start, period.end) if period.start.day == period.end.day == 1 else 1
    is_calendar = months in (3, 6, 12) and (period.start.month - 1) % months == 0
    offered = [trailing_year(as_of)] if months == 12 and not is_calendar else []
    for length in (months if is_calendar else 1, 1):
        end = calendar_start(as_of + timedelta(days=1), length)
        offered.append(Period(add_months(end, -length), end))
    return next((one for one in offered if one.start >= begins.replace(day=1)), None)


def calendar_start(day: date, months: int) -> date:
    """Of the month, quarter, half-year or year that the day is in."""
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def month_ends(end: date, count: int) -> list[date]:
    """The last `count` firsts of a month up to `end`, the earliest first."""
    return [add_months(end.replace(day=1), -back) for back in range(count - 1, -1, -1)]


def twelve_months_to(end: date) -> Period:
    return Period(add_months(end, -12), end)


def add_months(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def months_between(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def year_earlier(day: date) -> date:
    """The last day of a period that ends a year earlier."""
    return (
        _year_before(day + timedelta(days=1)) - timedelta(days=1)
        if (day.month, day.day) == (2, 29)
        else (day.replace(year=day.year - 1))
    )


def _year_before(day: date) -> date:
    """29 February bounds what 1 March bounds in a common year."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 3, 1)
    return day.replace(year=day.year - 1)
