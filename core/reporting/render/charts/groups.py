"""Groups side by side: rate with its interval, adjusted rate beside it, the year before as a tick."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.reporting.metrics.units import Unit
from core.reporting.render.charts.renderer import Spec
from core.reporting.render.charts.theme import CARD, INK, MUTED, NARROW, SMALL, TEXT, value_axis


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One group's row."""

    label: str
    note: str
    colour: str
    rate: float
    # The rate in words.
    shown: str
    low: float
    high: float
    adjusted: float | None
    before: float | None
    description: str


def groups_chart(
    marks: Sequence[Mark], *, unit: Unit, reference: float | None, reference_label: str, width: int, height: int = 280
) -> Spec:
    left = 104 if width == NARROW else 130
    plot = width - left - (48 if width == NARROW else 56)
    reached = [value for mark in marks for value in (mark.low, mark.high, mark.adjusted, mark.before)]
    x = value_axis([*(value for value in [*reached, reference] if value is not None)], unit)
    y = {"field": "row", "type": "ordinal", "axis": None}
    return {
        "padding": {"left": left, "right": width - left - plot, "top": 22, "bottom": 26},
        "width": plot,
        # Few groups get air, as much as makes the chart about as high as its neighbours.
        "height": min(130, max(46, height // len(marks))) * len(marks),
        "data": {"values": [{"row": index, **vars(mark)} for index, mark in enumerate(marks)]},
        "layer": [
            *(_reference(reference, reference_label, x) if reference is not None else []),
            _rule({"x": {"field": "low", **x}, "x2": {"field": "high"}, "y": y}),
            _tick(x, y),
            _diamond(x, y),
            _dot(x, y),
            _text("label", y, x={"value": -left}, weight=600, dy=-8, limit=left - 14),
            _text("note", y, x={"value": -left}, color=MUTED, size=SMALL, dy=8, limit=left - 14),
            _text("shown", y, x={"field": "high", **x}, weight=600, dx=9),
        ],
    }


def _reference(rate: float, label: str, x: Spec) -> list[Spec]:
    data = {"values": [{"rate": rate, "label": label}]}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3], "opacity": 0.55},
            "encoding": {"x": {"field": "rate", **x}},
        },
        {
            "data": data,
            "mark": {"type": "text", "align": "center", "color": MUTED, "fontSize": SMALL, "dy": -10},
            "encoding": {"x": {"field": "rate", **x}, "y": {"value": 0}, "text": {"field": "label"}},
        },
    ]


def _rule(encoding: Spec) -> Spec:
    mark = {"type": "rule", "size": 6, "strokeCap": "round", "opacity": 0.3}
    return {"mark": mark, "encoding": {**encoding, "color": {"field": "colour", "scale": None}}}


def _dot(x: Spec, y: Spec) -> Spec:
    return {
        "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
        "encoding": {
            "x": {"field": "rate", **x},
            "y": y,
            "color": {"field": "colour", "scale": None},
            "description": {"field": "description"},
        },
    }


def _diamond(x: Spec, y: Spec) -> Spec:
    return {
        "transform": [{"filter": "datum.adjusted != null"}],
        "mark": {
            "type": "point",
            "shape": "diamond",
            "size": 75,
            "fill": CARD,
            "yOffset": 16,
            "opacity": 1,
            "aria": False,
        },
        "encoding": {"x": {"field": "adjusted", **x}, "y": y, "stroke": {"field": "colour", "scale": None}},
    }


def _tick(x: Spec, y: Spec) -> Spec:
    return {
        "transform": [{"filter": "datum.before != null"}],
        "mark": {"type": "tick", "thickness": 2, "size": 16, "color": MUTED, "opacity": 1, "aria": False},
        "encoding": {"x": {"field": "before", **x}, "y": y},
    }


def _text(field: str, y: Spec, *, x: Spec, color: str = INK, size: int = TEXT, weight: int = 400, **place: Any) -> Spec:
    mark = {"type": "text", "align": "left", "color": color, "fontSize": size, "fontWeight": weight, **place}
    return {"mark": mark, "encoding": {"x": x, "y": y, "text": {"field": field}}}
