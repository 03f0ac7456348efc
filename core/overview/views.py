"""The overview, and what loads after it: trends and what deserves attention."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.followup.declaration import FOLLOW_UP
from core.overview.attention import attention as attention_of
from core.overview.cards import OF_METRIC, SHOWN, Shown, cards, trend_lines
from core.overview.sparkline import HEIGHT, WIDTH, sparkline
from core.reporting.data import Data
from core.reporting.metrics import METRICS
from core.reporting.question import Question
from core.reporting.render import choices, links
from core.reporting.trend import TrendLine
from core.reporting.views.requests import (
    freshness_context,
    of_visible_stores,
    question_context,
    question_of,
    read,
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
    found, reason = cards(question, requested.data)
    context = {
        **question_context(replace(requested, question=question), METRIC),
        **freshness_context(question, requested.data, 1 if found[0].text != "0" else 0),
        "comparisons": choices.comparisons(question),
        "cards": found,
        "reason": reason,
        "stores": _stores(request, question),
        "complete": _("Data complete to %(day)s.") % {"day": figures.day(requested.data.completeness.as_of)},
        "metrics": [_defined(code, requested.data) for code in OF_METRIC],
    }
    return render(request, "overview/front.html", context)


@needs(SEE_STORE_FIGURES)
@require_safe
def attention(request: HttpRequest) -> HttpResponse:
    question, data = question_of(request, METRIC)
    may = signed_in(request).may(FOLLOW_UP)
    items = attention_of(of_visible_stores(request, question), data, follows_up=may)
    return _fragment(request, "attention", {"items": items})


@needs(SEE_STORE_FIGURES)
@require_safe
def trends(request: HttpRequest) -> HttpResponse:
    """The small lines of all cards."""
    question, data = question_of(request, METRIC)
    own = of_visible_stores(request, question)
    lines = trend_lines(own, data)
    drawn = [_drawn(shown, lines[shown.metric][0]) for shown in SHOWN if lines[shown.metric]]
    return _fragment(request, "trends", {"drawn": drawn, "width": WIDTH, "height": HEIGHT})


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


def _drawn(shown: Shown, line: TrendLine) -> dict[str, Any]:
    ends = sorted(line.points)
    known = [(end, value) for end in ends if (value := shown.of(line.points[end])) is not None]
    values = [value for _end, value in known]
    intervals = [pair for end, _value in known if not shown.figure and (pair := line.points[end].ci95)]
    drawn = sparkline(values, intervals if len(intervals) == len(values) else ())
    ends_of_line = [shown.unit.text(value) for value in (values[:1] + values[-1:])]
    text = _("%(title)s, twelve-month figures: from %(first)s to %(last)s")
    label = text % {"title": shown.title, "first": ends_of_line[0], "last": ends_of_line[1]} if drawn else ""
    return {"key": shown.key, "drawn": drawn, "label": label, "title": shown.title}


def _fragment(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    template = f"overview/partials/{name}.html"
    if getattr(request, "htmx", False):
        return render(request, template, {**context, "is_loaded": True})
    return render(request, "overview/fragment_page.html", {**context, "fragment": template})
