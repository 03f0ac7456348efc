"""A chart as a picture for slides: with title, definition and source, in the light theme's colours."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from django.utils.html import escape

from core.reporting.render.charts.renderer import Chart, as_png, rendered

Format = Literal["svg", "png"]
CONTENT_TYPES: dict[Format, str] = {"svg": "image/svg+xml", "png": "image/png"}
# Pixels of a PNG for each unit of the drawing: about 2,000 across.
SCALE = 2
MARGIN, LEADING = 24, 1.45
TITLE, TEXT, SMALL = 20, 14, 12
TOKENS = Path(__file__).parents[3] / "shared/static/shared/tokens.css"
FONTS = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'PingFang SC', 'Noto Sans SC', 'Noto Sans CJK SC', sans-serif"

_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")
_TOKEN = re.compile(r"--([a-z0-9-]{1,20}): (#[0-9a-f]{3,6});")
_WORD = re.compile(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+|\s")
_LINK = re.compile(r"</?a\b[^<>]*>")
_SIZE = re.compile(r'<svg (?>[^<>]*?viewBox="0 0 ([\d.]+) ([\d.]+)")[^<>]*>')
_FONT = re.compile(r'font-family="[^"]*"')


@dataclass(frozen=True)
class Captions:
    """What stands above and below the drawing."""

    title: str
    subtitle: str
    key: str
    definition: str
    source: str


@dataclass(frozen=True)
class _Line:
    text: str
    size: int
    colour: str
    weight: int = 400


def chart_file(chart: Chart, captions: Captions, file_format: Format) -> bytes:
    svg = _page(rendered(chart.spec), captions)
    return svg.encode() if file_format == "svg" else as_png(svg, scale=SCALE)


def _page(drawing: str, captions: Captions) -> str:
    """The drawing on white between its captions."""
    size = _SIZE.search(drawing)
    if size is None:
        raise ValueError("A drawing has no size.")
    width, height = float(size[1]), float(size[2])
    above = [
        *_wrapped(captions.title, width, _Line("", TITLE, "ink", 600)),
        *_wrapped(captions.subtitle, width, _Line("", TEXT, "muted")),
    ]
    below = [
        *_wrapped(captions.key, width, _Line("", SMALL, "ink")),
        *_wrapped(captions.definition, width, _Line("", SMALL, "muted")),
        *_wrapped(captions.source, width, _Line("", SMALL, "muted")),
    ]
    top = MARGIN + _height(above) + MARGIN / 2
    bottom = top + height + MARGIN / 2
    full_width, full_height = width + 2 * MARGIN, bottom + _height(below) + MARGIN
    place = f'<svg xmlns="http://www.w3.org/2000/svg" x="{MARGIN}" y="{top:g}" width="{width:g}" height="{height:g}"'
    inner = _SIZE.sub(lambda match: f'{place} viewBox="0 0 {match[1]} {match[2]}">', drawing, count=1)
    page = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{full_width:g}" height="{full_height:g}" '
        f'viewBox="0 0 {full_width:g} {full_height:g}" font-family="{FONTS}">'
        f'<rect width="100%" height="100%" fill="var(--card)"/>'
        f"{''.join(_texts(above, MARGIN))}{_LINK.sub('', inner)}{''.join(_texts(below, bottom))}</svg>"
    )
    return _VARIABLE.sub(lambda match: _colours()[match[1]], _FONT.sub(f'font-family="{FONTS}"', page))


@cache
def _colours() -> dict[str, str]:
    """The light theme's, which the style sheet says first."""
    light, _dark = TOKENS.read_text(encoding="utf-8").split("@media", 1)
    return dict(_TOKEN.findall(light))


def _height(lines: Sequence[_Line]) -> float:
    return sum(line.size * LEADING for line in lines)


def _texts(lines: Sequence[_Line], top: float) -> Iterator[str]:
    for line in lines:
        top += line.size * LEADING
        yield (
            f'<text x="{MARGIN}" y="{top - line.size * (LEADING - 1):g}" font-size="{line.size}" '
            f'font-weight="{line.weight}" fill="var(--{line.colour})">{escape(line.text)}</text>'
        )


def _wrapped(text: str, width: float, like: _Line) -> list[_Line]:
    """Broken where it grows wider than the drawing: at a space, or behind any Chinese character."""
    lines, reached = [""], 0.0
    for word in _WORD.findall(text):
        wide = _width(word) * like.size
        if lines[-1] and reached + wide > width:
            lines.append(word.strip())
            reached = wide
        else:
            lines[-1] += word
            reached += wide
    lines = [line.rstrip() for line in lines]
    return [_Line(one, like.size, like.colour, like.weight) for one in lines if one]


def _width(text: str) -> float:
    """About, in sizes of the type."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.56 for char in text)
