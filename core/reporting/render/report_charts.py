"""A report's charts: its groups as marks, its gap as bars, its stores as points with their ranking beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics import METRICS
from core.reporting.metrics.units import RATE, Unit
from core.reporting.render.charts.funnel import StorePoint, funnel_chart
from core.reporting.render.charts.gap import Part, gap_chart
from core.reporting.render.charts.groups import Mark, groups_chart
from core.reporting.render.charts.renderer import chart
from core.reporting.render.charts.theme import SERIES, colour, tier_token
from core.reporting.render.links import store_pages
from core.reporting.render.table import Row
from core.reporting.report import Group, Report
from core.reporting.statistics.funnel import Funnel
from core.reporting.statistics.ranking import RankedStore
from core.shared.figures import count, interval, percent, points

MOST_GROUPS = 20
FEWEST_STORES = 2
# Of a long ranking, so many stores from the top and from the bottom.
ENDS = 10


@dataclass(frozen=True)
class StoreRow:
    group: Group
    ranked: RankedStore
    token: str
    url: str
    is_outside: bool


def draws_groups(report: Report) -> bool:
    """Stores are never set side by side by their raw rates: the funnel is for them."""
    rated = [group for group in report.groups if group.value is not None]
    return report.question.by != "store" and 1 <= len(rated) <= MOST_GROUPS


def groups_chart_of(report: Report, rows: Sequence[Row], *, draw: bool = True) -> SafeString:
    if not draws_groups(report):
        return SafeString("")
    reference, unit = report.total.value or 0.0, METRICS[report.question.metric].unit
    marks = [mark_of(row, unit) for row in rows if row.figures.value is not None]
    label = (_("all of these %(rate)s") if report.question.is_narrowed else _("chain %(rate)s")) % {
        "rate": unit.text(reference)
    }
    height = 400 if report.gap else 280
    return chart(
        lambda width: groups_chart(
            marks, unit=unit, reference=reference, reference_label=label, width=width, height=height
        ),
        label=_("%(title)s: rates with 95 %% intervals; the table below has the numbers")
        % {"title": DIMENSIONS[report.question.by].by_title},
        draw=draw,
    )


def mark_of(row: Row, unit: Unit, paint: str = "") -> Mark:
    estimate = row.figures
    value = estimate.value or 0.0
    low, high = estimate.ci95 or (value, value)
    clients = _("small sample, %(count)s") if estimate.small_sample else "%(count)s"
    clients = clients % {"count": count(estimate.clients)} if unit.is_estimated else ""
    return Mark(
        label=row.label,
        note=" · ".join(filter(None, (row.native, clients))),
        colour=paint or (colour(row.token) if row.token else SERIES),
        rate=value,
        shown=unit.text(value),
        low=low,
        high=high,
        adjusted=estimate.adjusted_value,
        before=row.before,
        description=_description(row, unit),
    )


def _description(row: Row, unit: Unit) -> str:
    estimate = row.figures
    if not unit.is_estimated:
        return f"{row.label}: {unit.text(estimate.value)}"
    return _("%(group)s: %(rate)s of %(clients)s clients (95 %% interval %(interval)s)") % {
        "group": row.label,
        "rate": unit.text(estimate.value),
        "clients": count(estimate.clients),
        "interval": interval(estimate.ci95),
    }


def gap_chart_of(report: Report, tiers: Sequence[str], *, draw: bool = True) -> SafeString:
    """From the higher group's rate down to the lower one's."""
    if report.gap is None:
        return SafeString("")
    high, low, split = report.gap
    low_colour = colour(tier_token(low.key, tiers)) if report.question.by == "city_tier" else SERIES
    parts, at = [], high.value or 0.0
    for difference, text, paint in (
        (split.rate, _("%(points)s points: how often the same kinds come back"), low_colour),
        (split.mix, _("%(points)s points: a different mix of clients"), "var(--shade)"),
        (split.unmatched, _("%(points)s points: kinds that only one of them serves"), "var(--line)"),
    ):
        if abs(difference) >= RATE.smallest:
            parts.append(Part(at, at - difference, text % {"points": points(-difference)}, paint))
        at -= difference
    return chart(
        lambda width: gap_chart(
            parts,
            high=high.value or 0.0,
            low=low.value or 0.0,
            high_label=f"{high.label} {percent(high.value)}",
            low_label=f"{low.label} {percent(low.value)}",
            width=width,
        ),
        label=" ".join(f"{part.text}." for part in parts),
        draw=draw,
    )


def _funnel_chart_of(report: Report, funnel: Funnel, tiers: Sequence[str]) -> SafeString:
    """Points of the stores asked for, between limits from all of the chain's."""
    if len(funnel.positions) < FEWEST_STORES:
        return SafeString("")
    page_of = store_pages(report.question)
    dots = [
        StorePoint(
            name=f"{group.label} {percent(group.value, 0)}",
            clients=group.clients,
            rate=group.value,
            colour=colour(tier_token(group.city_tier, tiers)),
            outside=funnel.positions[group.key].endswith("_998"),
            href=page_of(group.key),
            description=_("%(store)s: %(rate)s of %(clients)s clients")
            % {"store": group.label, "rate": percent(group.value), "clients": count(group.clients)},
        )
        for group in report.groups
        if group.value is not None and group.key in funnel.positions
    ]
    if not dots:
        return SafeString("")
    return chart(
        lambda width: funnel_chart(dots, funnel, axis_title=_("clients in the period"), width=width),
        label=_("Stores against what chance allows: rate by number of clients"),
        linked=True,
    )


def funnel_context(report: Report, tiers: Sequence[str]) -> dict[str, Any]:
    """Stores that chance does not explain, and all of them by shrunken rate."""
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
            is_outside=funnel.positions[store.key].endswith("_998"),
        )
        for store in ranking.stores
        if store.key in groups
    ]
    ranked = [row for row in stores if row.ranked.rank is not None]
    outside = [row for row in stores if row.is_outside]
    return {
        "chart": _funnel_chart_of(report, funnel, tiers),
        "funnel": funnel,
        "widened": funnel.inflation > 1,
        "distinguishable": ranking.distinguishable,
        "outside": sorted(outside, key=lambda row: row.group.value or 0.0),
        "ranked": ranked if len(ranked) <= 2 * ENDS else [],
        "top": ranked[:ENDS] if len(ranked) > 2 * ENDS else [],
        "bottom": ranked[-ENDS:] if len(ranked) > 2 * ENDS else [],
        "unranked": sum(row.ranked.small_sample for row in stores),
    }
