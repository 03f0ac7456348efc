"""A report or a store as a page to print: all of it at once, with what it is and where it comes from."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core.reporting.data import Data
from core.reporting.question import Question
from core.reporting.render import links
from core.reporting.render.captions import captions
from core.reporting.views.requests import Part


def is_printed(request: HttpRequest) -> bool:
    return request.GET.get("print") == "1"


def printed(
    request: HttpRequest,
    question: Question,
    data: Data,
    context: dict[str, Any],
    parts: Iterable[Part],
    *,
    title: str,
    about: str,
) -> HttpResponse:
    """`context` is that of the page; its charts are drawn here."""
    shown = {
        **context,
        "title": title,
        "about": about,
        "captions": captions(question, data, title, ""),
        "charts": [_chart(part) for part in parts],
        "printed": True,
        "back": request.path + context.get("query", links.query(question)),
    }
    return render(request, "reporting/print.html", shown)


def _chart(part: Part) -> tuple[str, str, SafeString]:
    """Its title, how it is read, and itself."""
    name, context, drawn = part
    chart = render_to_string(f"reporting/partials/{name}.html", {**context, "printed": True})
    return drawn.title, drawn.key, chart
