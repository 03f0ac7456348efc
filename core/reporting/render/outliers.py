"""Stores that chance does not explain, and all of them by shrunken rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.reporting.render.charts.theme import tier_token
from core.reporting.render.links import store_pages
from core.reporting.report import Group, Report
from core.reporting.statistics.ranking import RankedStore

ENDS = 10
"""Of a long ranking, so many from the top and from the bottom."""


@dataclass(frozen=True)
class StoreRow:
    group: Group
    ranked: RankedStore
    token: str
    url: str
    is_outside: bool


def funnel_context(report: Report, tiers: Sequence[str]) -> dict[str, Any]:
    funnel, ranking = report.funnel, report.ranking
    if funnel is None or ranking is None:
        return {}
    groups, page_of = {group.key: group for group in report.groups}, store_pages(report.question)
    stores = [
        StoreRow(
            group=groups[store.key],
            ranked=store,
            token=tier_token(groups[store.key].city_tier, tiers),
            url=page_of(store.key),
            is_outside=funnel.stores[store.key].position.endswith("_998"),
        )
        for store in ranking.stores
        if store.key in groups
    ]
    ranked = [row for row in stores if row.ranked.rank is not None]
    outside = [row for row in stores if row.is_outside]
    return {
        "funnel": funnel,
        "widened": funnel.inflation > 1,
        "distinguishable": ranking.distinguishable,
        "outside": sorted(outside, key=lambda row: row.group.value or 0.0),
        "ranked": ranked if len(ranked) <= 2 * ENDS else [],
        "top": ranked[:ENDS] if len(ranked) > 2 * ENDS else [],
        "bottom": ranked[-ENDS:] if len(ranked) > 2 * ENDS else [],
        "unranked": sum(row.ranked.small_sample for row in stores),
    }
