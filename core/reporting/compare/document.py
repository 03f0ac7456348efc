"""Tests, funnel, ranking and changes as parts of a JSON document."""

from collections.abc import Sequence
from typing import Any

from core.reporting.compare.change import NO_CHANGE, Change, Changes
from core.reporting.periods import Period
from core.reporting.statistics.decomposition import Decomposition
from core.reporting.statistics.funnel import Funnel
from core.reporting.statistics.homogeneity import GroupTest, PairComparison
from core.reporting.statistics.ranking import Ranking


def comparison_document(
    test: GroupTest | None, pairs: Sequence[PairComparison], funnel: Funnel | None, ranking: Ranking | None
) -> dict[str, Any]:
    return {
        "test": test and _test(test),
        "pairs": [_pair(pair) for pair in pairs],
        "funnel": funnel and _funnel(funnel),
        "ranking": _ranking(ranking) if ranking else [],
    }


def change_document(changes: Changes, change: Change) -> dict[str, Any]:
    """`compared` is what of the period asked for is compared: all of it, or up to the as-of date."""
    periods = changes.periods
    return {
        "before": change.before,
        "change": change.change,
        "change_ci95": list(change.ci95) if change.ci95 else None,
        "compared_with": periods and _period(periods.before),
        "compared": periods and _period(periods.current),
        "truncated": bool(periods and periods.truncated),
    }


def same_stores_document(changes: Changes, key: str | None) -> dict[str, Any]:
    """Of a group made of stores (None: all of them), the change of those that were open and in their place throughout
    both periods."""
    if changes.same_store_count is None:
        return {}
    change = changes.same_stores_total if key is None else changes.same_stores.get(key, NO_CHANGE)
    return {
        "same_stores": {
            "before": change.before,
            "change": change.change,
            "change_ci95": list(change.ci95) if change.ci95 else None,
        }
    }


def split_document(parts: Decomposition[Any] | None) -> dict[str, float] | None:
    return {"mix": parts.mix, "rate": parts.rate, "uncovered": parts.unmatched} if parts else None


def _period(period: Period) -> dict[str, str]:
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}


def _test(test: GroupTest) -> dict[str, Any]:
    """An F test has two degrees of freedom, a chi-square test one."""
    return {
        "kind": test.kind,
        "statistic": test.statistic,
        "df": test.df[0] if len(test.df) == 1 else list(test.df),
        "p": test.p_value,
        "phi": test.phi,
        "left_out": list(test.left_out),
    }


def _pair(pair: PairComparison) -> dict[str, Any]:
    return {
        "groups": [pair.group_1, pair.group_2],
        "difference": pair.difference,
        "z": pair.z,
        "p": pair.p_value,
        "p_adjusted": pair.p_adjusted,
    }


def _funnel(funnel: Funnel) -> dict[str, Any]:
    """`outside` is null within the limits, and of a small sample, which is nothing to judge by."""
    positions = {key: None if position == "inside" else position for key, position in funnel.positions.items()}
    return {
        "phi": funnel.phi,
        "applied": funnel.applied,
        "stores": [
            {
                "key": key,
                "observed": store.observed,
                "expected": store.expected,
                "z": store.z,
                "outside": positions.get(key),
            }
            for key, store in sorted(funnel.stores.items())
        ],
    }


def _ranking(ranking: Ranking) -> list[dict[str, Any]]:
    """Small samples are not ranked."""
    return [
        {
            "key": store.key,
            "value": store.value,
            "ci95": list(store.interval),
            "rank": store.rank,
            "rank_ci95": list(store.rank_interval),
        }
        for store in ranking.stores
        if store.rank_interval
    ]
