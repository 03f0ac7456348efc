"""A small line of a figure's last twelve-month values, drawn by hand: it has no axes to leave to a library."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from core.reporting.metrics.base import Estimate
from core.reporting.metrics.units import Unit

WIDTH, HEIGHT, MARGIN = 160, 36, 3


@dataclass(frozen=True)
class Sparkline:
    """Paths within WIDTH × HEIGHT: the line, the band of its intervals, and where it ends."""

    line: str
    band: str
    end: tuple[float, float]


@dataclass(frozen=True)
class Trend:
    """A small line with the id of the place on the page that it comes into, what it is of, and itself in words."""

    place: str
    title: str
    drawn: Sparkline | None
    label: str = ""


def trend_of(
    points: Mapping[date, Estimate],
    of: Callable[[Estimate], float | None],
    unit: Unit,
    *,
    place: str,
    title: str,
    has_intervals: bool,
) -> Trend:
    """Of twelve-month estimates by their end. `has_intervals`: whether those of the estimates are of what is drawn."""
    ends = sorted(points)
    known = [(end, value) for end in ends if (value := of(points[end])) is not None]
    values = [value for _end, value in known]
    intervals = [pair for end, _value in known if has_intervals and (pair := points[end].ci95)]
    drawn = sparkline(values, intervals if len(intervals) == len(values) else ())
    if drawn is None:
        return Trend(place, title, None)
    text = _("%(title)s, twelve-month figures: from %(first)s to %(last)s")
    words = {"title": title, "first": unit.text(values[0]), "last": unit.text(values[-1])}
    return Trend(place, title, drawn, text % words)


def sparkline(values: Sequence[float], intervals: Sequence[tuple[float, float]] = ()) -> Sparkline | None:
    """None for fewer than two values. `intervals`: one for each value, or none."""
    if len(values) < 2:
        return None
    ends = [end for pair in intervals for end in pair]
    low, high = min(*values, *ends), max(*values, *ends)
    if low == high:
        low, high = low - 1, high + 1

    def point(place: int, value: float) -> tuple[float, float]:
        x = MARGIN + place * (WIDTH - 2 * MARGIN) / (len(values) - 1)
        return round(x, 1), round(HEIGHT - MARGIN - (value - low) / (high - low) * (HEIGHT - 2 * MARGIN), 1)

    line = [point(place, value) for place, value in enumerate(values)]
    upper = [point(place, pair[1]) for place, pair in enumerate(intervals)]
    lower = [point(place, pair[0]) for place, pair in enumerate(intervals)]
    return Sparkline(_path(line), _path([*upper, *reversed(lower)]) + "Z" if intervals else "", line[-1])


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)
