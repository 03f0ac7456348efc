"""One store against its city tier and the chain: the store manager's first page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from core.reporting.counted_clients import PAGE, counted_clients
from core.reporting.links import parts, query
from core.reporting.periods import Period
from core.reporting.presentation import choices, sentences, trends
from core.reporting.presentation.counted import client_tabs, page_number, page_of
from core.reporting.presentation.store import Standing, comparison_chart, standing, store_lines
from core.reporting.report import METRIC_VERSION, Question
from core.reporting.views.asked import Asked, question_of, read
from core.reporting.views.fragment import fragment
from core.reporting.views.overview import typed_period
from core.stores.gates import store_visible
from core.stores.models import Store
from core.stores.selectors import NOWHERE, Place, city_tiers, places_on


@store_visible
@require_safe
def store(request: HttpRequest, store: Store) -> HttpResponse:
    asked = read(request)
    place = _place(store, asked)
    context: dict[str, Any] = {"store": store, "place": place, "form": asked.form}
    if asked.question is None:
        status = 200 if asked.as_of is None else 400
        return render(request, "reporting/store.html", {**context, **typed_period(asked.form)}, status=status)
    question = of_store(asked.question, store)
    if asked.form.chose_last_day:
        return redirect(request.path + query(replace(question, store=None)))
    found = standing(question, place)
    return render(
        request,
        "reporting/store.html",
        {**context, **_figures(asked, question, found), **_clients(request, question)},
    )


def of_store(question: Question, store: Store) -> Question:
    return replace(question, by="store", store=store.code, region=None, city_tier=None, city=None)


def _place(store: Store, asked: Asked) -> Place:
    day = asked.question.end - timedelta(days=1) if asked.question else (asked.as_of or store.opened_on)
    return places_on(day).get(store.pk, NOWHERE) if day else NOWHERE


def _figures(asked: Asked, question: Question, found: Standing) -> dict[str, Any]:
    period = Period(question.start, question.end)
    asked_of = replace(question, by="city_tier", store=None)
    return {
        "question": question,
        "period": period,
        "before_label": period.year_before().label,
        "standing": found,
        "sentences": found.sentences(period),
        "notes": sentences.notes(found.report, period, asked.begins),
        "periods": choices.periods(asked_of, asked.as_of, asked.begins) if asked.as_of and asked.begins else [],
        "scopes": choices.scopes(asked_of),
        "bases": choices.bases(asked_of),
        "metric_version": METRIC_VERSION,
        "query": query(asked_of),
        "hidden": parts(asked_of, without=frozenset({"from", "to"})),
        "first_value": question.start.isoformat(),
        "last_value": period.last_day.isoformat(),
    }


def _clients(request: HttpRequest, question: Question) -> dict[str, Any]:
    back = {"yes": True, "no": False}.get(request.GET.get("back", ""))
    number = page_number(request)
    found = counted_clients(question, back=back, page=number)
    kept = query(replace(question, by="city_tier", store=None))
    return {
        "found": found,
        "tabs": client_tabs(kept, found, back),
        "pages": page_of(found, back, number, PAGE),
        "page_query": "&" + kept[1:] + (f"&back={request.GET['back']}" if back is not None else ""),
    }


@store_visible
@require_safe
def comparison(request: HttpRequest, store: Store) -> HttpResponse:
    question, asked = question_of(request)
    found = standing(of_store(question, store), _place(store, asked))
    return fragment(request, "chart", {"chart": comparison_chart(found, city_tiers())})


@store_visible
@require_safe
def trailing(request: HttpRequest, store: Store) -> HttpResponse:
    question, asked = question_of(request)
    context: dict[str, Any] = {"chart": SafeString("")}
    if asked.begins and asked.as_of:
        lines, colours = store_lines(
            of_store(question, store), _place(store, asked), begins=asked.begins, as_of=asked.as_of
        )
        context = trends.context_of(lines, colours)
    return fragment(request, "trend", context)
