"""A small line of a figure's last twelve-month values, drawn by hand: it has no axes to leave to a library."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 160, 36, 3


@dataclass(frozen=True)
class Sparkline:
    """Paths within WIDTH × HEIGHT: the line, the band of its intervals, and where it ends."""

    line: str
    band: str
    end: tuple[float, float]


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
