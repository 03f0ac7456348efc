"""Dates as people write them: the day at the beginning of a text, in each way it can be read.

Year first, with the name of the month, or 2018年3月4日 reads in one way only. Of 03/04/2018 the column has to say the
order.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

# The one key of a day that reads in one way only.
CERTAIN = ""
MONTH_FIRST, DAY_FIRST, YEAR_FIRST = "mdy", "dmy", "ymd"
ORDERS = (MONTH_FIRST, DAY_FIRST, YEAR_FIRST)
# Stands for a year that is not said; it has a 29th of February.
NO_YEAR = 4
# English, German, French, Spanish, Italian, Portuguese, Dutch and Thai; full stops between letters are part of a name.
_MONTH_NAMES = (
    "jan january januar jänner jän janvier janv enero ene gennaio gen janeiro januari มกราคม ม.ค",
    "feb february februar février févr fév febrero febbraio fevereiro fev februari กุมภาพันธ์ ก.พ",
    "mar march märz mär mrz mars marzo março maart mrt มีนาคม มี.ค",
    "apr april avril avr abril abr aprile เมษายน เม.ย",
    "may mai mayo maggio mag maio mei พฤษภาคม พ.ค",
    "jun june juni juin junio giugno giu junho มิถุนายน มิ.ย",
    "jul july juli juillet juil julio luglio lug julho กรกฎาคม ก.ค",
    "aug august août aout aoû agosto ago augustus สิงหาคม ส.ค",
    "sep sept september septembre septiembre settembre set setembro กันยายน ก.ย",
    "oct october oktober okt octobre octubre ottobre ott outubro out ตุลาคม ต.ค",
    "nov november novembre noviembre novembro พฤศจิกายน พ.ย",
    "dec december dezember dez décembre déc diciembre dic dicembre dezembro ธันวาคม ธ.ค",
)
_MONTHS = {
    unicodedata.normalize("NFKC", name): number
    for number, names in enumerate(_MONTH_NAMES, 1)
    for name in names.split()
}
_NAME = rf"(?P<name>{'|'.join(map(re.escape, sorted(_MONTHS, key=len, reverse=True)))})\.?"
_NTH = "(?:st|nd|rd|th|er|º)"
_SEPARATOR = r"\s?(?P<sep>[-/.、])\s?"
_CERTAIN = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"(?P<year>\d{{4}}){_SEPARATOR}(?P<month>\d{{1,2}})\s?(?P=sep)\s?(?P<day>\d{{1,2}})(?!\d)\.?",
        r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?!\d)",
        r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?=\d{4}(?:\d\d)?(?!\d))",
        # Of Taiwan, 1141201.
        r"(?P<year>[01]\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
        rf"(?P<year>\d{{3}}){_SEPARATOR}(?P<month>\d{{1,2}})\s?(?P=sep)\s?(?P<day>\d{{1,2}})(?!\d)\.?",
        r"(?P<year>\d{2,4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})(?!\d)\s?[日号號일]?",
        rf"(?P<day>\d{{1,2}}){_NTH}?[-\s./]*(?:of |de )?{_NAME}[-\s.,/']*(?:del? )?(?P<year>\d{{4}}|\d\d)(?!\d|:)",
        rf"{_NAME}[-\s./]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)[-\s,./]+(?P<year>\d{{4}})(?!\d)",
        rf"(?P<year>\d{{4}})[-\s./]*{_NAME}[-\s./]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)",
    )
)
_NUMBERS = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})\s?(?P=sep)\s?(\d{{4}}|\d\d)(?!\d|:)\.?", re.ASCII)
_YEARLESS = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        r"(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日号號일]?",
        r"--(?P<month>\d\d)-?(?P<day>\d\d)",
        r"0000-(?P<month>\d\d)-(?P<day>\d\d)",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-\s./]*(?:of )?{_NAME}",
        rf"{_NAME}[-\s./]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?",
    )
)
_TWO_NUMBERS = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})", re.ASCII)
_WEEKDAY = re.compile(
    r"\(?(?:(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[一二三四五六日月火水木金土]曜日|[월화수목금토일]요일|"
    r"\b(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"lunes|martes|miércoles|jueves|viernes|sábado|domingo)\b|"
    r"^(?:mo|di|mi|do|fr|sa|so|lun|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom)\b\.?,?(?=\s?\d)|"
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?)\)?,?|\([一二三四五六日月火水木金土월화수목금토일]\)",
    re.IGNORECASE,
)
# The year before the first of each era, as Taiwan and Japan count.
_ERAS = {"民國": 1911, "民国": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERA = re.compile(rf"({'|'.join(_ERAS)})\s?(\d{{1,3}}|元)\s?年", re.ASCII)
# R7.3.5
_ERA_LETTERS = {"S": 1925, "H": 1988, "R": 2018}
_ERA_BY_LETTER = re.compile(r"^([SHR])\s?(\d{1,2})(?=\s?[-/.年])", re.ASCII)
# 二〇二五年三月五日
_WRITTEN_OUT = re.compile(
    r"[〇零○一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号號]"
)
_WRITTEN_DIGITS = {
    **dict.fromkeys("〇零○", "0"),
    **{sign: str(n) for n, sign in enumerate("一二三四五六七八九", 1)},
}
# How many years before the common era the Buddhist one begins, and by how many the calendar of Taiwan is behind.
_BUDDHIST, _TAIWAN = 543, 1911
_DASHES = str.maketrans("‐‑‒–—―−~〜～", "-------~~~")
_NO_DAY = re.compile(r"0{1,4}([-/.])0?0\1(?:0{1,4})|1900-01-00|[-/.\s]*")


class WrittenDay(NamedTuple):
    """By order of day, month and year: which day it is; and the text behind it."""

    readings: Mapping[str, date]
    rest: str


def plain_text(text: str) -> str:
    """Full-width forms become ordinary ones, weekdays go, years are counted as everywhere."""
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    text = _ERA.sub(lambda era: f"{_ERAS[era[1]] + (1 if era[2] == '元' else int(era[2]))}年", text)
    text = _ERA_BY_LETTER.sub(lambda era: str(_ERA_LETTERS[era[1]] + int(era[2])), text)
    if "年" in text:
        text = _WRITTEN_OUT.sub(lambda match: _in_digits(match[0]), text)
    return " ".join(_WEEKDAY.sub(" ", text).split())


def _in_digits(text: str) -> str:
    """二〇二五年三月二十五日 → 2025年3月25日."""
    text = re.sub(r"(?<=[二三])十(?=[一二三四五六七八九])", "", text)
    text = re.sub(r"(?<=[二三])十", "0", text)
    text = re.sub(r"十(?=[一二三四五六七八九])", "1", text).replace("十", "10")
    return "".join(_WRITTEN_DIGITS.get(sign, sign) for sign in text)


def is_no_day(text: str) -> bool:
    """0000-00-00 and the like, with or without a time."""
    return _NO_DAY.fullmatch(text.removesuffix(" 00:00:00").strip()) is not None


def find_day(text: str, *, latest: date, yearless: bool = False) -> WrittenDay | None:
    """Of a plain text. A year of two digits is the last one that does not lie behind `latest`. With `yearless`, month
    and day alone are a day of the year NO_YEAR."""
    for form in _CERTAIN:
        if match := form.match(text):
            month = match["month"] if "month" in form.groupindex else _MONTHS[match["name"].casefold()]
            day = _made(match["year"], month, match["day"], latest)
            return WrittenDay({CERTAIN: day}, text[match.end() :]) if day else None
    if match := _NUMBERS.match(text):
        readings = _in_each_order(match[1], match[3], match[4], latest)
        return WrittenDay(readings, text[match.end() :]) if readings else None
    return _without_year(text) if yearless else None


def _in_each_order(first: str, second: str, third: str, latest: date) -> dict[str, date]:
    days = {
        MONTH_FIRST: _made(third, first, second, latest),
        DAY_FIRST: _made(third, second, first, latest),
        YEAR_FIRST: _made(first, second, third, latest) if len(first) == len(third) == 2 else None,
    }
    return {order: day for order, day in days.items() if day}


def _without_year(text: str) -> WrittenDay | None:
    for form in _YEARLESS:
        if match := form.fullmatch(text):
            month = match["month"] if "month" in form.groupindex else _MONTHS[match["name"].casefold()]
            day = _made(NO_YEAR, month, match["day"], date.max)
            return WrittenDay({CERTAIN: day}, "") if day else None
    if match := _TWO_NUMBERS.fullmatch(text):
        days = {MONTH_FIRST: (match[1], match[2]), DAY_FIRST: (match[2], match[1])}
        readings = {order: _made(NO_YEAR, month, day, date.max) for order, (month, day) in days.items()}
        found = {order: day for order, day in readings.items() if day}
        return WrittenDay(found, "") if found else None
    return None


def _made(year: str | int, month: str | int, day: str | int, latest: date) -> date | None:
    """Years of two digits, of Taiwan (114) and of the Buddhist era (2568) are told by what lies behind `latest`."""
    number, digits = int(year), len(year) if isinstance(year, str) else 0
    if digits == 2:
        number += 2000
    elif digits == 3:
        number += _TAIWAN
    elif digits == 4 and _BUDDHIST + 1900 <= number <= _BUDDHIST + latest.year:
        number -= _BUDDHIST
    try:
        made = date(number, int(month), int(day))
        return made.replace(year=number - 100) if digits == 2 and made > latest else made
    except ValueError:
        return None
