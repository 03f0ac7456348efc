"""How a metric's values read: in texts, on axes, in files. Amounts are in hundredths of the chain's currency."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.shared import figures
from core.shared.chain import current_chain


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
    # A value as files have it.
    in_file: Callable[[Any], Any] = lambda value: value


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


def _amount(digits: int) -> Callable[[float | None], str]:
    return lambda value: figures.amount(value, current_chain().currency, digits)


def _amount_difference(value: float | None) -> str:
    text = figures.amount(value, current_chain().currency, 0)
    return f"+{text}" if value is not None and value > 0 else text


def _in_currency(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(round(value)) / 100


def _rating(value: float | None) -> str:
    return figures.NOTHING if value is None else f"{value:.2f}"


def _of_amounts(digits: int) -> Unit:
    return Unit(
        text=_amount(digits),
        difference=_amount_difference,
        smallest=50,
        above=gettext_lazy('That is <b class="{direction}">{points} more than in {period}</b>.'),
        below=gettext_lazy('That is <b class="{direction}">{points} less than in {period}</b>.'),
        steps=tuple(digit * 10**power for power in range(2, 12) for digit in (1, 2, 5)),
        highest=None,
        axis_label=lambda: "format(datum.value / 100, ',d')",
        number_format="#,##0.00",
        is_estimated=False,
        in_file=_in_currency,
    )


# Of many lines together, and of a visit or a client.
REVENUE = _of_amounts(0)
PRICE = _of_amounts(2)
RATING = Unit(
    text=_rating,
    difference=lambda value: figures.NOTHING if value is None else f"{value:+.2f}".replace("-", figures.MINUS),
    smallest=0.005,
    above=gettext_lazy('That is <b class="{direction}">{points} above {period}</b>.'),
    below=gettext_lazy('That is <b class="{direction}">{points} below {period}</b>.'),
    steps=(0.05, 0.1, 0.2, 0.5, 1),
    highest=5.0,
    axis_label=lambda: "format(datum.value, '.2f')",
    number_format="0.00",
    is_estimated=False,
    in_file=lambda value: None if value is None else round(Decimal(value), 4),
)
