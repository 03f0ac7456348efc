import pytest

from deploy.development.demo.quotas import apportion, fit_total, pick, stream


def test_apportion_gives_the_total_by_largest_remainder():
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion(7, [0.5, 0.3, 0.2]) == [4, 2, 1]


def test_pick_takes_as_many_as_asked_in_their_order_and_favours_the_heavy():
    heavy = 0
    for seed in range(200):
        chosen = pick(stream(seed), range(10), 3, lambda i: 10.0 if i == 5 else 1.0)
        assert chosen == sorted(set(chosen))
        assert len(chosen) == 3
        heavy += 5 in chosen
    assert heavy > 150


def test_fit_total_moves_counts_within_their_limits():
    counts = [2, 5, 5]
    fit_total(stream("fit"), counts, 18, [(2, 2), (4, 9), (4, 9)])
    assert counts[0] == 2
    assert sum(counts) == 18


def test_fit_total_says_when_it_cannot():
    with pytest.raises(ValueError, match="3 more do not fit"):
        fit_total(stream("fit"), [1, 1], 5, [(1, 1), (1, 1)])
