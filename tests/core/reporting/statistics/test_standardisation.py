import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.reporting.statistics.standardisation import (
    Cell,
    DirectResult,
    IndirectResult,
    Stratum,
    decompose,
    direct,
    indirect,
)

HAIR: Stratum = ("hair", True, 0)
NAILS: Stratum = ("nails", True, 0)


def indirect_of(cells: Sequence[Cell]) -> dict[str, IndirectResult]:
    groups = sorted({cell.group for cell in cells})
    strata = sorted({cell.stratum for cell in cells})
    columns = [
        [groups.index(cell.group) for cell in cells],
        [strata.index(cell.stratum) for cell in cells],
        [cell.clients for cell in cells],
        [cell.repeats for cell in cells],
    ]
    return {groups[number]: found for number, found in indirect(*np.array(columns, np.int64)).items()}


CELLS = st.lists(
    st.builds(
        lambda group, category, is_new, third, n, share: Cell(group, (category, is_new, third), n, int(n * share)),
        st.sampled_from(["east", "north", "south"]),
        st.sampled_from(["hair", "nails"]),
        st.booleans(),
        st.integers(0, 2),
        st.integers(0, 60),
        st.floats(0, 1),
    ),
    max_size=40,
)


def raw_rate(cells: list[Cell], group: str) -> float:
    own = [cell for cell in cells if cell.group == group]
    return sum(cell.repeats for cell in own) / sum(cell.clients for cell in own)


def two_groups() -> list[Cell]:
    """The groups do the same with the same clients; only whom they serve differs."""
    return [
        Cell("east", HAIR, 100, 60),
        Cell("east", NAILS, 300, 60),
        Cell("west", HAIR, 300, 180),
        Cell("west", NAILS, 100, 20),
    ]


def test_direct_rates_by_hand() -> None:
    result = direct(two_groups())
    assert (result.level, result.coverage) == ("full", 1.0)
    # Half of the chain's 800 clients are in either stratum: (0.6 + 0.2) / 2 for both groups.
    east, west = result.rates["east"], result.rates["west"]
    assert east.rate == pytest.approx(0.4)
    assert west.rate == pytest.approx(0.4)
    hair, nails = 60.5 / 101, 60.5 / 301
    half = 1.959964 * math.sqrt(0.25 * hair * (1 - hair) / 100 + 0.25 * nails * (1 - nails) / 300)
    assert east.interval == pytest.approx((0.4 - half, 0.4 + half), abs=1e-7)


def test_a_thin_stratum_is_left_out_for_all_and_the_weights_rescaled() -> None:
    thin: Stratum = ("lashes", False, 1)
    result = direct([*two_groups(), Cell("east", thin, 4, 4), Cell("west", thin, 40, 0)])
    assert result.level == "full"
    assert result.coverage == pytest.approx(800 / 844)
    assert rates_of(result) == pytest.approx({"east": 0.4, "west": 0.4})


def test_five_clients_are_enough() -> None:
    stratum: Stratum = ("lashes", False, 1)
    result = direct([*two_groups(), Cell("east", stratum, 5, 5), Cell("west", stratum, 40, 0)])
    assert result.coverage == 1


@pytest.mark.parametrize(("others", "level"), [(200, "full"), (201, "thirds_merged")])
def test_eighty_percent_is_enough(others: int, level: str) -> None:
    cells = [*two_groups(), Cell("west", ("hair", True, 2), others, 0)]
    assert direct(cells).level == level


def rates_of(result: DirectResult) -> dict[str, float]:
    return {group: adjusted.rate for group, adjusted in result.rates.items()}


def test_thirds_are_merged_first() -> None:
    cells = [
        Cell("east", ("hair", True, 0), 30, 15),
        Cell("east", ("hair", True, 1), 2, 1),
        Cell("west", ("hair", True, 0), 2, 1),
        Cell("west", ("hair", True, 2), 30, 24),
    ]
    result = direct(cells)
    assert (result.level, result.coverage) == ("thirds_merged", 1.0)
    assert rates_of(result) == pytest.approx({"east": 16 / 32, "west": 25 / 32})


