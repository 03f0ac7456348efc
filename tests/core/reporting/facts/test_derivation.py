"""Facts from lines, as arrays; what they mean is held against plain counting in test_repurchase_properties."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from core.reporting.facts.arrays import number
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import AFTER, BEFORE, FACT, facts_of
from core.reporting.facts.lines import LINE


def lines(*rows: tuple[int, ...]) -> Columns:
    """Rows of client, day, store, category, staff, amount (below 0 for a return), each a visit; the location is made of
    the store."""
    table = np.zeros(len(rows), LINE)
    for place, row in enumerate(sorted(rows, key=lambda row: (row[5] < 0, row))):
        names = ("client_id", "day", "store_id", "category_id", "staff_id", "amount", "is_kept", "rating", "visit_id")
        for name, value in zip(names, (*row, row[5] >= 0, -1, place), strict=True):
            table[name][place] = value
    columns = {name: table[name].copy() for name in LINE.names or ()}
    more = {"location_id": 10 * columns["store_id"], "member_tier_id": 5, "joined_on": AFTER}
    return columns | {name: np.broadcast_to(value, len(rows)) for name, value in more.items()}


def test_no_lines_no_facts() -> None:
    facts = facts_of(lines())
    assert set(facts) == set(FACT.names or ())
    assert not len(facts["day"])


def test_two_days_know_each_other() -> None:
    facts = facts_of(lines((1, 50, 7, 3, 4, 100), (1, 60, 7, 3, 4, 0)))
    whole = facts["category_id"] == 0
    assert facts["chain_visit_prev"][whole].tolist() == [BEFORE, 50]
    assert facts["chain_visit_next"][whole].tolist() == [60, AFTER]
    assert facts["chain_visit_next_location_id"][whole].tolist() == [70, 0]
    assert facts["chain_purchase_next"][whole].tolist() == [AFTER, AFTER]
    assert facts["is_chain_purchase"][whole].tolist() == [True, False]
    assert facts["staff_next"][whole].tolist() == [60, AFTER]


@example([(1, 1, 1, 1, 1, 1), (2**62, 1, 1, 1, 1, 1), (2**62, 3, 1, 1, 1, 1)])
@given(st.lists(st.tuples(st.sampled_from([1, 2, 2**62]), *[st.integers(1, 4)] * 5), min_size=1, max_size=30))
def test_ids_far_apart_give_the_facts_of_ids_close_together(rows: list[tuple[int, ...]]) -> None:
    near = facts_of(lines(*((min(client, 3), *rest) for client, *rest in rows)))
    far = facts_of(
        lines(
            *((client, day, store, 2**29 * (category - 1) + 1, *rest) for client, day, store, category, *rest in rows)
        )
    )
    for name in (
        "day",
        "store_id",
        "is_lead",
        "is_first_visit",
        "chain_visit_next",
        "store_purchase_prev",
        "staff_next",
    ):
        assert near[name].tolist() == far[name].tolist()


def test_a_day_with_returns_alone_has_amounts_and_is_no_visit() -> None:
    facts = facts_of(lines((1, 50, 7, 3, 4, 100), (1, 55, 7, 3, 4, -30), (1, 60, 7, 3, 4, 0), (2, 55, 7, 3, 4, -20)))
    whole = facts["category_id"] == 0
    assert facts["client_id"][whole].tolist() == [1, 1, 1, 2]
    assert facts["net_revenue"][whole].tolist() == [100, -30, 0, -20]
    assert facts["is_visit"][whole].tolist() == facts["is_lead"][whole].tolist() == [True, False, True, False]
    assert facts["is_first_visit"][whole].tolist() == [True, False, False, False]
    assert facts["chain_visit_next"][whole].tolist() == [60, AFTER, AFTER, AFTER]
    assert facts["store_visit_prev"][whole].tolist() == [BEFORE, BEFORE, 50, BEFORE]
    assert facts["staff_id"][whole].tolist() == [4, 0, 4, 0]


def test_returns_alone_are_in_no_stream() -> None:
    facts = facts_of(lines((1, 50, 7, 3, 4, -10)))
    assert facts["net_revenue"].tolist() == [-10, -10]
    assert not facts["is_visit"].any()
    assert set(facts) == set(FACT.names or ())


def test_numbers_sort_as_rows_do_however_many_columns_there_are() -> None:
    rows = np.random.default_rng(1).permuted(np.tile(np.arange(128) * 2**40, (12, 1)), axis=1)
    assert np.argsort(number(*rows)).tolist() == np.lexsort(rows[::-1]).tolist()
    assert len(np.unique(number(*np.hstack((rows, rows))))) == 128


def test_a_client_is_new_on_the_first_day_unless_the_record_was_opened_before() -> None:
    rows = lines((1, 50, 7, 3, 4, 0), (1, 60, 7, 3, 4, 10))
    for joined_on, new_visit, new_purchase in (
        (60, True, True),
        (51, True, False),
        (50, True, False),
        (49, False, False),
    ):
        rows["joined_on"] = np.full(2, joined_on)
        facts = facts_of(rows)
        whole = facts["category_id"] == 0
        assert facts["is_new_visit"][whole].tolist() == [new_visit, False], joined_on
        assert facts["is_new_purchase"][whole].tolist() == [False, new_purchase], joined_on
        assert facts["is_first_visit"][whole].tolist() == [True, False]
