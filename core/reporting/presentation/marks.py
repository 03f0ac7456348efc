"""A report's charts: its groups as marks, its gap as bars, its stores as points."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.reporting.charts.funnel import StorePoint, funnel_chart
from core.reporting.charts.gap import Part, gap_chart
from core.reporting.charts.groups import Mark, groups_chart
from core.reporting.charts.renderer import chart
from core.reporting.charts.theme import SERIES, colour, tier_token
from core.reporting.links import query
from core.reporting.presentation.rows import Row
from core.reporting.report import Report
from core.shared.figures import count, interval, percent, points

MOST_GROUPS = 20
FEWEST_STORES = 2
VISIBLE = 0.0005


def draws_groups(report: Report) -> bool:
    """Stores are never set side by side by their raw rates: the funnel is for them."""
    rated = [group for group in report.groups if group.rate is not None]
    return report.question.by != "store" and 1 <= len(rated) <= MOST_GROUPS


def groups_of(report: Report, rows: Sequence[Row], title: str) -> SafeString:
    marks = [_mark(row) for row in rows if row.group.rate is not None]
    reference = report.total.rate or 0.0
    label = (_("all of these %(rate)s") if report.question.is_narrowed else _("chain %(rate)s")) % {
        "rate": percent(reference)
    }
    height = 400 if report.gap else 280
    return chart(
        lambda width: groups_chart(marks, reference=reference, reference_label=label, width=width, height=height),
        label=_("%(title)s: rates with 95 %% intervals; the table below has the numbers") % {"title": title},
    )


def _mark(row: Row) -> Mark:
    group = row.group
    low, high = group.ci95 or (0.0, 0.0)
    clients = _("small sample, %(count)s") if group.small_sample else "%(count)s"
    clients %= {"count": count(group.clients)}
    return Mark(
        label=group.label,
        note=f"{row.native} · {clients}" if row.native else clients,
        colour=colour(row.token) if row.token else SERIES,
        rate=group.rate or 0.0,
        low=low,
        high=high,
        adjusted=group.adjusted_rate,
        before=row.before,
        description=_("%(group)s: %(rate)s of %(clients)s clients (95 %% interval %(interval)s)")
        % {
            "group": group.label,
            "rate": percent(group.rate),
            "clients": count(group.clients),
            "interval": interval(group.ci95),
        },
    )


def gap_of(report: Report, tiers: Sequence[str]) -> SafeString:
    """From the higher group's rate down to the lower one's."""
    if report.gap is None:
        return SafeString("")
    groups = {group.key: group for group in report.groups}
    high, low, split = groups[report.gap[0]], groups[report.gap[1]], report.gap[2]
    low_colour = colour(tier_token(low.key, tiers)) if report.question.by == "city_tier" else SERIES
    parts, at = [], high.rate or 0.0
    for difference, text, paint in (
        (split.rate, _("%(points)s points: how often the same kinds come back"), low_colour),
        (split.mix, _("%(points)s points: a different mix of clients"), "var(--shade)"),
        (split.unmatched, _("%(points)s points: kinds that only one of them serves"), "var(--line)"),
    ):
        if abs(difference) >= VISIBLE:
            parts.append(Part(at, at - difference, text % {"points": points(-difference)}, paint))
        at -= difference
    return chart(
        lambda width: gap_chart(
            parts,
            high=high.rate or 0.0,
            low=low.rate or 0.0,
            high_label=f"{high.label} {percent(high.rate)}",
            low_label=f"{low.label} {percent(low.rate)}",
            width=width,
        ),
        label=" ".join(f"{part.text}." for part in parts),
    )


def funnel_of(report: Report, tiers: Sequence[str]) -> SafeString:
    """Points of the stores asked for, between limits from all of the chain's."""
    funnel = report.funnel
    if funnel is None or len(funnel.stores) < FEWEST_STORES:
        return SafeString("")
    dots = [
        StorePoint(
            name=f"{group.label} {percent(group.rate, 0)}",
            clients=group.clients,
            rate=group.rate,
            colour=colour(tier_token(group.city_tier, tiers)),
            outside=funnel.stores[group.key].position in ("above_998", "below_998"),
            href=reverse("stores:detail", args=[group.key]) + query(report.question, by="city_tier"),
            description=_("%(store)s: %(rate)s of %(clients)s clients")
            % {"store": group.label, "rate": percent(group.rate), "clients": count(group.clients)},
        )
        for group in report.groups
        if group.rate is not None and group.key in funnel.stores
    ]
    if not dots:
        return SafeString("")
    return chart(
        lambda width: funnel_chart(dots, funnel, axis_title=_("clients in the period"), width=width),
        label=_("Stores against what chance allows: rate by number of clients"),
        linked=True,
    )
