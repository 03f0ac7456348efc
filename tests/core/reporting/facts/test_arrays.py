"""Positions in an order, and rows alike, against NumPy's own functions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.reporting.facts.arrays import distinct, number, stable_order

KINDS = st.sampled_from([np.uint8, np.int32, np.uint32, np.int64])
NUMBERS = KINDS.flatmap(lambda kind: arrays(kind, st.integers(0, 50)))


@given(NUMBERS)
def test_order_is_that_of_a_stable_sort(numbers: np.ndarray) -> None:
    assert stable_order(numbers).tolist() == np.argsort(numbers, kind="stable").tolist()


@given(NUMBERS)
def test_distinct_numbers_are_those_of_numpy(numbers: np.ndarray) -> None:
    values, first, which = np.unique(numbers, return_index=True, return_inverse=True)
    found = distinct(numbers)
    assert [column.tolist() for column in found] == [values.tolist(), first.tolist(), which.tolist()]


@pytest.mark.parametrize("highest", [7, 2**62])
def test_equal_numbers_keep_their_order(highest: int) -> None:
    """Also of numbers that leave no room for positions."""
    numbers = np.array([highest, 0, 5, highest, 0, 5, 5], np.int64)
    assert stable_order(numbers).tolist() == [1, 4, 2, 5, 6, 0, 3]


def test_no_rows_have_no_numbers() -> None:
    assert number(np.empty(0, np.uint8), np.empty(0, np.int64)).tolist() == []
