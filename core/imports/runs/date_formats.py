"""Finds the date formats that fit a column, each with a sample date from the file."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.imports.services.questions import Questions
from core.imports.services.rules.dates import decide_dates
from core.imports.services.values.dates import DateRules, read_day
from core.imports.services.values.memo import LONGEST_VALUE, BadCellError, checked_value

FORMATS = (
    "%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d-%m-%Y", "%m.%d.%Y", "%d.%m.%Y", "%Y/%d/%m",
    "%m/%d/%y", "%d/%m/%y", "%y/%m/%d", "%m-%d-%y", "%d-%m-%y", "%y-%m-%d", "%d.%m.%y", "%m.%d.%y", "%y%m%d",
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y",
)  # fmt: skip
# Enough cells to tell formats apart.
MAX_CELLS = 500
# For years of two digits.
NEAR_FUTURE = timedelta(days=366)


@dataclass(frozen=True)
class ParsedSample:
    date_format: str
    sample: str
    day: date


@dataclass(frozen=True)
class DateFormats:
    # A sample as it is read without a format; None where nothing reads as a date, or in several ways.
    without_format: ParsedSample | None
    # Formats that parse every date that was tried; where it is read without one, none.
    fitting: tuple[ParsedSample, ...]
    # The column's first cells leave open how they are written: its others decide, or the user is asked.
    is_open: bool


def date_formats(values: Iterable[str], *, today: date, is_1904: bool | None = None) -> DateFormats:
    """`values` are cells of one column; `is_1904` as for `decide_dates`."""
    cells = list(dict.fromkeys(values))[:MAX_CELLS]
    questions, latest = Questions({}), today + NEAR_FUTURE
    ways = decide_dates(questions, "", "", Counter(cells), latest=latest, is_1904=is_1904)
    if not questions.open:
        rules = DateRules(None, latest=date.max, earliest=date.min, ways=lambda: ways)
        without_format = next(filter(None, (_read(cell, rules) for cell in cells)), None)
        if without_format is not None:
            return DateFormats(without_format, (), is_open=False)
    fitting = tuple(filter(None, (_parsed_sample(cells, form) for form in FORMATS)))
    return DateFormats(None, fitting, is_open=bool(questions.open))


def _read(cell: str, rules: DateRules) -> ParsedSample | None:
    try:
        return ParsedSample("", cell, read_day(checked_value(cell), rules)[0])
    except BadCellError:
        return None


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
