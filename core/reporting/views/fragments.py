"""Charts, loaded after the page: from what was counted for it; a page to print has them all at once."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.answers import answer
from core.reporting.compare.change import shown_changes
from core.reporting.data import Data
from core.reporting.declaration import COMPARE_STORES
from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics.base import Metric
from core.reporting.question import Question
from core.reporting.render import report_charts
from core.reporting.render.captions import key_of_funnel, key_of_groups, key_of_trend
from core.reporting.render.funnel import funnel_context
from core.reporting.render.provinces import province_grid
from core.reporting.render.table import has_adjusted, rows
from core.reporting.render.trends import line_colours, trend_context
from core.reporting.report import Report
from core.reporting.trend import trend
from core.reporting.views.requests import Drawn, Part, fragment, question_of
from core.stores.selectors import city_tiers


@needs(COMPARE_STORES)
@require_safe
def groups(request: HttpRequest, metric: Metric) -> HttpResponse:
    return fragment(request, *groups_part(*question_of(request, metric)))


def groups_part(question: Question, data: Data) -> Part:
    report = answer(question, data, ranked=False)
    group_rows = rows(report, shown_changes(question, data), city_tiers())
    key = key_of_groups(question, has_adjusted=has_adjusted(report))
    drawn = Drawn(question, data, f"groups_{question.by}", str(DIMENSIONS[question.by].by_title), key)
    return "chart", {"chart": report_charts.groups_chart_of(report, group_rows)}, drawn


@needs(COMPARE_STORES)
@require_safe
def provinces(request: HttpRequest, metric: Metric) -> HttpResponse:
    return fragment(request, *provinces_part(*question_of(request, metric)))


def provinces_part(question: Question, data: Data) -> Part:
    return "province_grid", province_grid(question, data), Drawn(question, data, "provinces", _("By province"))


@needs(COMPARE_STORES)
@require_safe
def gap(request: HttpRequest, metric: Metric) -> HttpResponse:
    return fragment(request, *gap_part(*question_of(request, metric)))


def gap_part(question: Question, data: Data) -> Part:
    report = answer(question, data, ranked=False)
    drawn = Drawn(question, data, "gap", _gap_title(report))
    return "chart", {"chart": report_charts.gap_chart_of(report, city_tiers())}, drawn


def _gap_title(report: Report) -> str:
    if report.gap is None:
        return _("Chart")
    high, low, _split = report.gap
    return _("%(low)s against %(high)s") % {"low": low.label, "high": high.label}


@needs(COMPARE_STORES)
@require_safe
def trailing(request: HttpRequest, metric: Metric) -> HttpResponse:
    return fragment(request, *trend_part(*question_of(request, metric)))


def trend_part(question: Question, data: Data) -> Part:
    lines = trend(question, data)
    context = trend_context(question, lines, line_colours(question, lines, city_tiers()))
    return "trend", context, Drawn(question, data, "trend", _("Trailing twelve months"), key_of_trend(question))


@needs(COMPARE_STORES)
@require_safe
def funnel(request: HttpRequest, metric: Metric) -> HttpResponse:
    return fragment(request, *funnel_part(*question_of(request, metric)))


def funnel_part(question: Question, data: Data) -> Part:
    report = answer(replace(question, by="store"), data)
    drawn = Drawn(question, data, "funnel", _("Stores that differ from average"), key_of_funnel())
    return "funnel", funnel_context(report, city_tiers()), drawn
