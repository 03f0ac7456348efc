"""The period before that a period is compared with: of equal lengths of complete data, or refused with the reason."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from core.reporting.completeness import Completeness
from core.reporting.periods import Period, year_earlier
from core.reporting.question import Question
from core.shared import figures
from core.shared.errors import AppError

NOT_COMPARABLE = "not_comparable"
# Rates of periods that differ by more days are not compared.
MOST_DAYS_APART = 3
# Data that begins so little late, after a holiday, is complete.
FIRST_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class ComparedPeriods:
    """`truncated`: the period asked for reaches past the as-of date, so that both end with it."""

    current: Period
    before: Period
    truncated: bool


def before_of(question: Question) -> Period:
    """The period before, without regard to how far the data reaches."""
    if question.compare == "period_before":
        length = question.end - question.start
        return Period(question.start - length, question.start)
    return question.period.year_before()


def compared_periods(question: Question, data: Completeness) -> ComparedPeriods:
    """Raises AppError where equal lengths of complete data cannot be had."""
    period, before = question.period, before_of(question)
    if data.as_of is None or data.begins is None:
        raise _refused(_("There are no visits yet."))
    if period.start > data.as_of:
        raise _refused(_("There is no complete data of the period: it ends on %(day)s.") % _day(data.as_of))
    truncated = period.last_day > data.as_of
    if truncated:
        period = Period(period.start, data.as_of + timedelta(days=1))
        as_of = year_earlier(data.as_of) if question.compare != "period_before" else period.last_day - _length(question)
        before = Period(before.start, as_of + timedelta(days=1))
    if data.begins > before.start + FIRST_DAYS:
        text = _("The data begins on %(day)s, so that %(period)s is not complete in it.")
        raise _refused(text % {**_day(data.begins), "period": before.label})
    if abs((period.end - period.start) - (before.end - before.start)) > timedelta(days=MOST_DAYS_APART):
        text = _("%(period)s and %(before)s differ by more than 3 days.")
        raise _refused(text % {"period": period.label, "before": before.label})
    return ComparedPeriods(period, before, truncated)


def _length(question: Question) -> timedelta:
    return question.end - question.start


def _day(day: object) -> dict[str, str]:
    return {"day": figures.day(day)}  # type: ignore[arg-type]


def _refused(reason: str) -> AppError:
    message = _("This cannot be compared with a period before: %(reason)s") % {"reason": reason}
    return AppError(NOT_COMPARABLE, message, field="compare")