def test_then_categories_are_merged_but_new_and_returning_stay_apart() -> None:
    cells = [
        Cell("east", ("hair", True, 0), 10, 5),
        Cell("west", ("nails", True, 2), 20, 16),
        Cell("east", ("hair", False, 0), 30, 30),
        Cell("west", ("nails", False, 2), 10, 10),
    ]
    result = direct(cells)
    assert (result.level, result.coverage) == ("categories_merged", 1.0)
    assert rates_of(result)["east"] == pytest.approx(30 / 70 * 0.5 + 40 / 70 * 1.0)


def test_groups_of_fewer_than_thirty_clients_are_not_compared_but_stay_in_the_weights() -> None:
    result = direct([*two_groups(), Cell("small", HAIR, 29, 29)])
    assert (result.level, result.coverage, result.dropped) == ("full", 1.0, ())
    assert rates_of(result) == pytest.approx(dict.fromkeys(("east", "west"), 429 / 829 * 0.6 + 400 / 829 * 0.2))


def test_the_group_that_covers_least_is_dropped_and_named() -> None:
    """`new` has nobody returning: without it all is covered, at the coarsest strata."""
    returning: Stratum = ("hair", False, 0)
    cells = [
        *two_groups(),
        *(Cell(group, returning, 300, 100) for group in ("east", "west")),
        Cell("new", HAIR, 40, 20),
    ]
    result = direct(cells)
    assert (result.level, result.dropped) == ("categories_merged", ("new",))
    assert result.coverage == 1
    assert set(result.rates) == {"east", "west"}
    # The weights are the chain's, those of the dropped group's clients included.
    assert rates_of(result)["east"] == pytest.approx(840 / 1440 * 120 / 400 + 600 / 1440 * 100 / 300)


def test_with_fewer_than_two_groups_left_rates_are_withheld() -> None:
    returning: Stratum = ("hair", False, 0)
    result = direct([Cell("east", HAIR, 100, 60), Cell("west", returning, 100, 60)])
    assert (result.level, result.dropped, result.rates) == ("withheld", ("east",), {})
    assert result.coverage == 0


def test_stores_that_differ_widen_the_intervals() -> None:
    plain, wide = direct(two_groups()).rates["east"], direct(two_groups(), phi=4.0).rates["east"]
    assert wide.rate == plain.rate
    assert wide.rate - wide.interval[0] == pytest.approx(2 * (plain.rate - plain.interval[0]))


def test_naming_the_groups_compared_keeps_the_chain_whole() -> None:
    lashes: Stratum = ("lashes", True, 0)
    cells = [*two_groups(), Cell("(none)", HAIR, 4, 4), Cell("(none)", lashes, 100, 0)]
    result = direct(cells, compared=["east", "west", "not there"])
    assert result.level == "full"
    assert result.coverage == pytest.approx(804 / 904)
    assert set(result.rates) == {"east", "west"}
    assert rates_of(result)["east"] == pytest.approx(404 / 804 * 0.6 + 400 / 804 * 0.2)


@pytest.mark.parametrize("cells", [[], [Cell("east", HAIR, 0, 0)]])
def test_without_clients_nothing_is_compared(cells: list[Cell]) -> None:
    assert (direct(cells).level, direct(cells).rates) == ("withheld", {})
    assert indirect_of(cells) == {}
    assert decompose(cells, "east", "west") is None


def test_impossible_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="not a proportion"):
        Cell("east", HAIR, 3, 4)


