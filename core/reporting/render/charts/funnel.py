"""Stores that differ from average: rate by number of clients, between 95 % and 99.8 % limits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from core.reporting.metrics.units import RATE
from core.reporting.render.charts.renderer import Spec
from core.reporting.render.charts.theme import INK, MUTED, NARROW, SHADE, SMALL, TEXT, value_axis
from core.reporting.statistics.funnel import Funnel

CURVE_POINTS = 60


@dataclass(frozen=True, kw_only=True)
class StorePoint:
    name: str
    # Not always a whole number.
    clients: float
    rate: float
    colour: str
    outside: bool
    href: str
    description: str


def funnel_chart(points: Sequence[StorePoint], funnel: Funnel, *, axis_title: str, width: int) -> Spec:
    left, right, height = 44, 8, (260 if width == NARROW else 300)
    most = max(point.clients for point in points)
    plot = width - left - right
    # With the limits of a usual store the funnel is seen as one also where all stores lie close together.
    usual = funnel.limits([round(median_low(point.clients for point in points))])
    y = value_axis([*(point.rate for point in points), *usual.lower_998, *usual.upper_998], RATE)
    low, high = y["scale"]["domain"]
    x = {
        "type": "quantitative",
        "scale": {"domain": [0, most * 1.04], "nice": False},
        "axis": {"grid": False, "tickCount": 5, "format": ",d"},
    }
    return {
        "padding": {"left": left, "right": right, "top": 8, "bottom": 42},
        "width": plot,
        "height": height,
        "layer": [
            _band(funnel, most, "998", 0.10, x, y, low, high),
            _band(funnel, most, "95", 0.14, x, y, low, high),
            {
                "data": {"values": [{"rate": funnel.chain_rate}]},
                "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3], "opacity": 0.55},
                "encoding": {"y": {"field": "rate", **y}},
            },
            _stores(points, x, y),
            *_names(points, most, x, y),
            {
                "data": {"values": [{"title": axis_title}]},
                "mark": {"type": "text", "align": "right", "color": MUTED, "fontSize": SMALL},
                "encoding": {"x": {"value": plot}, "y": {"value": height + 34}, "text": {"field": "title"}},
            },
        ],
    }


def _curve(most: float) -> list[int]:
    """Numbers of clients to draw the limits at: closer where they bend."""
    top = math.log(max(most * 1.04, 2))
    return sorted({max(1, round(math.exp(top * step / CURVE_POINTS))) for step in range(CURVE_POINTS + 1)})


def _band(funnel: Funnel, most: float, which: str, opacity: float, x: Spec, y: Spec, low: float, high: float) -> Spec:
    limits = funnel.limits(_curve(most))
    lower, upper = getattr(limits, f"lower_{which}"), getattr(limits, f"upper_{which}")
    rows = [
        {"clients": n, "lower": min(max(under, low), high), "upper": min(max(over, low), high)}
        for n, under, over in zip(limits.clients, lower, upper, strict=True)
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "area", "color": SHADE, "opacity": opacity, "aria": False},
        "encoding": {"x": {"field": "clients", **x}, "y": {"field": "lower", **y}, "y2": {"field": "upper"}},
    }


def _stores(points: Sequence[StorePoint], x: Spec, y: Spec) -> Spec:
    return {
        "data": {"values": [vars(point) for point in points]},
        "mark": {"type": "point", "filled": True},
        "encoding": {
            "x": {"field": "clients", **x},
            "y": {"field": "rate", **y},
            "color": {"field": "colour", "type": "nominal", "scale": None},
            "size": {"condition": {"test": "datum.outside", "value": 120}, "value": 60},
            "opacity": {"condition": {"test": "datum.outside", "value": 1}, "value": 0.75},
            "href": {"field": "href"},
            "description": {"field": "description"},
        },
    }


def _names(points: Sequence[StorePoint], most: float, x: Spec, y: Spec) -> list[Spec]:
    """Of the stores outside the outer limits, on the side that has room."""
    layers = []
    for align, dx in (("left", 10), ("right", -10)):
        named = [vars(p) for p in points if p.outside and (p.clients > most * 0.55) == (align == "right")]
        mark = {"type": "text", "align": align, "dx": dx, "fontWeight": 600, "fontSize": TEXT, "limit": 180}
        encoding = {"x": {"field": "clients", **x}, "y": {"field": "rate", **y}, "text": {"field": "name"}}
        layers.append({"data": {"values": named}, "mark": mark, "encoding": encoding})
    return layers
