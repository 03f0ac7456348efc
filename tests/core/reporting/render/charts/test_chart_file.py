"""Charts as pictures for slides."""

import re
import struct

import pytest
from django.core.cache import cache

from core.reporting.render.charts import renderer
from core.reporting.render.charts.chart_file import Captions, chart_file
from tests.core.reporting.render.charts.test_renderer import spec

CAPTIONS = Captions(
    title="Repurchase rate · By city tier",
    subtitle="悦颜 & friends · 2025",
    key="",
    definition="时段内有两天及以上到店的顾客，占全部到店顾客的比例。" * 4,
    source="Revisit · definition version 2",
)


@pytest.fixture
def chart() -> renderer.Chart:
    cache.clear()
    drawn = renderer.chart(spec, label="Rates")
    assert isinstance(drawn, renderer.Chart)
    return drawn


def test_an_svg_says_what_it_shows_and_stands_alone(chart: renderer.Chart) -> None:
    svg = chart_file(chart, CAPTIONS, "svg").decode()
    for text in ("Repurchase rate · By city tier", "悦颜 &amp; friends · 2025", "Revisit · definition version 2"):
        assert f">{text}</text>" in svg
    assert "var(" not in svg
    assert "#0072b2" in svg
    assert not re.search(r"<a\b|<script|href=|https?://(?!www.w3.org)", svg)


def test_long_texts_are_broken_within_the_drawing(chart: renderer.Chart) -> None:
    svg = chart_file(chart, CAPTIONS, "svg").decode()
    lines = re.findall(r'font-size="12"[^>]*>([^<]*)</text>', svg)
    assert "".join(lines).startswith(CAPTIONS.definition)
    assert 2 <= len(lines) <= 4
    assert max(map(len, lines)) * 12 <= 1090


def test_a_png_is_twice_as_large_as_the_drawing(chart: renderer.Chart) -> None:
    png = chart_file(chart, CAPTIONS, "png")
    assert png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", png[16:24])
    svg = chart_file(chart, CAPTIONS, "svg").decode()
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    assert size is not None
    assert (width, height) == pytest.approx((2 * float(size[1]), 2 * float(size[2])), abs=2)
