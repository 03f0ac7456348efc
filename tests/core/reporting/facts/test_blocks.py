"""Blocks hold what facts say."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.reporting.facts.blocks import COLUMNS, FLAGS, NEVER, encoded, mask_of, months_of, narrow, packed, unpacked
from core.reporting.facts.derivation import EPOCH, facts_of
from tests.core.reporting.facts.test_derivation import lines


@given(st.lists(st.dates(date(1950, 1, 1), date(2090, 12, 31)), min_size=1))
def test_a_month_begins_on_its_first_day(days: list[date]) -> None:
    months = months_of(np.array([(day - EPOCH).days for day in days]))
    assert [EPOCH.toordinal() + month for month in months.tolist()] == [day.replace(day=1).toordinal() for day in days]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 30), *[st.integers(1, 70_000)] * 4), min_size=1))
def test_what_is_packed_is_unpacked(rows: list[tuple[int, ...]]) -> None:
    facts = facts_of(lines(*rows))
    columns = encoded(facts, months_of(facts["day"]))
    back = unpacked(COLUMNS, packed(columns), len(facts["day"]))
    for name in COLUMNS:
        assert back[name].tolist() == columns[name].tolist()
    assert back["day"].tolist() == facts["day"].tolist()
    assert back["staff_id"].tolist() == facts["staff_id"].tolist()
    for name in FLAGS:
        assert (back["flags"] & mask_of([name]) > 0).tolist() == facts[name].tolist()


def test_gaps_count_days_and_end_where_there_is_no_other_day() -> None:
    facts = facts_of(lines((1, 40, 7, 3, 4, 100), (1, 60, 7, 3, 4, 0)))
    columns = encoded(facts, months_of(facts["day"]))
    whole = columns["category_id"] == 0
    assert columns["day"][whole].tolist() == [9, 0]
    assert columns["chain_visit_prev"][whole].tolist() == [NEVER, 20]
    assert columns["chain_visit_next"][whole].tolist() == [20, NEVER]


def test_numbers_take_as_few_bytes_as_they_need() -> None:
    assert [narrow(np.array([largest])).itemsize for largest in (255, 256, 65_535, 65_536)] == [1, 2, 2, 4]
