"""What is effective on a day."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.reporting.facts.lines import effective

KNOWN = st.lists(
    st.tuples(st.sampled_from([1, 2, 2**40]), st.integers(-730_000, 100), st.integers(1, 9)),
    unique_by=lambda row: row[:2],
    max_size=8,
)


@given(KNOWN, st.lists(st.tuples(st.sampled_from([1, 2, 3, 2**40]), st.integers(-10, 110)), max_size=8))
def test_the_last_that_is_not_later_holds(known: list[tuple[int, int, int]], questions: list[tuple[int, int]]) -> None:
    keys, days = (np.array([row[n] for row in questions], np.int64) for n in (0, 1))
    expected = [
        max(((first, value) for key, first, value in known if key == key_of_question and first <= day), default=(0, 0))[
            1
        ]
        for key_of_question, day in questions
    ]
    assert effective(keys, days, known).tolist() == expected
