"""Finds the date formats that fit a column, each with a sample date from the file."""

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
# Enough cells to tell formats apart.
MAX_CELLS = 500
_RULES = DateRules(None, latest=date.max, earliest=date.min)


@dataclass(frozen=True)
class ParsedSample:
    date_format: str
    sample: str
    day: date


@dataclass(frozen=True)
class DateFormats:
    # A sample read without a format, if the dates are unambiguous.
    without_format: ParsedSample | None
    # Formats that parse every date that was tried.
    fitting: tuple[ParsedSample, ...]
    # Why a format has to be chosen.
    problem: AppError | None

    @property
    def likely(self) -> str | None:
        """The one to propose; none where a person has to decide."""
        return self.fitting[0].date_format if len(self.fitting) == 1 else None


def date_formats(values: Iterable[str]) -> DateFormats:
    """`values` are cells of one column."""
    cells = list(dict.fromkeys(values))[:MAX_CELLS]
    without_format, problem = _without_format(cells)
    if without_format is not None:
        return DateFormats(without_format, (), None)
    return DateFormats(None, tuple(filter(None, (_parsed_sample(cells, form) for form in FORMATS))), problem)


def _without_format(cells: Sequence[str]) -> tuple[ParsedSample | None, AppError | None]:
    first = None
    for cell in cells:
        try:
            first = first or ParsedSample("", cell, read_day(cell, _RULES))
        except BadCellError:
            continue
        except AppError as problem:
            return None, problem
    return first, None


def _parsed_sample(cells: Sequence[str], date_format: str) -> ParsedSample | None:
    """Prefers a sample that other formats read as another day; None if a cell does not fit the format."""
    best = None
    for cell in cells:
        day = parse_date(cell, date_format)
        if day is None:
            return None
        if best is None or (best.day.day == best.day.month and day.day != day.month):
            best = ParsedSample(date_format, cell, day)
    return best


def parse_date(cell: str, date_format: str) -> date | None:
    """The cell by the format; where that gives no time, a time may follow the date."""
    if len(cell) > LONGEST_VALUE:
        return None
    for text in (cell, cell.replace("T", " ").partition(" ")[0]):
        try:
            return datetime.strptime(text, date_format).date()  # noqa: DTZ007 - local by definition
        except ValueError:
            continue
    return None
