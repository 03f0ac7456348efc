"""What differs between two sets of facts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import facts_of
from core.reporting.facts.refresh import changes
from tests.core.reporting.facts.test_derivation import lines

ROWS = st.lists(st.tuples(*[st.integers(1, 3)] * 6), max_size=12)


def rows(facts: Columns) -> set[tuple[int, ...]]:
    return set(zip(*(column.tolist() for column in facts.values()), strict=True))


@given(ROWS, ROWS)
def test_what_is_gone_taken_away_and_what_has_come_added_makes_new_of_old(
    before: list[tuple[int, ...]], after: list[tuple[int, ...]]
) -> None:
    old, new = facts_of(lines(*before)), facts_of(lines(*after))
    gone, come = changes(old, new)
    assert rows(gone) <= rows(old)
    assert rows(gone).isdisjoint(rows(new))
    assert (rows(old) - rows(gone)) | rows(come) == rows(new)
    assert rows(come).isdisjoint(rows(old))


def test_nothing_differs_from_itself() -> None:
    facts = facts_of(lines((1, 1, 1, 1, 1, 1), (1, 2, 2, 1, 1, 1)))
    order = np.array([2, 0, 3, 1])
    gone, come = changes(facts, {name: column[order] for name, column in facts.items()})
    assert not rows(gone) | rows(come)
