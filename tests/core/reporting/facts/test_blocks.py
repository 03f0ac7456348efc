"""Blocks hold what facts say."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.reporting.facts.blocks import (
    NEVER,
    encoded,
    little_endian,
    mask_of,
    months_of,
    narrow,
    narrow_signed,
    unpacked,
)
from core.reporting.facts.derivation import EPOCH, facts_of
from core.reporting.facts.layout import FLAGS, LAYOUTS
from tests.core.reporting.facts.test_derivation import lines


@given(st.lists(st.dates(date(1950, 1, 1), date(2090, 12, 31)), min_size=1))
def test_a_month_begins_on_its_first_day(days: list[date]) -> None:
    months = months_of(np.array([(day - EPOCH).days for day in days]))
    assert [EPOCH.toordinal() + month for month in months.tolist()] == [day.replace(day=1).toordinal() for day in days]


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 30), *[st.integers(1, 70_000)] * 3, st.integers(-40_000, 70_000)),
        min_size=1,
    )
)
def test_what_is_packed_is_unpacked(rows: list[tuple[int, ...]]) -> None:
    facts = facts_of(lines(*rows))
    columns = encoded(facts, months_of(facts["day"]), LAYOUTS[1])
    back = unpacked(list(columns), [little_endian(column) for column in columns.values()], len(facts["day"]))
    for name in LAYOUTS[1]:
        assert back[name].tolist() == columns[name].tolist()
    assert back["day"].tolist() == facts["day"].tolist()
    for name in ("staff_id", "net_revenue", "consumed_value", "rating_sum", "rating_count"):
        assert back[name].tolist() == facts[name].tolist()
    for name in FLAGS:
        assert (back["flags"] & mask_of([name]) > 0).tolist() == facts[name].tolist()


def test_gaps_count_days_and_end_where_there_is_no_other_day() -> None:
    facts = facts_of(lines((1, 40, 7, 3, 4, 100), (1, 60, 7, 3, 4, 0)))
    columns = encoded(facts, months_of(facts["day"]), LAYOUTS[1])
    whole = columns["category_id"] == 0
    assert columns["day"][whole].tolist() == [9, 0]
    assert columns["chain_visit_prev"][whole].tolist() == [NEVER, 20]
    assert columns["chain_visit_next"][whole].tolist() == [20, NEVER]


def test_numbers_take_as_few_bytes_as_they_need() -> None:
    assert [narrow(np.array([largest])).itemsize for largest in (255, 256, 65_535, 65_536)] == [1, 2, 2, 4]


def test_amounts_below_nothing_keep_their_sign() -> None:
    values = [[-1, 127], [-128, 0], [-129], [128], [-(2**40)]]
    stored = [narrow_signed(np.array(of_one)) for of_one in values]
    assert [column.itemsize for column in stored] == [1, 1, 2, 2, 8]
    assert [column.tolist() for column in stored] == values
