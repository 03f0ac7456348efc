"""Colours and axes."""

from itertools import pairwise

import pytest

from core.reporting.metrics.units import RATE
from core.reporting.render.charts.theme import series_tokens, tier_token, value_axis
from core.reporting.render.charts.trend import LABEL_GAP, Line, trend_chart


def test_a_known_tier_has_its_colour_whatever_else_there_is() -> None:
    assert [tier_token(tier, ()) for tier in ("一线", "新一线", "二线", "三线", "四线", "五线")] == [
        "t1", "t1n", "t2", "t3", "t4", "t5",
    ]  # fmt: skip


def test_tiers_of_the_chains_own_keep_theirs() -> None:
    tiers = ["一线", "Metropolis", "Town"]
    assert [tier_token(tier, tiers) for tier in tiers] == ["t1", "t6", "t7"]
    assert tier_token("", tiers) == tier_token(None, tiers) == "t5"


def test_lines_of_other_groups_differ() -> None:
    assert len(set(series_tokens("abcdefgh").values())) == 8


@pytest.mark.parametrize(
    ("rates", "domain"),
    [([0.354, 0.481], [0.35, 0.5]), ([0.4, 0.401], [0.4, 0.41]), ([0.0, 1.0], [0.0, 1.0]), ([], [0.0, 1.0])],
)
def test_an_axis_has_round_ends_around_the_data(rates: list[float], domain: list[float]) -> None:
    axis = value_axis(rates, RATE)
    assert axis["scale"]["domain"] == domain
    assert 2 <= len(axis["axis"]["values"]) <= 8


def test_names_of_lines_do_not_touch() -> None:
    def line(name: str, rate: float) -> Line:
        points = [
            {"month": f"2025-0{m}-01", "rate": rate, "low": rate - 0.1, "high": rate + 0.1, "description": ""}
            for m in (1, 2)
        ]
        return Line(label=name, colour="red", points=points)

    layers = trend_chart([line("a", 0.4), line("b", 0.401), line("c", 0.402)], unit=RATE, month_labels={}, width=520)[
        "layer"
    ]
    heights = sorted(layer["encoding"]["y"]["value"] for layer in layers[-5::2])
    assert all(lower - upper >= LABEL_GAP for upper, lower in pairwise(heights))
