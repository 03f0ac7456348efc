"""How a metric's values read: in texts, on axes, in files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.shared import figures


@dataclass(frozen=True, kw_only=True)
class Unit:
    text: Callable[[float | None], str]
    # A difference of two values, with its sign; below `smallest` it reads as none.
    difference: Callable[[float | None], str]
    smallest: float
    # Sentences with {direction}, {points} (the difference without its sign) and {period}.
    above: Promise
    below: Promise
    # Of charts: distances of grid lines to choose from, the highest value there can be, how Vega writes a value.
    steps: Sequence[float]
    highest: float | None
    axis_label: Callable[[], str]
    # Of workbooks.
    number_format: str
    # Whether a value has an interval, and is marked where it rests on few clients.
    is_estimated: bool = True


def _percent_axis() -> str:
    return f"format(datum.value * 100, '.0f') + '{figures.percent_sign()}'"


def _count(value: float | None) -> str:
    return figures.count(None if value is None else round(value))


RATE = Unit(
    text=figures.percent,
    difference=figures.points,
    # One decimal of a point does not show less.
    smallest=0.0005,
    above=gettext_lazy('That is <b class="{direction}">{points} points above {period}</b>.'),
    below=gettext_lazy('That is <b class="{direction}">{points} points below {period}</b>.'),
    steps=(0.01, 0.02, 0.05, 0.1, 0.2, 0.25),
    highest=1.0,
    axis_label=_percent_axis,
    number_format="0.0%",
)
COUNT = Unit(
    text=_count,
    difference=figures.signed_count,
    smallest=0.5,
    above=gettext_lazy('That is <b class="{direction}">{points} more than in {period}</b>.'),
    below=gettext_lazy('That is <b class="{direction}">{points} fewer than in {period}</b>.'),
    steps=tuple(digit * 10**power for power in range(8) for digit in (1, 2, 5)),
    highest=None,
    axis_label=lambda: "format(datum.value, ',d')",
    number_format="#,##0",
    is_estimated=False,
)
