"""The ways the dates of a column can be meant, each shown by a date of the file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.imports.services.values.dates import DateRules, read_day
from core.imports.services.values.memo import LONGEST_VALUE, BadCellError
from core.shared.errors import AppError

FORMATS = (
    "%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d-%m-%Y", "%m.%d.%Y", "%d.%m.%Y", "%Y/%d/%m",
    "%m/%d/%y", "%d/%m/%y", "%y/%m/%d", "%m-%d-%y", "%d-%m-%y", "%y-%m-%d", "%d.%m.%y", "%m.%d.%y", "%y%m%d",
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y",
)  # fmt: skip
# Enough of them to tell formats apart.
LOOKED_AT = 500
_RULES = DateRules(None, latest=date.max, earliest=date.min)


@dataclass(frozen=True)
class Reading:
    date_format: str
    sample: str
    day: date


@dataclass(frozen=True)
class DateFormats:
    # What can be read without a format, if anything can.
    plain: Reading | None
    # Formats that read every date looked at.
    fitting: tuple[Reading, ...]
    # Why a format has to be chosen.
    problem: AppError | None

    @property
    def likely(self) -> str | None:
        """The one to propose; none where a person has to decide."""
        return self.fitting[0].date_format if len(self.fitting) == 1 else None


def date_formats(values: Iterable[str]) -> DateFormats:
    """`values` are cells of one column."""
    cells = list(dict.fromkeys(values))[:LOOKED_AT]
    plain, problem = _without_format(cells)
    if plain is not None:
        return DateFormats(plain, (), None)
    return DateFormats(None, tuple(filter(None, (_reading(cells, form) for form in FORMATS))), problem)


def _without_format(cells: Sequence[str]) -> tuple[Reading | None, AppError | None]:
    found = None
    for cell in cells:
        try:
            found = found or Reading("", cell, read_day(cell, _RULES))
        except BadCellError:
            continue
        except AppError as problem:
            return None, problem
    return found, None


def _reading(cells: Sequence[str], date_format: str) -> Reading | None:
    """Shown by a date that other formats read otherwise, where there is one."""
    best = None
    for cell in cells:
        day = parsed(cell, date_format)
        if day is None:
            return None
        if best is None or (best.day.day == best.day.month and day.day != day.month):
            best = Reading(date_format, cell, day)
    return best


def parsed(cell: str, date_format: str) -> date | None:
    """The cell by the format; where that gives no time, a time may follow the date."""
    if len(cell) > LONGEST_VALUE:
        return None
    for text in (cell, cell.replace("T", " ").partition(" ")[0]):
        try:
            return datetime.strptime(text, date_format).date()  # noqa: DTZ007 - local by definition
        except ValueError:
            continue
    return None
