"""Columns that say until when something holds."""

import re

from core.imports.services.values.dates import DateRules, read_day
from core.imports.services.values.days import plain_text
from core.imports.services.values.memo import NOTHING, NULL, BadCellError, Memo, checked_value

NEVER = {
    "永久", "永久有效", "长期", "长期有效", "无限期", "无期限", "不限", "不限期", "不过期", "永不过期", "無期限",
    "長期有效", "期限なし", "무기한", "never", "never expires", "no expiry", "no expiration", "does not expire",
    "unlimited", "lifetime",
}  # fmt: skip
# From one day to another; the other is until when.
_TO = re.compile(r"\s(?:-|to|until)\s|^\s?-\s?(?=\d)|至|到|~", re.IGNORECASE)


class Expiries(Memo):
    """Days; none where it holds for ever, which some write as a day that nobody will see."""

    def __init__(self, rules: DateRules) -> None:
        super().__init__(lambda text: _read_expiry(text, rules))


def _read_expiry(text: str, rules: DateRules) -> str:
    cell = checked_value(text)
    if cell.casefold() in NOTHING or cell.casefold() in NEVER:
        return NULL
    try:
        day, rest = read_day(cell, rules)
        rest = plain_text(rest)
        until = _TO.search(rest)
        if until is None:
            return day.isoformat()
        end = rest[until.end() :].strip()
        return NULL if end.casefold() in NEVER else read_day(end, rules)[0].isoformat()
    except BadCellError as error:
        if error.problem.code == "future_date":
            return NULL
        raise
