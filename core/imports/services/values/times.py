"""Times of day as people write them, alone or behind a date."""

import re
from datetime import UTC, date, time, timedelta, timezone
from typing import NamedTuple

from django.utils.translation import gettext as _

from core.imports.services.values.dates import serial_moment
from core.imports.services.values.days import find_day, plain_text
from core.imports.services.values.memo import NOTHING, NULL, BadCellError, Memo, checked_value, shortened

_HALVES = {
    "am": "上午 早上 早晨 清晨 凌晨 午前 오전 am a.m. a.m",
    "noon": "中午 正午",
    "pm": "下午 午后 午後 傍晚 오후 pm p.m. p.m",
    "night": "晚上 晚间 夜里 夜间 晚 夜晚",
}
_HALF_OF = {word: half for half, words in _HALVES.items() for word in words.split()}
_WORD = "|".join(re.escape(word) for word in sorted(_HALF_OF, key=len, reverse=True))
_TIME = re.compile(
    rf"(?:(?P<before>{_WORD})\s*)?(?P<hour>\d{{1,2}})"
    r"(?:\s?(?:[:.h时時點点시]|uhr)\s?(?:(?P<minute>[0-5]?\d)"
    r"(?:\s?[:.分분]\s?(?P<second>[0-5]\d)(?:[.,]\d+)?\s?[秒초]?|\s?[分분])?"
    r"|(?P<past>半|整|一刻|三刻))?)?"
    rf"(?:\s?uhr)?(?:\s*(?P<after>{_WORD}))?",
    re.IGNORECASE | re.ASCII,
)
_TO = re.compile(r"\s{0,9}(?:-|~|至|到|\bto\b|\buntil\b)\s{0,9}", re.IGNORECASE)
_OFFSET = re.compile(
    r"\s{0,9}(?:Z|(?:UTC|GMT)?\s{0,9}(?P<sign>[-+])(?P<hours>\d\d):?(?P<minutes>\d\d)|UTC|GMT)", re.IGNORECASE
)
# In brackets behind it.
_NOTE = re.compile(r"\s{0,9}\([^()]{0,60}\)$")
# 25:30 is after midnight of a business day.
_LATE = re.compile(r"2[4-9][:.时時h][0-5]\d(?:[:.分][0-5]\d秒?|分)?", re.ASCII)
END_OF_DAY = time(23, 59)
_COMPACT = re.compile(r"(\d\d)(\d\d)(\d\d)?", re.ASCII)
_PAST = {"半": 30, "整": 0, "一刻": 15, "三刻": 45}
# No time zone is further from UTC.
FURTHEST, FURTHEST_WEST = timedelta(hours=14), timedelta(hours=12)
HALF_HOURS_WEST = {"0230", "0330", "0930"}


class WrittenTime(NamedTuple):
    at: time
    # None: local.
    zone: timezone | None = None
    # The start of a span.
    is_start: bool = False
    # After midnight, of the day before.
    is_late: bool = False


def read_time(text: str, *, after_t: bool = False, glued: bool = False) -> WrittenTime | None:
    """Of a plain text; None if it is no time. The start of a range. What follows as +08:00 or, behind seconds, a T or
    a Z, as -05:00 is an offset from UTC. `glued`: 140500 stood right behind the date."""
    text = _NOTE.sub("", text)
    if _LATE.fullmatch(text):
        return WrittenTime(END_OF_DAY, is_late=True)
    if glued and (match := _COMPACT.fullmatch(text)):
        return _written(match[1], match[2], match[3])
    return _with_signs(text, after_t=after_t)


def _with_signs(text: str, *, after_t: bool) -> WrittenTime | None:
    match = _TIME.match(text)
    if match is None or not _says_a_time(match):
        return None
    rest = text[match.end() :]
    start = _at(match, match["before"] or match["after"])
    if start is None:
        return None
    if not rest.strip():
        return WrittenTime(start)
    clear = after_t or match["second"] is not None
    if offset := _offset(rest, minus=clear):
        return WrittenTime(start, offset)
    return _start_of_range(match, start, rest)


def _says_a_time(match: re.Match[str]) -> bool:
    """More than a mere number."""
    return (
        any(match[name] for name in ("minute", "past", "before", "after")) or match[0][-1].casefold() in "点點时時시hr"
    )


def _at(match: re.Match[str], word: str | None) -> time | None:
    hour, half = int(match["hour"]), _HALF_OF.get((word or "").casefold(), "")
    if half == "night" and hour == 12:
        # The end of the day, or its beginning.
        return None
    if (half in {"pm", "night"} and hour < 12) or (half == "noon" and hour < 4):
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    minute = _PAST[match["past"]] if match["past"] else int(match["minute"] or 0)
    try:
        return time(hour, minute, int(match["second"] or 0))
    except ValueError:
        return None


def _written(hour: str, minute: str, second: str | None) -> WrittenTime | None:
    try:
        return WrittenTime(time(int(hour), int(minute), int(second or 0)))
    except ValueError:
        return None


def _offset(rest: str, *, minus: bool) -> timezone | None:
    match = _OFFSET.match(rest)
    if match is None or match.end() != len(rest):
        return None
    if not match["sign"]:
        return UTC
    away = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    if match["sign"] == "+":
        return timezone(away) if away <= FURTHEST and match["minutes"] in {"00", "30", "45"} else None
    if not minus and "T" not in match[0].upper():
        return None
    whole = match["minutes"] == "00" and away <= FURTHEST_WEST
    return timezone(-away) if whole or (match["hours"] + match["minutes"]) in HALF_HOURS_WEST else None


def _start_of_range(match: re.Match[str], start: time, rest: str) -> WrittenTime | None:
    """Of 10:00-11:00; 2:00-3:00 PM says the half of both."""
    to = _TO.match(rest)
    if to is None:
        return None
    # Which may say its date too.
    end = rest[to.end() :].strip()
    last = _TIME.fullmatch(end.rsplit(" ", 1)[-1]) or _TIME.fullmatch(end)
    if last is None or not _says_a_time(last):
        return None
    word = last["before"] or last["after"]
    if word and not (match["before"] or match["after"]):
        later, until = _at(match, word), _at(last, word)
        if later and until and later <= until:
            start = later
    return WrittenTime(start, is_start=True)


def read_in_part(found: WrittenTime, text: str, value: str) -> BadCellError | None:
    """What is told of a time that does not say exactly what is kept."""
    if found.is_late:
        return BadCellError("late_time", _("“%s” is after midnight: it is kept as 23:59.") % shortened(text), value)
    if found.is_start:
        return BadCellError("time_span", _("“%s” is a span of time: its start is taken.") % shortened(text), value)
    return None


class Times(Memo):
    """A column of times of day."""

    def __init__(self) -> None:
        super().__init__(_read_time_of_day)


def _read_time_of_day(text: str) -> str:
    cell = checked_value(text)
    if cell.casefold() in NOTHING:
        return NULL
    if re.fullmatch(r"0?\.\d+", cell):
        # A part of a day, as a spreadsheet counts it.
        return serial_moment(cell).time().isoformat()
    plain = plain_text(cell)
    day = find_day(plain, latest=date.max)
    found = read_time(day.rest.removeprefix("T").lstrip(", ") if day else plain, glued=True)
    if found is None:
        raise BadCellError("bad_time", _("“%s” is no time.") % shortened(cell))
    if told := read_in_part(found, cell, found.at.isoformat()):
        raise told
    return found.at.isoformat()
