"""The report itself."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.answers import answer, beside
from core.reporting.compare.change import Changes, shown_changes
from core.reporting.data import Data
from core.reporting.declaration import COMPARE_STORES
from core.reporting.dimensions import DIMENSIONS
from core.reporting.forms import QuestionForm
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.reporting.question import Question
from core.reporting.render import choices, links, sentences
from core.reporting.render.provinces import draws_provinces
from core.reporting.render.report_charts import draws_groups, gap_chart_of, groups_chart_of
from core.reporting.render.table import columns, has_adjusted, ordered, rows, total_row
from core.reporting.report import Report
from core.reporting.views.fragments import funnel_part, gap_part, groups_part, provinces_part, trend_part
from core.reporting.views.next_visits import has_next_visits
from core.reporting.views.printing import is_printed, printed
from core.reporting.views.requests import ReportRequest, freshness_context, question_context, read, typed_period
from core.reporting.views.why import asked_of_report, why_part, why_query
from core.reporting.why import usual_pair
from core.shared.errors import AppError, show_error
from core.stores.selectors import city_tiers, has_several_stores

ROWS = 50


@needs(COMPARE_STORES)
@require_safe
def overview(request: HttpRequest, metric: Metric) -> HttpResponse:
    requested = read(request, metric)
    if requested.question is None:
        if requested.data.completeness.as_of is None:
            return render(request, "reporting/empty.html")
        return _refused(request, requested.form, metric, 400)
    if requested.form.chose_last_day:
        return redirect(request.path + links.query(requested.question))
    try:
        report = answer(requested.question, requested.data, ranked=False)
    except AppError as error:
        show_error(requested.form, error)
        return _refused(request, requested.form, metric, error.status)
    changes = shown_changes(requested.question, requested.data)
    if is_printed(request):
        return _printed(request, requested, report, changes)
    context = {
        **question_context(requested, metric),
        **freshness_context(requested.question, requested.data, report.total.clients),
        **_figures(request, report, changes, requested.data),
        **_charts(report, changes, requested.data, metric),
        **_choices(requested.question),
        "has_next_visits": has_next_visits(requested.question),
        "draws_why": has_next_visits(requested.question) and usual_pair(report) is not None,
        "why_query": why_query(requested.question, request.GET),
    }
    return render(request, "reporting/overview.html", context)


def _printed(request: HttpRequest, requested: ReportRequest, report: Report, changes: Changes) -> HttpResponse:
    question, data, metric = report.question, requested.data, METRICS[report.question.metric]
    figures, charts = (
        _figures(request, report, changes, data, most=len(report.groups)),
        _charts(report, changes, data, metric),
    )
    drawn = (
        (groups_part, charts["draws_groups"]),
        (provinces_part, charts["draws_provinces"]),
        (gap_part, charts["draws_gap"]),
        (funnel_part, charts["draws_funnel"]),
        (trend_part, not figures["is_empty"]),
    )
    parts = [part(question, data) for part, draws in drawn if draws]
    if has_next_visits(question) and not figures["is_empty"]:
        parts += why_part(request.GET, asked_of_report(report), data)
    context = {
        **question_context(requested, metric),
        **freshness_context(question, data, report.total.clients),
        **figures,
        "pairs": sentences.pair_sentences(report, differing=True),
    }
    return printed(request, question, data, context, parts, title=str(metric.title), about=metric.summary(question))


def _refused(request: HttpRequest, form: QuestionForm, metric: Metric, status: int) -> HttpResponse:
    """What was typed stays, with the mend at its field."""
    context = {"form": form, "metric": metric, **typed_period(form)}
    return render(request, "reporting/overview.html", context, status=status)


def _figures(request: HttpRequest, report: Report, changes: Changes, data: Data, *, most: int = ROWS) -> dict[str, Any]:
    """With the `most` groups that a page shows."""
    question, metric = report.question, METRICS[report.question.metric]
    groups = Paginator(ordered(report), max(most, 1)).get_page(request.GET.get("page"))
    page_columns = [column for column in columns(report, changes) if column.on_page]
    total = total_row(report, changes)
    page_rows = rows(report, changes, city_tiers(), groups)
    return {
        "report": report,
        "sentences": sentences.headline(report, changes),
        "notes": sentences.notes(report, changes),
        "pairs": sentences.pair_sentences(report),
        "pages": groups,
        "columns": page_columns,
        "rows": [(row, [column.cell(row) for column in page_columns]) for row in page_rows],
        "total": total,
        "total_text": metric.unit.text(report.total.value),
        "total_cells": [column.cell(total) for column in page_columns],
        "tables": [
            *metric.tables(question, report.total, beside(question, changes.periods, data)),
            *metric.more_tables(report.more),
        ],
        "is_empty": metric.is_empty(report.total),
        "dimension": DIMENSIONS[question.by],
        "has_adjusted": has_adjusted(report),
    }


def _charts(report: Report, changes: Changes, data: Data, metric: Metric) -> dict[str, Any]:
    """Charts that were drawn before come with the page, others after it."""
    question, tiers, draws = report.question, city_tiers(), draws_groups(report)
    set_apart = question.scope == "chain" and metric.kind == "proportion" and DIMENSIONS[question.by].of_stores
    return {
        "draws_groups": draws,
        "draws_provinces": draws_provinces(question, data),
        "groups_chart": groups_chart_of(report, rows(report, changes, tiers), draw=False) if draws else "",
        **_gap(report),
        "gap_chart": gap_chart_of(report, tiers, draw=False),
        "draws_funnel": set_apart and report.total.clients > 0 and has_several_stores(),
    }


def _gap(report: Report) -> dict[str, Any]:
    if report.gap is None:
        return {"draws_gap": False}
    high, low, split = report.gap
    return {
        "draws_gap": split.gap > 0,
        "gap_high": high,
        "gap_low": low,
        "gap_points": f"{split.gap * 100:.1f}",
    }


def _choices(question: Question) -> dict[str, Any]:
    return {
        "metrics": choices.metrics(question, links.report_page),
        "breakdowns": choices.breakdowns(question),
        "comparisons": choices.comparisons(question),
        "menus": [choices.category_menu(question), choices.member_tier_menu(question)],
        "narrowings": choices.narrowings(question),
    }
