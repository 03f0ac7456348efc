"""Rates over time, a line a group with its interval, named at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.reporting.metrics.units import Unit
from core.reporting.render.charts.renderer import Spec
from core.reporting.render.charts.theme import NARROW, TEXT, value_axis

HEIGHT = 190
LABEL_GAP = 15


@dataclass(frozen=True, kw_only=True)
class Line:
    """With points of `month`, `rate`, `low`, `high` and `description`."""

    label: str
    colour: str
    points: Sequence[dict[str, Any]]


def trend_chart(lines: Sequence[Line], *, unit: Unit, month_labels: dict[str, str], width: int) -> Spec:
    """`month_labels` names some of the months; a narrow chart names every other of them."""
    if width == NARROW:
        month_labels = dict(list(month_labels.items())[::2])
    left, right = 44, 94 if width == NARROW else 122
    plot = width - left - right
    y = value_axis((point[end] for line in lines for point in line.points for end in ("low", "high")), unit)
    x = {"field": "month", "type": "ordinal", "axis": _month_axis(month_labels)}
    rows = [
        {"line": index, "colour": line.colour, **point} for index, line in enumerate(lines) for point in line.points
    ]
    return {
        "padding": {"left": left, "right": right, "top": 10, "bottom": 26},
        "width": plot,
        "height": HEIGHT,
        "data": {"values": rows},
        "layer": [
            _mark(
                {"type": "area", "opacity": 0.13, "aria": False},
                x,
                {"y": {"field": "low", **y}, "y2": {"field": "high"}},
            ),
            _mark({"type": "line", "strokeWidth": 2, "aria": False}, x, {"y": {"field": "rate", **y}}),
            _mark(
                {"type": "point", "filled": True, "size": 60, "opacity": 0},
                x,
                {"y": {"field": "rate", **y}, "description": {"field": "description"}},
            ),
            *_names(lines, y["scale"]["domain"], plot, right - 10),
        ],
    }


def _mark(mark: dict[str, Any], x: Spec, more: Spec) -> Spec:
    colour = {"field": "colour", "type": "nominal", "scale": None}
    return {"mark": mark, "encoding": {"x": x, "color": colour, "detail": {"field": "line"}, **more}}


def _month_axis(labels: dict[str, str]) -> Spec:
    """Only some months are named, in the page's language."""
    return {
        "values": list(labels),
        "labelExpr": " ".join(f"datum.value == '{month}' ? '{label}' :" for month, label in labels.items()) + " ''",
        "labelAngle": 0,
        "labelOverlap": False,
        "grid": False,
    }


def _names(lines: Sequence[Line], domain: Sequence[float], plot: int, limit: int) -> list[Spec]:
    """At the lines' ends, moved apart where they would touch."""
    low, high = domain
    ends = sorted(
        ((HEIGHT * (1 - (line.points[-1]["rate"] - low) / (high - low)), line) for line in lines),
        key=lambda end: end[0],
    )
    placed: list[float] = []
    for at, _line in ends:
        placed.append(max(at, placed[-1] + LABEL_GAP) if placed else at)
    over = max(0.0, placed[-1] - HEIGHT)
    names = [(line, at - over) for at, (_, line) in zip(placed, ends, strict=True)]
    return [layer for line, at in names for layer in _name(line, at, plot, limit)]


def _name(line: Line, at: float, plot: int, limit: int) -> list[Spec]:
    """With a dot of the line's colour, as names may stand away from their lines."""
    data, y = {"values": [{"name": line.label}]}, {"value": at}
    dot = {"type": "point", "filled": True, "size": 45, "color": line.colour, "opacity": 1, "aria": False}
    text = {"type": "text", "align": "left", "fontWeight": 600, "fontSize": TEXT, "limit": limit - 10}
    return [
        {"data": data, "mark": dot, "encoding": {"x": {"value": plot + 10}, "y": y}},
        {"data": data, "mark": text, "encoding": {"x": {"value": plot + 18}, "y": y, "text": {"field": "name"}}},
    ]
