"""How far the data reaches, seen from the period of a question and from today."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.reporting.completeness import Completeness
from core.reporting.periods import Period, last_complete
from core.shared import figures
from core.shared.chain import chain_today

# Days that a chain's data may lie behind without a word beyond the usual note: stores close for a day or two.
USUAL_DAYS = 3
Code = Literal["no_data_yet", "no_data_before", "period_not_over"]


@dataclass(frozen=True)
class Freshness:
    as_of: date
    days_behind: int
    # What of the period the data does not have.
    code: Code | None
    sentence: str
    # In its place the latest period that the data has whole.
    offered: Period | None

    @property
    def is_beyond(self) -> bool:
        """Whether the data has nothing of the period."""
        return self.code in ("no_data_yet", "no_data_before")

    @property
    def is_stale(self) -> bool:
        """Whether a page should say so before anything else."""
        return self.days_behind > USUAL_DAYS

    @property
    def behind(self) -> str:
        text = ngettext(
            "The data ends on %(day)s, %(days)s day ago.",
            "The data ends on %(day)s, %(days)s days ago.",
            self.days_behind,
        )
        return text % {"day": figures.day(self.as_of), "days": figures.count(self.days_behind)}


def freshness(period: Period, data: Completeness, *, clients: int) -> Freshness | None:
    """None for a chain without any visit. `clients`: how many the period has."""
    if data.as_of is None or data.begins is None:
        return None
    code, sentence = _missing(period, data.as_of, data.begins, clients)
    offered = last_complete(period, data.as_of, data.begins) if code else None
    return Freshness(
        as_of=data.as_of,
        days_behind=max((chain_today() - data.as_of).days, 0),
        code=code,
        sentence=sentence,
        offered=offered,
    )


def _missing(period: Period, as_of: date, begins: date, clients: int) -> tuple[Code | None, str]:
    if period.start > as_of and clients:
        return "period_not_over", _("So far only some stores have data of this period.")
    if period.start > as_of:
        return "no_data_yet", _("There is no data since %(day)s.") % {"day": figures.day(as_of)}
    if period.end <= begins:
        return "no_data_before", _("There is no data before %(day)s.") % {"day": figures.day(begins)}
    if period.last_day > as_of:
        covered = Period(period.start, as_of + timedelta(days=1))
        text = _("The figures cover %(covered)s: this period is not over in the data, and they will still change.")
        return "period_not_over", text % {"covered": covered.label}
    return None, ""
