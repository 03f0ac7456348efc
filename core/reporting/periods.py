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
        return _("%(first)s to %(last)s") % {"first": figures.day(self.start), "last": figures.day(self.last_day)}

    @property
    def phrase(self) -> str:
        """The period within a sentence: in 2025, from 1 Mar to 15 Apr 2025."""
        whole = self.start.day == self.end.day == 1 and months_between(self.start, self.end)
        if whole == 1 or (whole == 12 and self.start.month == 1):
            return _("in %(period)s") % {"period": self.label}
        return _("from %(period)s") % {"period": self.label}

    def year_before(self) -> "Period":
        return Period(_year_before(self.start), _year_before(self.end))


def trailing_year(as_of: date) -> Period:
    """The twelve months that end with the last complete one."""
    end = (as_of + timedelta(days=1)).replace(day=1)
    return Period(add_months(end, -12), end)


def presets(as_of: date, begins: date) -> list[tuple[str, Period]]:
    """By name, seen from the day through which the data is complete, not from today: figures that can be read."""
    offered = [(_("Last twelve months"), trailing_year(as_of))]
    for length, this, last in (
        (1, _("This month"), _("Last month")),
        (3, _("This quarter"), _("Last quarter")),
        (6, _("This half-year"), _("Last half-year")),
    ):
        start = date(as_of.year, (as_of.month - 1) // length * length + 1, 1)
        offered.append((this, Period(start, add_months(start, length))))
        offered.append((last, Period(add_months(start, -length), start)))
    first_year = max(begins.year, as_of.year - YEARS_OFFERED + 1)
    for year in range(as_of.year, first_year - 1, -1):
        period = Period(date(year, 1, 1), date(year + 1, 1, 1))
        offered.append((period.label, period))
    return offered


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


def _year_before(day: date) -> date:
    """29 February bounds what 1 March bounds in a common year."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 3, 1)
    return day.replace(year=day.year - 1)
