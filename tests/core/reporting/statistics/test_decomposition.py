"""The parts of a gap and what each kind of client adds to them."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.reporting.statistics.decomposition import Counts, split_gap

TABLES = st.dictionaries(
    st.sampled_from(["hair", "nails", "facial", "lashes"]),
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
)
# Household headship in the United States by age, 15-19 to 75 and over: percent of the population, rate in percent.
# Das Gupta, P. (1993), Standardization and Decomposition of Rates: A User's Manual, table 5.1.
SIZES = {
    1970: (12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9),
    1985: (10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5),
}
RATES = {
    1970: (1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8),
    1985: (2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2),
}


def households(year: int) -> dict[int, Counts]:
    """As counts: of ten thousand for each percent of the population, so many are heads."""
    rows = zip(SIZES[year], RATES[year], strict=True)
    return {age: (round(size * rate * 100), round(size * 10_000)) for age, (size, rate) in enumerate(rows)}


def test_household_headship_in_the_united_states() -> None:
    """From 44.7268 to 47.6940: 1.2269 from the ages, 1.7403 from the rates, as published."""
    parts = split_gap(households(1985), households(1970))
    assert parts is not None
    assert parts.gap == pytest.approx(0.029672, abs=5e-7)
    assert parts.mix == pytest.approx(0.012269, abs=5e-7)
    assert parts.rate == pytest.approx(0.017403, abs=5e-7)
    assert parts.unmatched == 0


@given(TABLES, TABLES)
def test_kinds_add_up_to_the_parts_and_these_to_the_gap(first: dict[str, Counts], second: dict[str, Counts]) -> None:
    parts = split_gap(first, second)
    n_1, n_2 = (sum(n for _, n in table.values()) for table in (first, second))
    assert (parts is None) == (not n_1 or not n_2)
    assume(parts is not None)
    assert parts is not None
    rates = [sum(x for x, _ in table.values()) / n for table, n in ((first, n_1), (second, n_2))]
    assert parts.gap == rates[0] - rates[1]
    assert parts.mix + parts.rate + parts.unmatched == pytest.approx(parts.gap, abs=1e-12)
    # The dictionary's words, over the kinds both have.
    mix = rate = 0.0
    for kind, (x_1, c_1) in first.items():
        x_2, c_2 = second.get(kind, (0, 0))
        if c_1 and c_2:
            mix += (c_1 / n_1 - c_2 / n_2) * (x_1 / c_1 + x_2 / c_2) / 2
            rate += (x_1 / c_1 - x_2 / c_2) * (c_1 / n_1 + c_2 / n_2) / 2
    assert parts.mix == pytest.approx(mix, abs=1e-12)
    assert parts.rate == pytest.approx(rate, abs=1e-12)
    for name in ("mix", "rate", "unmatched"):
        assert sum(getattr(one, name) for one in parts.kinds.values()) == pytest.approx(getattr(parts, name), abs=1e-12)


@given(st.dictionaries(st.sampled_from("abcde"), st.tuples(st.integers(1, 40), st.floats(0, 1), st.floats(0, 1))))
def test_equal_mixes_leave_nothing_to_the_mix(rows: dict[str, tuple[int, float, float]]) -> None:
    assume(rows)
    first = {kind: (int(n * share), n) for kind, (n, share, _) in rows.items()}
    second = {kind: (int(3 * n * share), 3 * n) for kind, (n, _, share) in rows.items()}
    parts = split_gap(first, second)
    assert parts is not None
    assert parts.mix == pytest.approx(0, abs=1e-12)
    assert all(one.mix == pytest.approx(0, abs=1e-12) for one in parts.kinds.values())
    assert parts.rate == pytest.approx(parts.gap, abs=1e-12)


def test_more_clients_of_a_kind_that_seldom_repeats_lower_the_rate() -> None:
    """Hair repeats at 60 % in both, nails at 20 %; the first group has more nails. Both kinds show it."""
    parts = split_gap({"hair": (24, 40), "nails": (12, 60)}, {"hair": (36, 60), "nails": (8, 40)})
    assert parts is not None
    assert (parts.gap, parts.mix) == pytest.approx((-0.08, -0.08))
    assert parts.kinds["nails"].mix == pytest.approx(-0.04)
    assert parts.kinds["hair"].mix == pytest.approx(-0.04)


def test_a_kind_that_only_one_has_is_a_part_of_its_own() -> None:
    """Of 100 of the first 20 do lashes, and 15 of these repeat: more than the mean of both, so they raise its rate."""
    parts = split_gap({"hair": (40, 80), "lashes": (15, 20)}, {"hair": (50, 100)})
    assert parts is not None
    assert parts.unmatched == pytest.approx(0.15)
    assert parts.kinds["lashes"].total == pytest.approx(0.2 * (0.75 - (0.55 + 0.5) / 2))
