"""From a specification to an SVG that a strict page may hold."""

import re

import pytest
from django.core.cache import cache

from core.reporting.metrics.units import RATE
from core.reporting.render.charts import renderer
from core.reporting.render.charts.groups import Mark, groups_chart
from core.reporting.render.charts.theme import NARROW, WIDE


def spec(width: int) -> renderer.Spec:
    mark = Mark(
        label="Tier & <co>",
        note="12",
        colour="var(--t1)",
        rate=0.4,
        shown="40 %",
        low=0.3,
        high=0.5,
        adjusted=0.42,
        before=0.35,
        description="Tier: 40 %",
    )
    return groups_chart([mark], unit=RATE, reference=0.41, reference_label="chain", width=width)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def test_a_chart_comes_for_wide_and_for_narrow_places() -> None:
    drawn = renderer.chart(spec, label="Rates & more")
    boxes = re.findall(r'viewBox="0 0 (\d+) ', drawn)
    assert boxes == [str(WIDE), str(NARROW)]
    assert drawn.count('role="img" aria-label="Rates &amp; more"') == 2


def test_it_has_no_style_no_fixed_size_and_no_script() -> None:
    drawn = renderer.chart(spec, label="x")
    assert not re.search(r"style=|<style|<script|<svg[^>]* width=|font-family|https?://(?!www.w3.org)", drawn)


def test_it_follows_the_pages_colours_and_names_its_marks() -> None:
    drawn = renderer.chart(spec, label="x")
    assert 'fill="var(--t1)"' in drawn
    assert 'aria-label="Tier: 40 %"' in drawn
    assert "Tier &amp; &lt;co&gt;" in drawn


def test_the_base_address_is_taken_off_links() -> None:
    raw = '<svg viewBox="0 0 1 1"><a xlink:href="https://vega.github.io/vega-datasets//stores/S1/"></a></svg>'
    assert '<a href="/stores/S1/">' in renderer.for_page(raw, "x", linked=True)


def test_a_chart_of_links_is_a_group_not_an_image() -> None:
    assert 'role="group"' in renderer.for_page('<svg viewBox="0 0 1 1"></svg>', "x", linked=True)


def test_what_was_drawn_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = renderer.chart(spec, label="x")

    def fail(_spec: renderer.Spec) -> str:
        raise AssertionError("drawn again")

    monkeypatch.setattr(renderer, "rendered", fail)
    assert renderer.chart(spec, label="x") == first
    with pytest.raises(AssertionError, match="drawn again"):
        renderer.chart(spec, label="y")
