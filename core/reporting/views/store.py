"""One store against its city tier and the chain: the store manager's first page."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from core.reporting.client_list import PAGE, client_list
from core.reporting.data import Data
from core.reporting.metrics import metric_of
from core.reporting.question import Question
from core.reporting.render import links, sentences, trends
from core.reporting.render.client_list import client_tabs, page_number, page_of
from core.reporting.render.store import compare_store, comparison_chart, store_lines
from core.reporting.views.fragment import fragment
from core.reporting.views.requests import ReportRequest, question_context, question_of, read, typed_period
from core.stores.gates import store_visible
from core.stores.models import Store
from core.stores.selectors import NOWHERE, Place, city_tiers, places_on

METRIC = metric_of("repurchase_rate")


@store_visible
@require_safe
def store(request: HttpRequest, store: Store) -> HttpResponse:
    requested = read(request, METRIC)
    place = _place(store, requested.question, requested.data)
    context: dict[str, Any] = {"store": store, "place": place, "form": requested.form, "metric": METRIC}
    if requested.question is None:
        status = 200 if requested.data.completeness.as_of is None else 400
        return render(request, "reporting/store.html", {**context, **typed_period(requested.form)}, status=status)
    question = of_store(requested.question, store)
    if requested.form.chose_last_day:
        return redirect(request.path + links.query(replace(question, store=None)))
    found = compare_store(question, place, requested.data)
    figures = {
        "standing": found,
        "sentences": found.sentences(),
        "notes": sentences.notes(found.report, requested.data.completeness.begins),
    }
    # Links of the page are of the chain's question: the path names the store.
    chosen = ReportRequest(requested.form, replace(question, by="city_tier", store=None), requested.data)
    context |= question_context(chosen, METRIC) | {"question": question} | figures
    return render(request, "reporting/store.html", {**context, **_clients(request, question, requested.data)})


def of_store(question: Question, store: Store) -> Question:
    return replace(question, by="store", store=store.code, region=None, city_tier=None, city=None)


def _place(store: Store, question: Question | None, data: Data) -> Place:
    day = question.period.last_day if question else (data.completeness.as_of or store.opened_on)
    return places_on(day).get(store.pk, NOWHERE) if day else NOWHERE


def _clients(request: HttpRequest, question: Question, data: Data) -> dict[str, Any]:
    back = {"yes": True, "no": False}.get(request.GET.get("back", ""))
    number = page_number(request)
    found = client_list(question, data, back=back, page=number)
    kept = links.query(replace(question, by="city_tier", store=None))
    return {
        "found": found,
        "tabs": client_tabs(kept, found, back),
        "pages": page_of(found, back, number, PAGE),
    }


@store_visible
@require_safe
def comparison(request: HttpRequest, store: Store) -> HttpResponse:
    question, data = question_of(request, METRIC)
    found = compare_store(of_store(question, store), _place(store, question, data), data)
    return fragment(request, "chart", {"chart": comparison_chart(found, city_tiers())})


@store_visible
@require_safe
def trailing(request: HttpRequest, store: Store) -> HttpResponse:
    question, data = question_of(request, METRIC)
    lines, colours = store_lines(of_store(question, store), _place(store, question, data), data)
    context: dict[str, Any] = trends.context_of(lines, colours, METRIC.unit) if lines else {"chart": SafeString("")}
    return fragment(request, "trend", context)
