"""Where clients come back and who serves them again: a bar each, cut into shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.reporting.render.charts.renderer import Spec
from core.reporting.render.charts.theme import CARD, INK, LINE, MUTED, NARROW, SMALL, TEXT
from core.shared.figures import percent

ROW, BAR, LINE_HEIGHT = 92, 24, 18
# What a share needs to stand within its part.
ROOM = 54


@dataclass(frozen=True)
class Part:
    label: str
    clients: int
    colour: str


@dataclass(frozen=True)
class Bar:
    title: str
    clients: int
    parts: Sequence[Part]


def flows_chart(bars: Sequence[Bar], *, width: int) -> Spec:
    """Each bar has its title above and its parts' names below: beside each other, in narrow places one a line."""
    is_narrow = width == NARROW
    heights = [ROW + (LINE_HEIGHT * (len(bar.parts) - 1) if is_narrow else 0) for bar in bars]
    tops = [sum(heights[:row]) for row in range(len(bars))]
    layers = [_bar(bar, top, width - 2, is_narrow=is_narrow) for bar, top in zip(bars, tops, strict=True)]
    return {
        "padding": {"left": 1, "right": 1, "top": 0, "bottom": 0},
        "width": width - 2,
        "height": sum(heights),
        "layer": [layer for of_bar in layers for layer in of_bar],
    }


def _bar(bar: Bar, top: float, plot: float, *, is_narrow: bool) -> list[Spec]:
    start = 0.0
    layers = [_text(0, top + 12, bar.title, INK, TEXT, weight=600)]
    for part in bar.parts:
        share = part.clients / bar.clients
        if part.clients:
            layers.append(_block(start * plot, (start + share) * plot, top + 22, part))
        if share * plot > ROOM:
            ink = INK if part.colour == LINE else CARD
            layers.append(_text(start * plot + 7, top + 22 + BAR / 2, percent(share), ink, TEXT, weight=600))
        start += share
    return [*layers, *_names(bar, top + 22 + BAR + 14, plot, is_narrow=is_narrow)]


def _block(start: float, end: float, top: float, part: Part) -> Spec:
    mark = {"type": "rect", "color": part.colour, "cornerRadius": 2}
    places = {"x": start, "x2": max(end - 2, start + 1), "y": top, "y2": top + BAR}
    return {
        "data": {"values": [{"label": part.label}]},
        "mark": mark,
        "encoding": {
            **{name: {"value": value} for name, value in places.items()},
            "description": {"field": "label"},
        },
    }


def _names(bar: Bar, top: float, plot: float, *, is_narrow: bool) -> list[Spec]:
    layers = []
    for number, part in enumerate(bar.parts):
        left, y = (0.0, top + number * LINE_HEIGHT) if is_narrow else (number * plot / 3, top)
        text = f"{part.label} {percent(part.clients / bar.clients)}"
        square = {"x": left, "x2": left + 9, "y": y - 5, "y2": y + 4}
        layers += [
            {
                "data": {"values": [{}]},
                "mark": {"type": "rect", "color": part.colour, "aria": False},
                "encoding": {name: {"value": value} for name, value in square.items()},
            },
            _text(left + 14, y, text, MUTED, SMALL),
        ]
    return layers


def _text(x: float, y: float, text: str, color: str, size: int, *, weight: int = 400) -> Spec:
    mark = {"type": "text", "align": "left", "baseline": "middle", "color": color, "fontSize": size}
    return {
        "data": {"values": [{"text": text}]},
        "mark": {**mark, "fontWeight": weight},
        "encoding": {"x": {"value": x}, "y": {"value": y}, "text": {"field": "text"}},
    }
