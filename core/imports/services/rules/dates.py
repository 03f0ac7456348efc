"""How a column writes its dates: the order of day, month and year, and numbers of a spreadsheet."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.dates import (
    EARLIEST_DAY,
    SERIAL,
    SINCE_1900,
    SINCE_1904,
    Ways,
    order_words,
    serial_moment,
)
from core.imports.services.values.days import (
    CERTAIN,
    DAY_FIRST,
    MONTH_FIRST,
    NO_YEAR,
    ORDERS,
    WrittenDay,
    find_day,
    is_no_day,
    plain_text,
)
from core.shared.figures import day as day_words
from core.shared.figures import month_day

EXAMPLES = 3
MOST_MONTHS = 12
SWAPPED, AS_THEY_ARE = "swapped", "as_they_are"
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WITH_POINTS = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{4}", re.ASCII)
SPREADSHEET, SPREADSHEET_1904, NO_DATES = "spreadsheet", "spreadsheet_1904", "none"
_EPOCHS = {SPREADSHEET: SINCE_1900, SPREADSHEET_1904: SINCE_1904}
Readings = Mapping[str, WrittenDay]


def decide_dates(
    questions: Questions,
    name: str,
    heading: str,
    texts: Counter[str],
    *,
    latest: date,
    earliest: date = EARLIEST_DAY,
    yearless: bool = False,
    is_1904: bool | None = None,
) -> Ways:
    """`texts` are the beginnings of the column's cells with their numbers of rows. `is_1904` is what the workbook says
    of the day from which it counts; None: nothing says it."""
    plain: Counter[str] = Counter()
    for text, rows in texts.items():
        plain[plain_text(text[:64])] += rows
    found = {text: day for text in plain if (day := find_day(text, latest=latest, yearless=yearless))}
    numbers = [text for text in plain if SERIAL.fullmatch(text)]
    epochs = {
        choice: since
        for choice, since in _EPOCHS.items()
        if is_1904 in {None, since == SINCE_1904}
        and all(earliest <= serial_moment(text, since).date() <= latest for text in numbers)
    }
    return Ways(
        _decide_order(questions, name, heading, plain, found),
        _decide_serials(questions, name, heading, plain, found, numbers, epochs, is_1904=is_1904)
        if numbers and epochs
        else None,
        _decide_swapped(questions, name, heading, plain, found),
    )


def _decide_order(questions: Questions, name: str, heading: str, plain: Counter[str], found: Readings) -> str | None:
    several = {text: day.readings for text, day in found.items() if CERTAIN not in day.readings}
    if not several:
        return None
    said = {order for readings in several.values() for order in readings}
    possible = [order for order in ORDERS if all(order in readings for readings in several.values())]
    open_texts = {text: readings for text, readings in several.items() if len(set(readings.values())) > 1}
    taken = reason = None
    if len(possible) == 1:
        proof = next(text for text, readings in several.items() if len(readings) < len(said) or len(readings) == 1)
        taken, reason = possible[0], _("“%s” can be read in this way only.") % _day_of(proof, found)
    elif possible and _shows_months_first(found, open_texts):
        taken, reason = MONTH_FIRST, _("The column’s whole dates have the month before the day.")
    elif DAY_FIRST in possible and all(map(_has_points, open_texts)):
        taken, reason = DAY_FIRST, _("Dates with points have the day first.")
    if not open_texts:
        return taken or next(iter(possible or said))
    examples = [_day_of(text, found) for text in open_texts]
    sample = next(iter(open_texts))
    choices = tuple(
        Choice(order, _choice_label(_day_of(sample, found), open_texts[sample].get(order), order))
        for order in possible or [order for order in ORDERS if order in said]
    )
    answer = questions.ask(
        Question(
            f"dates:{name}",
            _("How are the dates of “%s” written?") % heading,
            choices,
            taken,
            reason=reason or "",
            rows=sum(plain[text] for text in open_texts),
            examples=tuple(dict.fromkeys(examples))[:EXAMPLES],
            effect=_("Dates that are written otherwise are errors of their rows.") if not possible else "",
        )
    )
    return answer or choices[0].value


def _decide_swapped(questions: Questions, name: str, heading: str, plain: Counter[str], found: Readings) -> bool:
    """Where days from the 13th on are texts in one order, and all dates are of days before: a program that reads the
    other order has made those of the texts it could read, and left the rest."""
    dates = [text for text in found if _ISO.match(text)]
    written = [day.readings for day in found.values() if CERTAIN not in day.readings]
    written = [readings for readings in written if NO_YEAR not in {day.year for day in readings.values()}]
    orders = {order for readings in written for order in readings}
    could_be = all(int(text[8:10]) <= MOST_MONTHS for text in dates)
    if not dates or len(orders) != 1 or any(len(readings) != 1 for readings in written) or not could_be:
        return False
    sample = next((text for text in dates if text[5:7] != text[8:10]), None)
    if sample is None:
        return False
    day = date.fromisoformat(sample[:10])
    values = {"text": sample[:10], "day": day_words(day), "other": day_words(day.replace(month=day.day, day=day.month))}
    answer = questions.ask(
        Question(
            f"swapped:{name}",
            _("All dates of “%s” are of days up to the 12th, all later ones are texts. Were day and month swapped?")
            % heading,
            (
                Choice(
                    SWAPPED,
                    _("yes, when the file was opened in a spreadsheet program: “%(text)s” is %(other)s") % values,
                ),
                Choice(AS_THEY_ARE, _("no: “%(text)s” is %(day)s") % values),
            ),
            proposed=SWAPPED,
            rows=sum(plain[text] for text in dates),
            examples=tuple(dict.fromkeys([*dates[:2], *(text for text in found if not _ISO.match(text))]))[:EXAMPLES],
        )
    )
    return answer == SWAPPED


def _day_of(text: str, found: Readings) -> str:
    """Without the time behind it."""
    return text.removesuffix(found[text].rest).strip() if found[text].rest else text


def _has_points(text: str) -> bool:
    """05.03.2025"""
    return _WITH_POINTS.match(text) is not None


def _shows_months_first(found: Readings, open_texts: Mapping[str, object]) -> bool:
    """05-12 beside 1990-05-12."""
    certain = [day.readings[CERTAIN] for day in found.values() if CERTAIN in day.readings]
    months_first = [found[text].readings.get(MONTH_FIRST) for text in open_texts]
    without_year = all(day is not None and day.year == NO_YEAR for day in months_first)
    return without_year and bool(certain)


def _choice_label(text: str, day: date | None, order: str) -> str:
    if day is None:
        return order_words(order)
    values = {"text": text, "day": _spoken(day), "order": order_words(order)}
    return _("“%(text)s” is %(day)s (%(order)s)") % values


def _spoken(day: date) -> str:
    return month_day(f"{day:%m-%d}") if day.year == NO_YEAR else day_words(day)


def _decide_serials(
    questions: Questions,
    name: str,
    heading: str,
    plain: Counter[str],
    found: Readings,
    numbers: Sequence[str],
    epochs: Mapping[str, datetime],
    *,
    is_1904: bool | None,
) -> datetime | None:
    whole = all(text in found or SERIAL.fullmatch(text) or is_no_day(text) for text in plain)
    labels = {
        SPREADSHEET: _("yes: “%(text)s” is %(day)s"),
        SPREADSHEET_1904: _("yes, counted from 1904, as workbooks from a Mac may do: “%(text)s” is %(day)s"),
    }
    choices = [
        Choice(choice, labels[choice] % {"text": numbers[0], "day": _moment_words(numbers[0], since)})
        for choice, since in epochs.items()
    ]
    taken, reason = _likely_epoch(questions, name, epochs, is_1904=is_1904) if whole else (None, "")
    answer = questions.ask(
        Question(
            f"serials:{name}",
            _("Are the numbers of “%s” days as a spreadsheet counts them?") % heading,
            (*choices, Choice(NO_DATES, _("no, they are no dates"))),
            taken,
            reason=reason,
            rows=sum(plain[text] for text in numbers),
            examples=tuple(numbers[:EXAMPLES]),
            proposed=SPREADSHEET if len(epochs) > 1 else None,
        )
    )
    return epochs.get(answer or next(iter(epochs)))


def _likely_epoch(
    questions: Questions, name: str, epochs: Mapping[str, datetime], *, is_1904: bool | None
) -> tuple[str | None, str]:
    """And why. Where both are possible, all days lie four years back: of anything but birthdays that is doubtful."""
    if is_1904:
        return SPREADSHEET_1904, _("The workbook counts its days from 1904.")
    said = next((one for key, one in questions.answers.items() if key.startswith("serials:") and one in epochs), None)
    if len(epochs) > 1 and said and name.endswith("birth_date"):
        return said, _("As in the other column of the file.")
    if SPREADSHEET not in epochs or (len(epochs) > 1 and not name.endswith("birth_date")):
        return None, ""
    return SPREADSHEET, _("They give plausible days, and all other cells of the column are dates.")


def _moment_words(text: str, since: datetime) -> str:
    moment = serial_moment(text, since)
    return f"{day_words(moment.date())} {moment:%H:%M}" if len(text) > len("45721") else day_words(moment.date())
