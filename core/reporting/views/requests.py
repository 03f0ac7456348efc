"""What a request asks for, read once for all of the report's views."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core.accounts.gates import signed_in
from core.audit.declaration import Action
from core.audit.trail import Subject, record
from core.reporting.compare.periods import compared_periods
from core.reporting.completeness import Completeness
from core.reporting.data import Data
from core.reporting.declaration import Kind
from core.reporting.forms import QuestionForm
from core.reporting.freshness import freshness
from core.reporting.metrics.base import Metric
from core.reporting.periods import usual_period
from core.reporting.question import Question
from core.reporting.render import choices, links
from core.reporting.render.captions import captions
from core.reporting.render.charts.chart_file import CONTENT_TYPES, Format, chart_file
from core.reporting.render.charts.renderer import Chart
from core.reporting.render.files import file_name
from core.reporting.render.sparkline import HEIGHT, WIDTH, Trend
from core.shared.errors import AppError
from core.stores.access import visible_stores


@dataclass(frozen=True)
class ReportRequest:
    form: QuestionForm
    # None where the form has errors.
    question: Question | None
    data: Data


def read(request: HttpRequest, metric: Metric) -> ReportRequest:
    form, data = QuestionForm(request.GET, metric), Data()
    known = data.completeness
    if known.as_of is None or known.begins is None or not form.is_valid():
        return ReportRequest(form, None, data)
    return ReportRequest(form, form.question(usual_period(known.as_of, known.begins)), data)


def question_of(request: HttpRequest, metric: Metric) -> tuple[Question, Data]:
    """For fragments and files, which have no form to show an error in. Raises AppError."""
    requested = read(request, metric)
    if requested.question is None:
        for field, errors in requested.form.errors.items():
            raise AppError("bad_question", errors[0], field=field)
        raise AppError("no_data", _("There are no visits yet. Import them first."), status=404)
    return requested.question, requested.data


def of_visible_stores(request: HttpRequest, question: Question) -> Question:
    """Its period and comparison alone, of the chain for whoever sees all of it, else of the stores someone sees."""
    user = signed_in(request)
    visible = None if user.sees_all_stores else frozenset(visible_stores(user).values_list("pk", flat=True))
    return Question(
        start=question.start, end=question.end, basis=question.basis, compare=question.compare, visible=visible
    )


@dataclass(frozen=True)
class Drawn:
    """What a chart shows: its name in file names, its title, and how it is read where it stands alone."""

    question: Question
    data: Data
    name: str
    title: str
    key: str = ""
    # What of the address's query is no part of the question.
    more: str = ""


# A piece of a page: its template, what that takes, and what its chart shows.
Part = tuple[str, dict[str, Any], Drawn]


def fragment(request: HttpRequest, name: str, context: dict[str, Any], drawn: Drawn) -> HttpResponse:
    """A piece of a page, loaded after it; within a page of its own where no script put it into one; its chart as a file
    where the address asks for one."""
    template, chart = f"reporting/partials/{name}.html", context.get("chart")
    file_format = request.GET.get("file")
    if file_format in CONTENT_TYPES:
        if not isinstance(chart, Chart):
            raise AppError("nothing_to_draw", _("There is too little to draw."), status=404)
        return _chart_file(request, chart, drawn, file_format)
    context = {**context, "address": request.path, "query": links.query(drawn.question) + drawn.more}
    if getattr(request, "htmx", False):
        return render(request, template, context)
    return render(request, "reporting/fragment_page.html", {**context, "fragment": template, "title": drawn.title})


def sparklines(request: HttpRequest, drawn: Sequence[Trend], *, title: str) -> HttpResponse:
    """Small lines, each put into its place on the page by htmx; on a page of their own where no script did so."""
    template = "reporting/partials/sparklines.html"
    context = {"drawn": drawn, "width": WIDTH, "height": HEIGHT}
    if getattr(request, "htmx", False):
        return render(request, template, {**context, "is_loaded": True})
    return render(request, "reporting/fragment_page.html", {**context, "fragment": template, "title": title})


def _chart_file(request: HttpRequest, chart: Chart, drawn: Drawn, file_format: Format) -> HttpResponse:
    content = chart_file(chart, captions(drawn.question, drawn.data, drawn.title, drawn.key), file_format)
    name = file_name(drawn.question, file_format, drawn.name)
    record(action=Action.EXPORTED, acting_user=signed_in(request), subject=Subject(Kind.REPORT, label=name))
    response = HttpResponse(content, content_type=CONTENT_TYPES[file_format])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def typed_period(form: QuestionForm) -> dict[str, Any]:
    return {
        "first_value": form.data.get("from", ""),
        "last_value": form.data.get("through") or form.data.get("to", ""),
        "last_errors": [*form.errors.get("through", []), *form.errors.get("to", [])],
    }


def freshness_context(question: Question, data: Data, clients: int) -> dict[str, Any]:
    """Where the data ends, beside what the page shows of it; `clients`: how many the period has."""
    fresh = freshness(question.period, data.completeness, clients=clients)
    offered = fresh.offered if fresh else None
    url = links.query(question, start=offered.start, end=offered.end) if offered else ""
    return {"fresh": fresh, "offered_url": url}


def _before_label(question: Question, data: Completeness) -> str:
    """Of the period that is compared; empty where there is none."""
    if question.compare == "none":
        return ""
    try:
        return compared_periods(question, data).before.label
    except AppError:
        return ""


def question_context(requested: ReportRequest, metric: Metric) -> dict[str, Any]:
    """What every page about a question shows of it, and its choice of periods."""
    question, data = requested.question, requested.data.completeness
    if question is None:
        return {}
    period = question.period
    return {
        "form": requested.form,
        "metric": metric,
        "question": question,
        "period": period,
        "before_label": _before_label(question, data),
        "query": links.query(question),
        "hidden": links.parts(question, without=frozenset({"from", "to"})),
        "first_value": question.start.isoformat(),
        "last_value": period.last_day.isoformat(),
        "periods": choices.periods(question, data.as_of, data.begins) if data.as_of and data.begins else [],
        "scopes": choices.scopes(question),
        "bases": choices.bases(question),
        "horizons": choices.horizons(question),
        "summary": metric.summary(question),
        "definition": metric.explained(requested.data),
    }
