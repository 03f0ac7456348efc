"""The gap between two groups, split into what their clients' mix and what their rates account for."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.reporting.render.charts.renderer import Spec
from core.reporting.render.charts.theme import CARD, INK, MUTED, SMALL

ROW = 40


@dataclass(frozen=True)
class Part:
    """A bar from one rate to another."""

    start: float
    end: float
    text: str
    colour: str


def gap_chart(parts: Sequence[Part], *, high: float, low: float, high_label: str, low_label: str, width: int) -> Spec:
    reached = [value for part in parts for value in (part.start, part.end)] + [high, low]
    scale = {"domain": [min(reached), max(reached)], "nice": False, "zero": False}
    x = {"type": "quantitative", "scale": scale, "axis": None}
    ends = [
        {"at": high, "label": high_label, "align": "right"},
        {"at": low, "label": low_label, "align": "left"},
    ]
    rows = [{"row": index, **vars(part)} for index, part in enumerate(parts)]
    height = ROW * len(rows)
    return {
        "padding": {"left": 1, "right": 1, "top": 0, "bottom": 22},
        "width": width - 2,
        "height": height,
        "layer": [
            {
                "data": {"values": ends},
                "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3], "opacity": 0.45},
                "encoding": {"x": {"field": "at", **x}},
            },
            *[_end_label(end, x, height) for end in ends],
            # Labels are kept clear of the dashed lines behind.
            _labels(rows, stroke=CARD, strokeWidth=5),
            _bars(rows, x),
            _labels(rows),
        ],
    }


def _end_label(end: dict[str, object], x: Spec, height: int) -> Spec:
    mark = {"type": "text", "color": MUTED, "fontSize": SMALL, "align": end["align"], "dy": 13}
    return {
        "data": {"values": [end]},
        "mark": mark,
        "encoding": {"x": {"field": "at", **x}, "y": {"value": height}, "text": {"field": "label"}},
    }


def _bars(rows: list[dict[str, object]], x: Spec) -> Spec:
    return {
        "data": {"values": rows},
        "mark": {"type": "bar", "height": 12, "cornerRadius": 3, "yOffset": 10},
        "encoding": {
            "x": {"field": "start", **x},
            "x2": {"field": "end"},
            "y": {"field": "row", "type": "ordinal", "axis": None},
            "color": {"field": "colour", "scale": None},
            "description": {"field": "text"},
        },
    }


def _labels(rows: list[dict[str, object]], **look: object) -> Spec:
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "align": "left", "fontWeight": 600, "fontSize": 12, "dy": -8, **look},
        "encoding": {
            "x": {"value": 7},
            "y": {"field": "row", "type": "ordinal", "axis": None},
            "text": {"field": "text"},
        },
    }
