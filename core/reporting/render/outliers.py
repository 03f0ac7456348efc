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
    position: str

    @property
    def outside(self) -> bool:
        return self.position.endswith("_998")


def funnel_context(report: Report, tiers: Sequence[str]) -> dict[str, Any]:
    if report.funnel is None or report.ranking is None:
        return {}
    stores = _rows(report, tiers)
    ranked = [row for row in stores if row.ranked.rank is not None]
    outside = [row for row in stores if row.outside]
    return {
        "funnel": report.funnel,
        "widened": report.funnel.inflation > 1,
        "distinguishable": report.ranking.distinguishable,
        "outside": sorted(outside, key=lambda row: row.group.value or 0.0),
        "between": sum(row.position.endswith("_95") for row in stores),
        "ranked": ranked if len(ranked) <= 2 * ENDS else [],
        "top": ranked[:ENDS] if len(ranked) > 2 * ENDS else [],
        "bottom": ranked[-ENDS:] if len(ranked) > 2 * ENDS else [],
        "unranked": sum(row.ranked.small_sample for row in stores),
    }


def _rows(report: Report, tiers: Sequence[str]) -> list[StoreRow]:
    if report.funnel is None or report.ranking is None:
        return []
    groups, page_of = {group.key: group for group in report.groups}, store_pages(report.question)
    return [
        StoreRow(
            group=groups[store.key],
            ranked=store,
            token=tier_token(groups[store.key].city_tier, tiers),
            url=page_of(store.key),
            position=report.funnel.stores[store.key].position,
        )
        for store in report.ranking.stores
        if store.key in groups
    ]
