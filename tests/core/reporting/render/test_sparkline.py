"""Small lines: within their box, the highest value at the top."""

import re

from hypothesis import given
from hypothesis import strategies as st

from core.reporting.render.sparkline import HEIGHT, MARGIN, WIDTH, sparkline

VALUES = st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=30)


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[0-9.]+) (-?[0-9.]+)", path)]


@given(VALUES)
def test_points_lie_in_the_box_from_left_to_right(values: list[float]) -> None:
    drawn = sparkline(values)
    assert drawn is not None
    line = points(drawn.line)
    assert len(line) == len(values)
    assert [x for x, _y in line] == sorted(x for x, _y in line)
    assert all(MARGIN <= x <= WIDTH - MARGIN and MARGIN <= y <= HEIGHT - MARGIN for x, y in line)
    assert line[-1] == drawn.end


def test_higher_values_are_higher_up() -> None:
    drawn = sparkline([1, 3, 2], [(0, 2), (2, 4), (1, 3)])
    assert drawn is not None
    (_x, low), (_x2, high), (_x3, mid) = points(drawn.line)
    assert high < mid < low
    assert len(points(drawn.band)) == 6


def test_one_value_is_no_line() -> None:
    assert sparkline([1]) is None
    assert sparkline([]) is None
