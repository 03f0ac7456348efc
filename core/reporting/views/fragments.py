"""Charts, loaded after the page: from what was counted for it."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.answers import answer, values, year_before
from core.reporting.declaration import COMPARE_STORES
from core.reporting.metrics.base import Metric
from core.reporting.render import report_charts
from core.reporting.render.table import rows
from core.reporting.render.trends import line_colours, trend_context
from core.reporting.trend import trend
from core.reporting.views.requests import fragment, question_of
from core.stores.selectors import city_tiers


@needs(COMPARE_STORES)
@require_safe
def groups(request: HttpRequest, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    report = answer(question, data, ranked=False)
    group_rows = rows(report, values(year_before(question), data), city_tiers())
    return fragment(request, "chart", {"chart": report_charts.groups_chart_of(report, group_rows)})


@needs(COMPARE_STORES)
@require_safe
def gap(request: HttpRequest, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    report = answer(question, data, ranked=False)
    return fragment(request, "chart", {"chart": report_charts.gap_chart_of(report, city_tiers())})


@needs(COMPARE_STORES)
@require_safe
def trailing(request: HttpRequest, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    lines = trend(question, data)
    return fragment(request, "trend", trend_context(question, lines, line_colours(question, lines, city_tiers())))


@needs(COMPARE_STORES)
@require_safe
def funnel(request: HttpRequest, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    report = answer(replace(question, by="store"), data)
    return fragment(request, "funnel", report_charts.funnel_context(report, city_tiers()))
