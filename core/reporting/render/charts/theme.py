"""What all charts share: measures, the look of axes, colours of groups."""

from collections.abc import Iterable, Sequence
from typing import Any

from core.reporting.metrics.units import Unit
from core.stores.tiers import CITY_TIERS

# Measures of the drawing; a chart is scaled to its place, so that these give a text about its natural size there.
BROAD, WIDE, NARROW = 1090, 520, 340

INK, MUTED, LINE, CARD = "var(--ink)", "var(--muted)", "var(--line)", "var(--card)"
SERIES, SHADE = "var(--series)", "var(--shade)"
TEXT = 12
SMALL = 11

CONFIG: dict[str, Any] = {
    "background": None,
    "view": {"stroke": None},
    "aria": True,
    "axis": {
        "aria": False,
        "domain": False,
        "ticks": False,
        "title": None,
        "gridColor": LINE,
        "labelColor": MUTED,
        "labelFontSize": SMALL,
        "labelPadding": 8,
        "labelFlush": False,
    },
    "text": {"color": INK, "fontSize": TEXT, "aria": False},
    "rule": {"aria": False},
}

_TIER_TOKENS = dict(zip(CITY_TIERS, ("t1", "t1n", "t2", "t3", "t4", "t5"), strict=True))
_OWN_TIER_TOKENS = ("t6", "t7", "t4", "t1n", "t5")
_SERIES_TOKENS = ("t1", "t3", "t2", "t4", "t6", "t1n", "t7", "t5")


def tier_token(tier: str | None, tiers: Sequence[str]) -> str:
    """The colour a city tier has everywhere; `tiers` are all of the chain's, so that its own kinds keep theirs."""
    if not tier:
        return "t5"
    if tier in _TIER_TOKENS:
        return _TIER_TOKENS[tier]
    own = [known for known in tiers if known not in _TIER_TOKENS]
    return _OWN_TIER_TOKENS[own.index(tier) % len(_OWN_TIER_TOKENS)] if tier in own else "t5"


def series_tokens(keys: Iterable[str]) -> dict[str, str]:
    """Colours for the lines of groups that are no city tiers."""
    return {key: _SERIES_TOKENS[place % len(_SERIES_TOKENS)] for place, key in enumerate(keys)}


def colour(token: str) -> str:
    return f"var(--{token})"


def value_axis(values: Iterable[float], unit: Unit) -> dict[str, Any]:
    """An axis of values: from round values around the data, with about five lines."""
    shown = list(values)
    low, high = (min(shown), max(shown)) if shown else (0.0, unit.highest or 1.0)
    step = next((step for step in unit.steps if (high - low) / step <= 5), unit.steps[-1])
    first, last = max(int(low / step), 0), -int(-high / step // 1)
    last = max(last, first + 1)
    if unit.highest is not None:
        last = min(last, round(unit.highest / step))
    grid = [round(index * step, 4) for index in range(first, last + 1)]
    return {
        "type": "quantitative",
        "scale": {"domain": [grid[0], grid[-1]], "nice": False, "zero": False},
        "axis": {"values": grid, "labelExpr": unit.axis_label()},
    }
