"""What each kind of client adds to a gap: bars from zero, of the mix and of the rates."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.reporting.render.charts.renderer import Spec
from core.reporting.render.charts.theme import CARD, INK, NARROW, SMALL, TEXT

ROW, BAR = 46, 11
# In narrow places names stand above their bars.
NARROW_ROW, ABOVE = 62, -22
# Names are kept clear of the line behind.
_LOOKS: tuple[Spec, ...] = ({"stroke": CARD, "strokeWidth": 5}, {})


@dataclass(frozen=True)
class Bar:
    """Of the kind in a row: how much it adds, above or below the row's middle (in pixels)."""

    row: int
    added: float
    text: str
    colour: str
    offset: int
    description: str


def contributions_chart(labels: Sequence[str], bars: Sequence[Bar], *, width: int) -> Spec:
    is_narrow = width == NARROW
    left, above = (0, ABOVE) if is_narrow else (190, 0)
    plot = width - left - 8
    low, high = (end(0.0, *(bar.added for bar in bars)) for end in (min, max))
    # Numbers stand beyond the bars' ends.
    room = (high - low) * (0.2 if is_narrow else 0.16)
    scale = {"domain": [low - (room if low < 0 else 0), high + (room if high > 0 else 0)], "nice": False, "zero": False}
    x = {"type": "quantitative", "scale": scale, "axis": None}
    rows = {"values": [{"row": row, "label": label} for row, label in enumerate(labels)]}
    y = {"field": "row", "type": "ordinal", "axis": None}
    return {
        "padding": {"left": left, "right": 8, "top": 4, "bottom": 4},
        "width": plot,
        "height": (NARROW_ROW if is_narrow else ROW) * len(labels),
        "layer": [
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "color": INK, "opacity": 0.45},
                "encoding": {"x": {"field": "zero", **x}},
            },
            *(_labels(rows, y, left=left, dy=above, limit=(left or width) - 14, **look) for look in _LOOKS),
            *(layer for offset in sorted({bar.offset for bar in bars}) for layer in _bars(bars, offset, x, y)),
        ],
    }


def _labels(rows: Spec, y: Spec, *, left: int, **look: object) -> Spec:
    mark = {"type": "text", "align": "left", "fontSize": TEXT, "fontWeight": 600, **look}
    return {"data": rows, "mark": mark, "encoding": {"x": {"value": -left}, "y": y, "text": {"field": "label"}}}


def _bars(bars: Sequence[Bar], offset: int, x: Spec, y: Spec) -> list[Spec]:
    values = [{**vars(bar), "zero": 0} for bar in bars if bar.offset == offset]
    ends = (("left", 5, [v for v in values if v["added"] >= 0]), ("right", -5, [v for v in values if v["added"] < 0]))
    return [
        {
            "data": {"values": values},
            "mark": {"type": "bar", "height": BAR, "cornerRadius": 2, "yOffset": offset},
            "encoding": {
                "x": {"field": "zero", **x},
                "x2": {"field": "added"},
                "y": y,
                "color": {"field": "colour", "scale": None},
                "description": {"field": "description"},
            },
        },
        *(
            {
                "data": {"values": own},
                "mark": {"type": "text", "align": align, "dx": dx, "dy": offset, "fontSize": SMALL},
                "encoding": {"x": {"field": "added", **x}, "y": y, "text": {"field": "text"}},
            }
            for align, dx, own in ends
            if own
        ),
    ]
