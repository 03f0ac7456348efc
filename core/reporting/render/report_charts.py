"""A report's charts: its groups as marks, its gap as bars."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics import METRICS
from core.reporting.metrics.units import RATE, Unit
from core.reporting.render.charts.gap import Part, gap_chart
from core.reporting.render.charts.groups import Mark, groups_chart
from core.reporting.render.charts.renderer import chart
from core.reporting.render.charts.theme import SERIES, colour, tier_token
from core.reporting.render.table import Row
from core.reporting.report import Report
from core.shared.figures import count, interval, percent, points

MOST_GROUPS = 20


def draws_groups(report: Report) -> bool:
    """Stores are never set side by side by their raw rates: the funnel is for them."""
    rated = [group for group in report.groups if group.value is not None]
    return report.question.by != "store" and 1 <= len(rated) <= MOST_GROUPS


def groups_chart_of(report: Report, rows: Sequence[Row], *, draw: bool = True) -> SafeString:
    if not draws_groups(report):
        return SafeString("")
    metric = METRICS[report.question.metric]
    # A sum is no yardstick for its parts.
    unit, reference = metric.unit, None if metric.kind == "count" else report.total.value or 0.0
    marks = [mark_of(row, unit) for row in rows if row.figures.value is not None]
    label = (_("all of these %(rate)s") if report.question.is_narrowed else _("chain %(rate)s")) % {
        "rate": unit.text(reference)
    }
    height = 400 if report.gap else 280
    return chart(
        lambda width: groups_chart(
            marks, unit=unit, reference=reference, reference_label=label, width=width, height=height
        ),
        label=(
            _("%(title)s: rates with 95 %% intervals; the table below has the numbers")
            if unit.is_estimated
            else _("%(title)s; the table below has the numbers")
        )
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
