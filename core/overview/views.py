"""The overview, and what loads after it: trends and what deserves attention."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.followup.declaration import FOLLOW_UP
from core.overview.attention import attention as attention_of
from core.overview.cards import OF_METRIC, Card, cards
from core.overview.cards import trends as trends_of
from core.reporting.data import Data
from core.reporting.metrics import METRICS
from core.reporting.question import Question
from core.reporting.render import choices, links
from core.reporting.render.sparkline import HEIGHT, WIDTH
from core.reporting.views.printing import is_printed
from core.reporting.views.requests import (
    freshness_context,
    of_visible_stores,
    question_context,
    question_of,
    read,
    sparklines,
    typed_period,
)
from core.shared import figures
from core.stores.access import visible_stores
from core.stores.declaration import SEE_STORE_FIGURES

METRIC = METRICS["repurchase_rate"]


@needs(SEE_STORE_FIGURES)
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    requested = read(request, METRIC)
    if requested.question is None:
        if requested.data.completeness.as_of is None:
            return render(request, "reporting/empty.html")
        context = {"form": requested.form, **typed_period(requested.form)}
        return render(request, "overview/front.html", context, status=400)
    question = of_visible_stores(request, requested.question)
    if requested.form.chose_last_day:
        return redirect(request.path + links.query(question))
    found = cards(question, requested.data)
    context = {
        **question_context(replace(requested, question=question), METRIC),
        **freshness_context(question, requested.data, found.visits),
        "comparisons": choices.comparisons(question),
        "cards": found.cards,
        "reason": found.reason,
        "stores": _stores(request, question),
        "complete": _("Data complete to %(day)s.") % {"day": figures.day(requested.data.completeness.as_of)},
        "metrics": [_defined(code, requested.data) for code in OF_METRIC],
    }
    if is_printed(request):
        context |= _printed(request, question, requested.data, found.cards)
    return render(request, "overview/front.html", context)


def _printed(request: HttpRequest, question: Question, data: Data, found: Sequence[Card]) -> dict[str, Any]:
    """What the page else loads after itself."""
    lines = {trend.place: trend for trend in trends_of(question, data)}
    return {
        "printed": True,
        "items": attention_of(question, data, follows_up=signed_in(request).may(FOLLOW_UP)),
        "cards": [replace(card, trend=lines.get(f"trend-{card.key}")) for card in found],
        "width": WIDTH,
        "height": HEIGHT,
    }


@needs(SEE_STORE_FIGURES)
@require_safe
def attention(request: HttpRequest) -> HttpResponse:
    question, data = question_of(request, METRIC)
    may = signed_in(request).may(FOLLOW_UP)
    context = {"items": attention_of(of_visible_stores(request, question), data, follows_up=may)}
    template = "overview/partials/attention.html"
    if getattr(request, "htmx", False):
        return render(request, template, context)
    return render(request, "reporting/fragment_page.html", {**context, "fragment": template, "title": _("Overview")})


@needs(SEE_STORE_FIGURES)
@require_safe
def trends(request: HttpRequest) -> HttpResponse:
    """The small lines of all cards."""
    question, data = question_of(request, METRIC)
    drawn = trends_of(of_visible_stores(request, question), data)
    return sparklines(request, drawn, title=_("Overview"))


def _defined(code: str, data: Data) -> dict[str, Any]:
    """For the page in print, which has nothing to click."""
    metric = METRICS[code]
    return {"title": metric.title, "version": metric.version, "definition": metric.explained(data)}


def _stores(request: HttpRequest, question: Question) -> str:
    """Whose figures they are, where not the chain's."""
    if question.visible is None:
        return ""
    names = list(visible_stores(signed_in(request)).values_list("name", flat=True)[:4])
    text = ", ".join(names[:3])
    return text if len(names) < 4 else _("%(stores)s and others") % {"stores": text}
