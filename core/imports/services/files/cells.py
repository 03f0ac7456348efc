"""Cells of a sheet as texts that the readers of cells know."""

from datetime import datetime, timedelta
from decimal import Decimal

# What a spreadsheet program shows where a date is beyond its calendar.
NO_VALUE = "#VALUE!"
DATE, DURATION = "date", "duration"
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - sheets know no time zones
# Days counted before this one are off by one: the 29th of February 1900, which there never was, counts as one.
_FIRST_RIGHT_DAY = 60
_DAY_IN_MS = 86_400_000


def read_number(text: str, shown_as: str | None, *, is_1904: bool) -> str:
    """Raises ValueError."""
    if shown_as is not None:
        return _read_moment(float(text), shown_as, is_1904=is_1904)
    if "." not in text and "e" not in text and "E" not in text:
        return str(int(text))
    written = repr(float(text))
    if "e" in written:
        return format(Decimal(written).normalize(), "f")
    return _unlike_thousands(written.removesuffix(".0"))


def _unlike_thousands(written: str) -> str:
    """88.125 as 88.1250, which nobody takes for 88125."""
    whole, _point, fraction = written.lstrip("-").partition(".")
    return f"{written}0" if len(fraction) == 3 and len(whole) < 4 else written


def read_iso_date(text: str) -> str:
    try:
        return as_text(datetime.fromisoformat(text.strip().removesuffix("Z")).replace(tzinfo=None))
    except ValueError:
        return text.strip()


def _read_moment(value: float, shown_as: str, *, is_1904: bool) -> str:
    try:
        if shown_as == DURATION:
            return str(timedelta(seconds=round(value * _DAY_IN_MS / 1000)))
        day, fraction = divmod(value, 1)
        ms = round(fraction * _DAY_IN_MS)
        if day == 0 and ms < _DAY_IN_MS:
            return (_EPOCH + timedelta(milliseconds=ms)).time().isoformat("seconds")
        if 0 < value < _FIRST_RIGHT_DAY and not is_1904:
            day += 1
        return as_text((_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(days=day, milliseconds=ms))
    except (ValueError, OverflowError):
        return NO_VALUE


def as_text(moment: datetime) -> str:
    if moment.time().replace(microsecond=0) == datetime.min.time() and not moment.microsecond:
        return moment.date().isoformat()
    return moment.isoformat(sep=" ", timespec="seconds")
