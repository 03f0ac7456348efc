"""Stores among all of the chain's: the funnel and the ranking."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
from django.core.cache import cache

from core.reporting.grouped_counts import GroupedCounts
from core.reporting.report import Report
from core.reporting.statistics.funnel import Funnel, funnel
from core.reporting.statistics.ranking import Ranking

KEPT_SECONDS = 3600


def with_funnel(report: Report, counted: GroupedCounts, keys: Mapping[str, str]) -> Report:
    """Over all of the chain's stores, whichever are asked for; worked out once for the same counts."""
    repeats, clients = (np.bincount(counted.cells["group"], counted.cells[name]) for name in counted.metric.proportion)
    pairs = zip(counted.keys, repeats.astype(int).tolist(), clients.astype(int).tolist(), strict=False)
    counts = {keys[key]: (x, n) for key, x, n in pairs if n}
    if not counts:
        return report
    cache_key = "funnel:" + hashlib.sha256(repr(sorted(counts.items())).encode()).hexdigest()
    compared, ranking = cast(
        "tuple[Funnel, Ranking]", cache.get_or_set(cache_key, lambda: _compared(counts), KEPT_SECONDS)
    )
    return replace(report, funnel=compared, ranking=ranking)


def _compared(counts: Mapping[str, tuple[int, int]]) -> tuple[Funnel, Ranking]:
    # The optimiser behind it takes half a second to import, which other breakdowns need not wait for.
    from core.reporting.statistics.ranking import rank_stores

    chain_rate = sum(x for x, _ in counts.values()) / sum(n for _, n in counts.values())
    return funnel(counts, chain_rate), rank_stores(counts)
