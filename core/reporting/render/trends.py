"""The trend as chart and as table."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate
from core.reporting.metrics.units import Unit
from core.reporting.question import Question
from core.reporting.render.charts.renderer import chart
from core.reporting.render.charts.theme import SERIES, colour, series_tokens, tier_token
from core.reporting.render.charts.trend import Line, trend_chart
from core.reporting.trend import TrendLine
from core.shared.figures import NOTHING, count, interval, month, short_month


def trend_context(question: Question, lines: Sequence[TrendLine], colours: Mapping[str, str]) -> dict[str, Any]:
    unit = METRICS[question.metric].unit
    months = sorted({end for line in lines for end in line.points})
    if len(months) < 2:
        return {"chart": SafeString("")}
    return {
        "chart": _chart(lines, months, colours, unit),
        "lines": lines,
        "months": [(_last_month(end), [_cell(line.points.get(end), unit) for line in lines]) for end in months],
    }


def _cell(point: Estimate | None, unit: Unit) -> tuple[str, str]:
    """Value and interval of the table."""
    if point is None:
        return NOTHING, ""
    return unit.text(point.value), interval(point.ci95) if point.ci95 else ""


def _chart(lines: Sequence[TrendLine], months: Sequence[date], colours: Mapping[str, str], unit: Unit) -> SafeString:
    drawn = [
        Line(
            label=line.label,
            colour=colours[line.key],
            points=[_point(line, end, point, unit) for end, point in line.points.items()],
        )
        for line in lines
    ]
    named = _named_months(months)
    return chart(
        lambda width: trend_chart(drawn, unit=unit, month_labels=named, width=width),
        broad=len(lines) == 1,
        label=_("Trailing twelve months: %(groups)s; the table below has the numbers")
        % {"groups": ", ".join(line.label for line in lines)},
    )


def _point(line: TrendLine, end: date, point: Estimate, unit: Unit) -> dict[str, Any]:
    low, high = point.ci95 or (point.value, point.value)
    text = (
        _("%(group)s, twelve months to %(month)s: %(rate)s of %(clients)s clients (%(interval)s)")
        if unit.is_estimated
        else _("%(group)s, twelve months to %(month)s: %(rate)s")
    )
    description = text % {
        "group": line.label,
        "month": month(_last_month(end)),
        "rate": unit.text(point.value),
        "clients": count(point.clients),
        "interval": interval(point.ci95),
    }
    return {"month": end.isoformat(), "rate": point.value, "low": low, "high": high, "description": description}


def line_colours(question: Question, lines: Sequence[TrendLine], tiers: Sequence[str]) -> dict[str, str]:
    if question.by == "city_tier":
        return {line.key: colour(tier_token(line.key, tiers)) for line in lines}
    if len(lines) == 1:
        return {lines[0].key: SERIES}
    return {key: colour(token) for key, token in series_tokens(line.key for line in lines).items()}


def _last_month(end: date) -> date:
    return end - timedelta(days=1)


def _named_months(months: Sequence[date]) -> dict[str, str]:
    """The first, the last and every sixth between."""
    last = len(months) - 1
    places = [place for place in range(0, last + 1, 6) if last - place >= 3] + [last]
    return {months[place].isoformat(): short_month(_last_month(months[place])) for place in places}
