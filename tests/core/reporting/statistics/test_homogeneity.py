import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from core.reporting.statistics.homogeneity import GroupTest, chi_square, holm_pairs, store_test

GROUP = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def outcome_of(groups: list[tuple[int, int]]) -> GroupTest | None:
    return chi_square({str(number): counts for number, counts in enumerate(groups)})


def test_chi_square_of_two_groups_by_hand() -> None:
    # 30 and 50 of 100: 40 expected in each, so 4 * 10^2 / (40 or 60) = 2 * 100/40 + 2 * 100/60.
    result = outcome_of([(30, 100), (50, 100)])
    assert result is not None
    assert result.statistic == pytest.approx(2 * 100 / 40 + 2 * 100 / 60)
    assert result.df == (1,)
    assert result.p_value == pytest.approx(0.003892, abs=1e-6)
    assert result.smallest_expected == 40


def test_groups_without_clients_take_no_degree_of_freedom() -> None:
    assert outcome_of([(30, 100), (0, 0), (50, 100)]) == outcome_of([(30, 100), (50, 100)])


@pytest.mark.parametrize("groups", [[], [(3, 10)], [(3, 10), (0, 0)], [(0, 10), (0, 5)], [(10, 10), (5, 5)]])
def test_chi_square_is_none_where_it_is_not_defined(groups: list[tuple[int, int]]) -> None:
    assert outcome_of(groups) is None


@given(st.lists(GROUP, min_size=2, max_size=12))
def test_chi_square_is_that_of_scipy(groups: list[tuple[int, int]]) -> None:
    repeats, clients = sum(x for x, _ in groups), sum(n for _, n in groups)
    assume(0 < repeats < clients)
    result = outcome_of(groups)
    if result and result.left_out:
        groups = [groups[number] for number in range(len(groups)) if str(number) not in result.left_out]
    assume(result is not None)
    reference = stats.chi2_contingency(np.array([[x, n - x] for x, n in groups]), correction=False)
    assert result is not None
    assert result.statistic == pytest.approx(reference.statistic, rel=1e-9, abs=1e-9)
    assert result.df == (reference.dof,)
    assert result.p_value == pytest.approx(reference.pvalue, rel=1e-7, abs=1e-300)
    assert result.smallest_expected == pytest.approx(reference.expected_freq.min())


def test_two_groups_give_the_same_p_by_z_and_by_chi_square() -> None:
    (pair,) = holm_pairs({"b": (50, 100), "a": (30, 100)})
    test = outcome_of([(30, 100), (50, 100)])
    assert test is not None
    assert (pair.group_1, pair.group_2) == ("a", "b")
    assert pair.difference == pytest.approx(-0.2)
    assert pair.z == pytest.approx(-math.sqrt(test.statistic))
    assert pair.p_value == pytest.approx(test.p_value)
    assert pair.p_adjusted == pair.p_value


def test_holm_multiplies_the_smallest_p_most_and_never_goes_down() -> None:
    pairs = holm_pairs({"a": (30, 100), "b": (50, 100), "c": (45, 100)})
    ordered = sorted(pairs, key=lambda pair: pair.p_value)
    assert [(pair.group_1, pair.group_2) for pair in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert ordered[0].p_adjusted == pytest.approx(3 * ordered[0].p_value)
    assert ordered[1].p_adjusted == pytest.approx(2 * ordered[1].p_value)
    assert ordered[2].p_adjusted == pytest.approx(max(ordered[2].p_value, 2 * ordered[1].p_value))


def test_small_groups_are_left_out_of_the_pairs() -> None:
    assert [
        (pair.group_1, pair.group_2) for pair in holm_pairs({"a": (9, 30), "b": (9, 29), "c": (20, 31), "d": (0, 0)})
    ] == [("a", "c")]


def test_pairs_only_up_to_eight_groups() -> None:
    groups = {f"g{index}": (10 + index, 100) for index in range(8)}
    assert len(holm_pairs(groups)) == 28
    assert len(holm_pairs(groups | {"small": (1, 29)})) == 28
    assert holm_pairs(groups | {"ninth": (10, 100)}) == []
    assert holm_pairs({"only": (10, 100)}) == []


@pytest.mark.parametrize("counts", [(0, 40), (40, 40)])
def test_groups_without_variance_do_not_differ(counts: tuple[int, int]) -> None:
    (pair,) = holm_pairs({"a": counts, "b": counts})
    assert (pair.difference, pair.z, pair.p_value, pair.p_adjusted) == (0, 0, 1, 1)


@given(st.dictionaries(st.sampled_from("abcdefgh"), GROUP))
def test_adjusted_p_follows_the_definition_of_holm(groups: dict[str, tuple[int, int]]) -> None:
    pairs = holm_pairs(groups)
    p_values = sorted(pair.p_value for pair in pairs)
    for pair in pairs:
        # Written out from the definition: the largest (m - j) * p over the p-values not above this one.
        steps = [(len(pairs) - j) * p for j, p in enumerate(p_values) if p <= pair.p_value]
        assert pair.p_adjusted == pytest.approx(min(1.0, max(steps)))
        assert pair.p_value <= pair.p_adjusted <= 1


@pytest.mark.parametrize("function", [lambda: outcome_of([(3, 2)]), lambda: holm_pairs({"a": (3, 2)})])
def test_impossible_counts_are_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="not a proportion"):
        function()


