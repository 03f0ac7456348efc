"""Who is behind a figure."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.client_list import PAGE, client_list
from core.reporting.declaration import COMPARE_STORES
from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics.base import Metric
from core.reporting.render import links
from core.reporting.render.choices import narrowings
from core.reporting.render.client_list import client_tabs, page_number, page_of
from core.reporting.views.requests import question_of


@needs(COMPARE_STORES)
@require_safe
def clients(request: HttpRequest, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    group = request.GET.get("group") if question.by in ("staff", "acquisition") else None
    back = {"yes": True, "no": False}.get(request.GET.get("back", ""))
    number = page_number(request)
    found = client_list(question, data, group=group, back=back, page=number)
    kept = links.query(question) + ("&" + urlencode({"group": group}) if group else "")
    return render(
        request,
        "reporting/clients.html",
        {
            "found": found,
            "metric": metric,
            "question": question,
            "narrowings": narrowings(question),
            "group_title": DIMENSIONS[question.by].title if group else "",
            "group": group,
            "report_url": links.page("overview", question) + links.query(question),
            "tabs": client_tabs(kept, found, back),
            "pages": page_of(found, back, number, PAGE),
        },
    )
