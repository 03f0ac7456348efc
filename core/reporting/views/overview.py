"""The report itself."""

from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.accounts.rights import Right
from core.reporting.forms import QuestionForm
from core.reporting.links import parts, query
from core.reporting.periods import Period
from core.reporting.presentation import choices, sentences
from core.reporting.presentation.marks import draws_groups
from core.reporting.presentation.rows import clients_link, ordered, rows
from core.reporting.presentation.words import BREAKDOWN_TITLES, BY_TITLES
from core.reporting.report import METRIC_VERSION, Question, Report
from core.reporting.repurchase import rates, repurchase
from core.reporting.views.asked import Asked, read
from core.shared.errors import AppError
from core.stores.selectors import city_tiers, has_several_stores

ROWS = 50


@needs(Right.COMPARE_STORES)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    asked = read(request)
    if asked.question is None:
        if asked.as_of is None:
            return render(request, "reporting/empty.html")
        return _refused(request, asked.form, 400)
    if asked.form.chose_last_day:
        return redirect(request.path + query(asked.question))
    try:
        report = repurchase(asked.question, ranked=False, so_far=asked.so_far)
    except AppError as error:
        asked.form.add_error(error.field if error.field in asked.form.fields else None, str(error.message))
        return _refused(request, asked.form, error.status)
    return render(request, "reporting/overview.html", _context(request, asked, asked.question, report))


def _refused(request: HttpRequest, form: QuestionForm, status: int) -> HttpResponse:
    """What was typed stays, with the mend at its field."""
    return render(request, "reporting/overview.html", {"form": form, **typed_period(form)}, status=status)


def typed_period(form: QuestionForm) -> dict[str, Any]:
    return {
        "first_value": form.data.get("from", ""),
        "last_value": form.data.get("through") or form.data.get("to", ""),
        "last_errors": [*form.errors.get("through", []), *form.errors.get("to", [])],
    }


def year_before(question: Question) -> Question:
    period = Period(question.start, question.end).year_before()
    return replace(question, start=period.start, end=period.end)


def _context(request: HttpRequest, asked: Asked, question: Question, report: Report) -> dict[str, Any]:
    period = Period(question.start, question.end)
    before = rates(year_before(question))
    groups = Paginator(ordered(report), ROWS).get_page(request.GET.get("page"))
    total, total_before = report.total.rate, before.total
    return {
        "form": asked.form,
        "question": question,
        "report": report,
        "period": period,
        "before_label": period.year_before().label,
        "sentences": sentences.headline(report, before, period),
        "notes": sentences.notes(report, period, asked.begins),
        "pairs": sentences.pair_sentences(report),
        "pages": groups,
        "rows": rows(report, before, city_tiers(), groups),
        "page_query": "&" + query(question)[1:],
        "change": total - total_before if total is not None and total_before is not None else None,
        "clients_link": clients_link(question),
        "group_title": BREAKDOWN_TITLES[question.by],
        "by_title": BY_TITLES[question.by],
        "has_adjusted": any(group.adjusted_rate is not None for group in report.groups),
        "has_staff": question.by == "staff",
        "metric_version": METRIC_VERSION,
        "query": query(question),
        "hidden": parts(question, without=frozenset({"from", "to"})),
        "first_value": question.start.isoformat(),
        "last_value": period.last_day.isoformat(),
        **_charts(question, report),
        **_choices(asked, question),
    }


def _charts(question: Question, report: Report) -> dict[str, Any]:
    set_apart = question.scope == "chain" and question.by in ("none", "city_tier", "region", "city", "store")
    return {
        "draws_groups": draws_groups(report),
        **_gap(report),
        "draws_funnel": set_apart and report.total.clients > 0 and has_several_stores(),
    }


def _gap(report: Report) -> dict[str, Any]:
    if report.gap is None:
        return {"draws_gap": False}
    groups = {group.key: group for group in report.groups}
    high, low, split = report.gap
    return {
        "draws_gap": split.gap > 0,
        "gap_high": groups[high],
        "gap_low": groups[low],
        "gap_points": f"{split.gap * 100:.1f}",
    }


def _choices(asked: Asked, question: Question) -> dict[str, Any]:
    return {
        "periods": choices.periods(question, asked.as_of, asked.begins) if asked.as_of and asked.begins else [],
        "breakdowns": choices.breakdowns(question),
        "scopes": choices.scopes(question),
        "bases": choices.bases(question),
        "menus": [choices.category_menu(question), choices.member_tier_menu(question)],
        "narrowings": choices.narrowings(question),
    }
