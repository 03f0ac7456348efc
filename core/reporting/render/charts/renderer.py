"""Turns a Vega-Lite specification into an SVG to put into a page.

The SVG takes colours and fonts from the page (`var(--t1)`, inherited font family), scales with its place, and has
neither style attributes nor style elements, so that the content security policy holds. Rendered charts are kept by what
they show, so that none is ever out of date.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.utils.html import escape
from django.utils.safestring import SafeString

from core.reporting.render.charts.theme import BROAD, CONFIG, NARROW, WIDE

Spec = dict[str, Any]
VEGA_LITE = "5.20"
KEPT_SECONDS = 24 * 3600

# What vl-convert adds and a page has no use for. Its base address comes in front of relative links.
_FOREIGN_BASE = "https://vega.github.io/vega-datasets/"
_DROPPED = re.compile(
    r' (?:font-family|aria-roledescription|aria-hidden|pointer-events|class|xmlns:xlink|version)="[^"]*"'
    r"|<path(?>[^<>]*? d=\"(?:M0,0h0v0h0Z)?\")[^<>]*/>"
    r'|<path class="background"[^<>]*/>'
)
_DECIMALS = re.compile(r"(?<=\d\.\d)\d+")
_ROLES = re.compile(r' role="graphics-object"')
_SIZE = re.compile(r'<svg (?>[^<>]*?viewBox="([^"]*)")[^<>]*>')


class Chart(SafeString):
    """A chart drawn for a page, with what it is drawn from at any width."""

    build: Callable[[int], Spec]

    @property
    def spec(self) -> Spec:
        """At the width of a slide."""
        return self.build(BROAD)


def chart(
    build: Callable[[int], Spec], *, label: str, linked: bool = False, broad: bool = False, draw: bool = True
) -> SafeString:
    """The chart for wide and for narrow places, and for a whole page's width where it has one to itself; the style
    sheet shows the one that fits. Without `draw`, only one that was drawn before, else nothing."""
    widths = {"wide": WIDE, "narrow": NARROW} | ({"broad": BROAD} if broad else {})
    drawn = {name: _kept(build(width), label, linked=linked, draw=draw) for name, width in widths.items()}
    if not all(drawn.values()):
        return SafeString("")
    made = Chart("".join(f'<div class="chart {name}">{svg}</div>' for name, svg in drawn.items()))
    made.build = build
    return made


def _kept(spec: Spec, label: str, *, linked: bool, draw: bool) -> str:
    text = json.dumps([CONFIG, spec, label, linked], sort_keys=True, ensure_ascii=False)
    key = "chart:" + hashlib.sha256(text.encode()).hexdigest()
    svg = cache.get(key)
    if svg is None and not draw:
        return ""
    if svg is None:
        svg = for_page(rendered(spec), label, linked=linked)
        cache.set(key, svg, KEPT_SECONDS)
    return str(svg)


def rendered(spec: Spec) -> str:
    """The SVG as it comes."""
    import vl_convert  # takes a second and 80 MB: only processes that draw load it

    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": CONFIG, "autosize": "none", **spec}
    return str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))


def as_png(svg: str, *, scale: float) -> bytes:
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg, scale=scale))


def for_page(svg: str, label: str, *, linked: bool = False) -> str:
    """A chart whose marks are links is a group of them; any other is one image."""
    svg = svg.replace(f'xlink:href="{_FOREIGN_BASE}', 'href="')
    svg = _DROPPED.sub("", svg)
    svg = _ROLES.sub("", svg)
    svg = _DECIMALS.sub("", svg)
    role = "group" if linked else "img"
    return _SIZE.sub(
        lambda match: (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{match[1]}" role="{role}" aria-label="{escape(label)}">'
        ),
        svg,
        count=1,
    )
