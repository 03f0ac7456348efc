"""One store against its city tier and the chain: the store manager's first page."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.reporting.data import Data
from core.reporting.metrics.base import Metric
from core.reporting.question import Question
from core.reporting.render import choices, links, sentences
from core.reporting.render.captions import key_of_groups, key_of_trend
from core.reporting.render.store import StoreComparison, compare_store, comparison_chart, store_trend_context
from core.reporting.render.table import columns, has_adjusted
from core.reporting.views.clients import client_context
from core.reporting.views.exports import clients_as_file
from core.reporting.views.next_visits import flows_fragment, has_next_visits
from core.reporting.views.printing import is_printed, printed
from core.reporting.views.requests import (
    Drawn,
    Part,
    ReportRequest,
    fragment,
    freshness_context,
    question_context,
    question_of,
    read,
    typed_period,
)
from core.reporting.views.why import asked_of_store, why_fragment, why_part, why_query
from core.stores.cities import Place
from core.stores.gates import store_visible
from core.stores.models import Store
from core.stores.selectors import NOWHERE, places_on
from core.stores.tiers import tier_label


@store_visible
@require_safe
def store(request: HttpRequest, store: Store, metric: Metric) -> HttpResponse:
    requested = read(request, metric)
    place = _place(store, requested.question, requested.data)
    context: dict[str, Any] = {"store": store, "place": place, "form": requested.form, "metric": metric}
    if requested.question is None:
        status = 200 if requested.data.completeness.as_of is None else 400
        return render(request, "reporting/store.html", {**context, **typed_period(requested.form)}, status=status)
    question = _of_store(requested.question, store)
    # Links of the page are of the chain's question: the path names the store.
    chosen = replace(question, by="city_tier", store=None)
    if requested.form.chose_last_day:
        return redirect(request.path + links.query(chosen))
    context |= question_context(ReportRequest(requested.form, chosen, requested.data), metric)
    context |= _figures(question, place, requested.data, metric)
    context |= freshness_context(chosen, requested.data, context["comparison"].own.figures.clients)
    if is_printed(request):
        compared = context["comparison"]
        parts = [_comparison_part(compared, store, requested.data)] if compared.is_drawn else []
        parts += [_trend_part(question, store, place, requested.data)]
        if has_next_visits(question):
            parts += why_part(request.GET, asked_of_store(store, question), requested.data)
        about = " · ".join(filter(None, (store.code, place.city, tier_label(place.city_tier), place.region)))
        context["is_empty"] = not context["comparison"].own.figures.clients
        return printed(request, question, requested.data, context, parts, title=store.name, about=about)
    context |= client_context(request, question, requested.data, links.query(chosen))
    context |= {f"{ext}_url": _clients_file(store, metric, ext) for ext in ("csv", "xlsx")}
    context |= {"has_next_visits": has_next_visits(question), "why_query": why_query(chosen, request.GET)}
    context["metrics"] = choices.metrics(chosen, lambda other: links.store_pages(other)(store.code))
    return render(request, "reporting/store.html", context)


def _clients_file(store: Store, metric: Metric, extension: str) -> str:
    return reverse(f"stores:clients-{extension}", kwargs={"code": store.code, "metric": metric})


def _of_store(question: Question, store: Store) -> Question:
    return replace(question, by="store", store=store.code, region=None, city_tier=None, city=None, store_group=None)


def _place(store: Store, question: Question | None, data: Data) -> Place:
    day = question.period.last_day if question else (data.completeness.as_of or store.opened_on)
    return places_on(day).get(store.pk, NOWHERE) if day else NOWHERE


def _figures(question: Question, place: Place, data: Data, metric: Metric) -> dict[str, Any]:
    comparison = compare_store(question, place, data)
    page_columns = [column for column in columns(comparison.report, comparison.changes) if column.on_page]
    return {
        "comparison": comparison,
        "total_text": metric.unit.text(comparison.own.figures.value),
        "sentences": comparison.sentences(),
        "notes": sentences.notes(comparison.report, comparison.changes),
        "columns": page_columns,
        "rows": comparison.cells(page_columns),
        "has_adjusted": has_adjusted(comparison.report),
    }


@store_visible
@require_safe
def comparison(request: HttpRequest, store: Store, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    compared = compare_store(_of_store(question, store), _place(store, question, data), data)
    return fragment(request, *_comparison_part(compared, store, data))


def _comparison_part(compared: StoreComparison, store: Store, data: Data) -> Part:
    of_store = compared.report.question
    key = key_of_groups(of_store, has_adjusted=has_adjusted(compared.report))
    drawn = Drawn(of_store, data, f"store_{store.pk}", _("Beside its city tier and the chain"), key)
    return "chart", {"chart": comparison_chart(compared)}, drawn


@store_visible
@require_safe
def client_list_file(request: HttpRequest, store: Store, metric: Metric, extension: str) -> HttpResponse:
    question, data = question_of(request, metric)
    return clients_as_file(request, _of_store(question, store), data, extension)


@store_visible
@require_safe
def trailing(request: HttpRequest, store: Store, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    of_store = _of_store(question, store)
    return fragment(request, *_trend_part(of_store, store, _place(store, question, data), data))


def _trend_part(question: Question, store: Store, place: Place, data: Data) -> Part:
    context = store_trend_context(question, place, data)
    drawn = Drawn(question, data, f"store_{store.pk}_trend", _("Trailing twelve months"), key_of_trend(question))
    return "trend", context, drawn


@store_visible
@require_safe
def why(request: HttpRequest, store: Store, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    return why_fragment(request, asked_of_store(store, _of_store(question, store)), data)


@store_visible
@require_safe
def flows(request: HttpRequest, store: Store, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    return flows_fragment(request, _of_store(question, store), data)
