"""Billing periods: counted from the anchor, so that the 31st comes back after a short month."""

import calendar
from datetime import UTC, datetime, timedelta

from deploy.development.standin.object_fields import Json

DAY = 86_400
_FIXED = {"day": DAY, "week": 7 * DAY}


def step(anchor: int, recurring: Json, count: int) -> int:
    """The anchor moved by so many periods."""
    interval, times = str(recurring["interval"]), int(recurring["interval_count"]) * count
    if interval in _FIXED:
        return anchor + times * _FIXED[interval]
    return add_months(anchor, times * (12 if interval == "year" else 1))


def add_months(moment: int, months: int) -> int:
    start = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def next_end(anchor: int, recurring: Json, after: int) -> int:
    """The first end of a period that lies after a moment."""
    length = step(anchor, recurring, 1) - anchor
    count = max(0, (after - anchor) // length - 1)
    while step(anchor, recurring, count) <= after:
        count += 1
    return step(anchor, recurring, count)


def day(moment: int) -> str:
    return (datetime.fromtimestamp(moment, UTC)).strftime("%-d %b %Y")


def minute(moment: float) -> str:
    return (datetime.fromtimestamp(0, UTC) + timedelta(seconds=moment)).strftime("%Y-%m-%d %H:%M UTC")
