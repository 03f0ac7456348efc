"""Pearson's r over cells of stores."""

import numpy as np
import pytest
from scipy import stats

from core.reporting.statistics.correlation import correlation


def cells(stores: int, quarters: int, slope: float) -> list[tuple[str, float, float]]:
    random = np.random.default_rng(1)
    return [
        (f"S{store:03}", x, 0.5 + slope * (x - 4.7) + float(random.normal(0, 0.01)))
        for store in range(stores)
        for x in random.uniform(4.3, 5, quarters).tolist()
    ]


def test_coefficient_is_scipy_s_and_lies_in_its_interval() -> None:
    found = correlation(cells(12, 4, 0.05))
    x, y = np.array([(x, y) for _store, x, y in cells(12, 4, 0.05)]).T
    assert found.r == pytest.approx(stats.pearsonr(x, y).statistic)
    assert found.interval is not None
    assert found.interval[0] < (found.r or 0) < found.interval[1]
    assert (found.cells, found.stores, found.reason) == (48, 12, None)
    assert correlation(cells(12, 4, 0.05)) == found


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (cells(7, 1, 1), "too_few_cells"),
        (cells(7, 4, 1), "too_few_stores"),
        ([(store, 4.8, y) for store, _x, y in cells(9, 1, 1)], "no_variance"),
        ([], "too_few_cells"),
    ],
)
def test_there_is_none_of_too_little(given: list[tuple[str, float, float]], reason: str) -> None:
    found = correlation(given)
    assert (found.r, found.interval, found.reason) == (None, None, reason)
