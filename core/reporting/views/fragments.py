"""Charts, loaded after the page."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.accounts.rights import Right
from core.reporting.presentation import marks, outliers, trends
from core.reporting.presentation.rows import rows
from core.reporting.presentation.words import BY_TITLES
from core.reporting.repurchase import rates, repurchase
from core.reporting.trend import trend
from core.reporting.views.asked import question_of
from core.reporting.views.fragment import fragment
from core.reporting.views.overview import year_before
from core.stores.selectors import city_tiers


@needs(Right.COMPARE_STORES)
@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    question, _asked = question_of(request)
    report, before = repurchase(question), rates(year_before(question))
    if not marks.draws_groups(report):
        return fragment(request, "chart", {"chart": SafeString("")})
    drawn = marks.groups_of(report, rows(report, before, city_tiers()), str(BY_TITLES[question.by]))
    return fragment(request, "chart", {"chart": drawn})


@needs(Right.COMPARE_STORES)
@require_safe
def gap(request: HttpRequest) -> HttpResponse:
    question, _asked = question_of(request)
    return fragment(request, "chart", {"chart": marks.gap_of(repurchase(question), city_tiers())})


@needs(Right.COMPARE_STORES)
@require_safe
def trailing(request: HttpRequest) -> HttpResponse:
    question, asked = question_of(request)
    lines = trend(question, begins=asked.begins, as_of=asked.as_of) if asked.begins and asked.as_of else []
    return fragment(request, "trend", trends.trend_context(question, lines, city_tiers()))


@needs(Right.COMPARE_STORES)
@require_safe
def funnel(request: HttpRequest) -> HttpResponse:
    question, _asked = question_of(request)
    report = repurchase(replace(question, by="store"))
    tiers = city_tiers()
    context = {"chart": marks.funnel_of(report, tiers), **outliers.funnel_context(report, tiers)}
    return fragment(request, "funnel", context)