@given(st.lists(st.tuples(st.integers(30, 50), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6))
def test_groups_of_the_same_mix_keep_their_raw_rates(strata: list[tuple[int, float, float]]) -> None:
    cells = []
    for index, (n, share_1, share_2) in enumerate(strata):
        stratum: Stratum = (f"category {index // 6}", index % 2 == 0, index % 3)
        cells += [Cell("east", stratum, n, int(n * share_1)), Cell("west", stratum, 2 * n, int(2 * n * share_2))]
    result, ratios = direct(cells), indirect_of(cells)
    for group in ("east", "west"):
        assert rates_of(result)[group] == pytest.approx(raw_rate(cells, group))
        if ratios[group].rate is not None:
            assert ratios[group].rate == pytest.approx(raw_rate(cells, group))


@given(CELLS)
def test_direct_rates_lie_in_their_intervals_and_levels_follow_coverage(cells: list[Cell]) -> None:
    result = direct(cells)
    assert 0 <= result.coverage <= 1
    assert (result.level == "withheld") == (not result.rates)
    assert result.level == "withheld" or result.coverage >= 0.8
    assert not result.rates.keys() & set(result.dropped)
    for adjusted in result.rates.values():
        assert 0 <= adjusted.interval[0] <= adjusted.rate <= adjusted.interval[1] <= 1


@given(CELLS)
def test_direct_rates_are_those_of_plain_loops(cells: list[Cell]) -> None:
    """The dictionary's words in loops, at the level and over the groups that the product says."""
    result = direct(cells)
    merges = {
        "full": lambda s: s,
        "thirds_merged": lambda s: (s[0], s[1], 0),
        "categories_merged": lambda s: ("", s[1], 0),
    }
    if result.level == "withheld":
        return
    clients: dict[Any, int] = defaultdict(int)
    repeats: dict[Any, int] = defaultdict(int)
    chain: dict[Any, int] = defaultdict(int)
    for cell in cells:
        stratum = merges[result.level](cell.stratum)
        clients[cell.group, stratum] += cell.clients
        repeats[cell.group, stratum] += cell.repeats
        chain[stratum] += cell.clients
    kept = [s for s in chain if all(clients[group, s] >= 5 for group in result.rates)]
    covered = sum(chain[s] for s in kept)
    assert result.coverage == pytest.approx(covered / sum(chain.values()))
    for group, adjusted in result.rates.items():
        rate = sum(chain[s] / covered * repeats[group, s] / clients[group, s] for s in kept)
        assert adjusted.rate == pytest.approx(rate)


@given(CELLS)
def test_order_and_splitting_of_cells_do_not_matter(cells: list[Cell]) -> None:
    split = [
        part
        for cell in reversed(cells)
        for part in (
            Cell(cell.group, cell.stratum, cell.clients - cell.repeats, 0),
            Cell(cell.group, cell.stratum, cell.repeats, cell.repeats),
        )
    ]
    assert direct(split) == direct(cells)
    assert {key: found.rate for key, found in indirect_of(split).items()} == pytest.approx(
        {key: found.rate for key, found in indirect_of(cells).items()}
    )
    assert decompose(split, "east", "north") == decompose(cells, "east", "north")


def test_indirect_rates_by_hand() -> None:
    cells = [
        Cell("a", HAIR, 10, 6),
        Cell("a", NAILS, 20, 4),
        Cell("b", HAIR, 90, 30),
        Cell("b", NAILS, 80, 20),
    ]
    # The chain: 36 / 100 hair, 24 / 100 nails, 60 / 200 in all. Expected of a: 3.6 + 4.8.
    result = indirect_of(cells)["a"]
    assert (result.clients, result.observed) == (30, 10)
    assert result.expected == pytest.approx(8.4)
    assert result.variance == pytest.approx(10 * 0.36 * 0.64 + 20 * 0.24 * 0.76)
    assert result.rate == pytest.approx(10 / 8.4 * 0.3)
    # Byar's limits of a count of 10 are 4.79 and 18.39.
    assert result.interval is not None
    assert [end / 0.3 * 8.4 for end in result.interval] == pytest.approx([4.79, 18.39], abs=0.005)


def test_no_repeat_expected_gives_no_rate() -> None:
    result = indirect_of([Cell("a", HAIR, 10, 0), Cell("b", NAILS, 10, 5)])["a"]
    assert (result.expected, result.rate, result.interval) == (0, None, None)


def test_no_repeat_observed_gives_a_lower_limit_of_zero() -> None:
    result = indirect_of([Cell("a", HAIR, 10, 0), Cell("b", HAIR, 10, 5)])["a"]
    assert result.rate == 0
    assert result.interval is not None
    assert result.interval[0] == 0
    assert result.interval[1] > 0


def test_a_rate_above_one_is_clipped() -> None:
    result = indirect_of([Cell("a", HAIR, 10, 10), Cell("b", HAIR, 90, 5), Cell("b", NAILS, 100, 100)])["a"]
    assert result.rate == 1
    assert result.interval is not None
    assert result.interval[1] == 1


@given(CELLS)
def test_expected_repeats_add_up_to_those_observed(cells: list[Cell]) -> None:
    results = indirect_of(cells).values()
    assert sum(result.expected for result in results) == pytest.approx(sum(cell.repeats for cell in cells))
    for result in results:
        if result.rate is not None:
            assert result.interval is not None
            assert 0 <= result.interval[0] <= result.rate <= result.interval[1] <= 1


@given(CELLS, st.floats(0, 1))
def test_splitting_a_group_in_two_leaves_the_others_and_the_total_alone(cells: list[Cell], share: float) -> None:
    """`east` becomes two stores, each with a part of its clients and of those who came back."""
    split = []
    for cell in cells:
        if cell.group != "east":
            split.append(cell)
            continue
        repeats, others = int(cell.repeats * share), int((cell.clients - cell.repeats) * share)
        first = Cell("east", cell.stratum, repeats + others, repeats)
        rest = Cell("east 2", cell.stratum, cell.clients - first.clients, cell.repeats - repeats)
        split += [first, rest]
    before, after = indirect_of(cells), indirect_of(split)
    parts = [after[key] for key in ("east", "east 2") if key in after]
    if "east" in before:
        assert sum(part.expected for part in parts) == pytest.approx(before["east"].expected)
        assert sum(part.observed for part in parts) == before["east"].observed
        assert sum(part.variance for part in parts) == pytest.approx(before["east"].variance, abs=1e-9)
    for key in before.keys() - {"east"}:
        assert after[key].expected == pytest.approx(before[key].expected)
        assert after[key].rate == pytest.approx(before[key].rate)
    assert decompose(split, "north", "south") == decompose(cells, "north", "south")


def test_decomposition_by_hand() -> None:
    only_east: Stratum = ("lashes", True, 0)
    cells = [
        Cell("east", HAIR, 50, 30),
        Cell("east", NAILS, 30, 6),
        Cell("east", only_east, 20, 10),
        Cell("west", HAIR, 20, 10),
        Cell("west", NAILS, 80, 20),
    ]
    result = decompose(cells, "east", "west")
    assert result is not None
    assert result.gap == pytest.approx(0.46 - 0.30)
    assert result.mix == pytest.approx((0.5 - 0.2) * (0.6 + 0.5) / 2 + (0.3 - 0.8) * (0.2 + 0.25) / 2)
    assert result.rate == pytest.approx((0.6 - 0.5) * (0.5 + 0.2) / 2 + (0.2 - 0.25) * (0.3 + 0.8) / 2)
    assert result.unmatched == pytest.approx(0.2 * 0.5)


def test_the_same_rates_leave_only_the_mix() -> None:
    result = decompose(two_groups(), "east", "west")
    assert result is not None
    assert result.rate == 0
    assert result.unmatched == 0
    assert result.mix == pytest.approx(result.gap)


@given(CELLS)
def test_the_parts_add_up_to_the_gap_and_change_sign_with_the_groups(cells: list[Cell]) -> None:
    result, mirrored = decompose(cells, "east", "north"), decompose(cells, "north", "east")
    assume(result is not None and mirrored is not None)
    assert result is not None
    assert mirrored is not None
    assert result.gap == pytest.approx(raw_rate(cells, "east") - raw_rate(cells, "north"))
    assert result.mix + result.rate + result.unmatched == pytest.approx(result.gap, abs=1e-12)
    assert (mirrored.mix, mirrored.rate, mirrored.unmatched) == pytest.approx(
        (-result.mix, -result.rate, -result.unmatched), abs=1e-15
    )