def test_small_groups_leave_the_test_where_an_expected_count_is_below_five() -> None:
    large = {"a": (300, 1000), "b": (350, 1000)}
    # Of 20 clients 6 are expected to repeat: the group stays.
    stays = chi_square({**large, "small": (2, 20)})
    assert stays is not None
    assert (stays.left_out, stays.df) == ((), (2,))
    # Of 10 some 3: it leaves, and so does the other one of fewer than 30 clients.
    leaves = chi_square({**large, "small": (2, 20), "tiny": (1, 10)})
    without = chi_square(large)
    assert leaves is not None
    assert without is not None
    assert (leaves.left_out, leaves.df) == (("small", "tiny"), (1,))
    assert leaves.statistic == pytest.approx(without.statistic)
    assert chi_square({"a": (300, 1000), "tiny": (1, 10)}) is None


STORES = st.dictionaries(st.sampled_from("abcd"), st.lists(GROUP, min_size=1, max_size=6), min_size=2)


@given(STORES)
def test_the_test_of_groups_of_stores_is_that_of_plain_loops(groups: dict[str, list[tuple[int, int]]]) -> None:
    """The dictionary's formulas, term by term; the p-value is scipy's."""
    stores = [counts for own in groups.values() for counts in own]
    clients = sum(n for _, n in stores)
    p = sum(x for x, _ in stores) / clients
    result = store_test(groups)
    free = len(stores) - len(groups)
    if free < 3 or p in (0, 1):
        assert result is None
        return
    between = within = 0.0
    for own in groups.values():
        n_g = sum(n for _, n in own)
        p_g = sum(x for x, _ in own) / n_g
        between += n_g * (p_g - p) ** 2 / (p * (1 - p))
        for x, n in own:
            within += n * (x / n - p_g) ** 2 / (p * (1 - p))
    phi = max(1, within / free)
    assert result is not None
    assert result.phi == pytest.approx(phi)
    assert result.df == (len(groups) - 1, free)
    assert result.statistic == pytest.approx(between / ((len(groups) - 1) * phi), abs=1e-12)
    assert result.p_value == pytest.approx(stats.f.sf(result.statistic, *result.df))


def test_there_is_no_test_with_fewer_than_three_stores_more_than_groups() -> None:
    own = [(30, 100), (40, 100)]
    assert store_test({"a": own, "b": own}) is None
    assert store_test({"a": [*own, (0, 0)], "b": own}) is None
    assert store_test({"a": [*own, (20, 50)], "b": own}) is not None
    assert store_test({"a": [*own, *own, *own]}) is None


def test_pairs_allow_for_stores_that_differ() -> None:
    groups = {"b": (50, 100), "a": (30, 100)}
    (plain,), (wide,) = holm_pairs(groups), holm_pairs(groups, 4.0)
    assert wide.difference == plain.difference
    assert wide.z == pytest.approx(plain.z / 2)
    assert wide.p_value == pytest.approx(2 * stats.norm.sf(abs(plain.z) / 2))
