"""A report's stores as points between the limits of chance, and their ranking beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.reporting.render.charts.funnel import StorePoint, funnel_chart
from core.reporting.render.charts.renderer import chart
from core.reporting.render.charts.theme import colour, tier_token
from core.reporting.render.links import store_pages
from core.reporting.report import Group, Report
from core.reporting.statistics.funnel import Expected, Funnel
from core.reporting.statistics.ranking import RankedStore
from core.shared.figures import count, percent

FEWEST_STORES = 2
# Of a long ranking, so many stores from the top and from the bottom.
ENDS = 10


@dataclass(frozen=True)
class StoreRow:
    group: Group
    store: Expected
    # None where stores cannot be told apart.
    ranked: RankedStore | None
    token: str
    url: str
    is_outside: bool

    @property
    def ranks(self) -> str:
        low, high = self.ranked.rank_interval or ("", "") if self.ranked else ("", "")
        return f"{low}–{high}" if low != high else f"{low}"


def funnel_context(report: Report, tiers: Sequence[str]) -> dict[str, Any]:
    """Stores that chance does not explain, and all of them by value."""
    funnel, ranking = report.funnel, report.ranking
    if funnel is None or report.raw_funnel is None or ranking is None:
        return {}
    stores = _rows(report, funnel, tiers)
    outside = [row for row in stores if row.is_outside]
    order = {store.key: place for place, store in enumerate(ranking.stores)}
    ranked = sorted(
        (row for row in stores if row.ranked and row.ranked.rank is not None), key=lambda row: order[row.group.key]
    )
    return {
        "chart": _chart_of(report, funnel, tiers, _("clients, weighed by what is expected of them")),
        "raw_chart": _chart_of(report, report.raw_funnel, tiers, _("clients in the period")),
        "funnel": funnel,
        "widened": funnel.applied > 1,
        "distinguishable": ranking.distinguishable,
        "outside": sorted(outside, key=lambda row: row.store.z or 0.0),
        "ranked": ranked if len(ranked) <= 2 * ENDS else [],
        "top": ranked[:ENDS] if len(ranked) > 2 * ENDS else [],
        "bottom": ranked[-ENDS:] if len(ranked) > 2 * ENDS else [],
        "unranked": sum(row.group.key not in funnel.positions for row in stores),
    }


def _rows(report: Report, funnel: Funnel, tiers: Sequence[str]) -> list[StoreRow]:
    """Of the stores asked for."""
    page_of = store_pages(report.question)
    ranked = {store.key: store for store in report.ranking.stores} if report.ranking else {}
    return [
        StoreRow(
            group=group,
            store=funnel.stores[group.key],
            ranked=ranked.get(group.key),
            token=tier_token(group.city_tier, tiers),
            url=page_of(group.key),
            is_outside=funnel.positions.get(group.key, "").endswith("_998"),
        )
        for group in report.groups
        if group.key in funnel.stores
    ]


def _chart_of(report: Report, funnel: Funnel, tiers: Sequence[str], axis_title: str) -> SafeString:
    """Points of the stores asked for, between limits from all of the chain's."""
    if len(funnel.stores) < FEWEST_STORES or not 0 < funnel.chain_rate < 1:
        return SafeString("")
    dots = [_point(row, funnel) for row in _rows(report, funnel, tiers) if row.store.variance > 0]
    if not dots:
        return SafeString("")
    return chart(
        lambda width: funnel_chart(dots, funnel, axis_title=axis_title, width=width),
        label=_("Stores that differ from average: rate by number of clients"),
        linked=True,
    )


def _point(row: StoreRow, funnel: Funnel) -> StorePoint:
    """At its rate over the expected one, times the chain's, and at the number of clients whose rate would vary as
    much around the chain's: there the limits are the store's own, whatever its clients."""
    store, rate = row.store, funnel.chain_rate
    shown = store.observed / store.expected * rate
    return StorePoint(
        name=f"{row.group.label} {percent(shown, 0)}",
        clients=max(1.0, (1 - rate) / rate * store.expected**2 / store.variance),
        rate=shown,
        colour=colour(row.token),
        outside=row.is_outside,
        href=row.url,
        description=_("%(store)s: %(observed)s of %(clients)s clients came back, %(expected)s were expected")
        % {
            "store": row.group.label,
            "observed": count(store.observed),
            "clients": count(store.clients),
            "expected": count(round(store.expected)),
        },
    )
