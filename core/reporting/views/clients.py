"""Who is behind a figure."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.accounts.rights import Right
from core.reporting.counted_clients import PAGE, counted_clients
from core.reporting.links import query
from core.reporting.periods import Period
from core.reporting.presentation.choices import narrowings
from core.reporting.presentation.counted import client_tabs, page_number, page_of
from core.reporting.presentation.words import BREAKDOWN_TITLES
from core.reporting.views.asked import question_of


@needs(Right.COMPARE_STORES)
@require_safe
def clients(request: HttpRequest) -> HttpResponse:
    question, _asked = question_of(request)
    group = request.GET.get("group") if question.by in ("staff", "acquisition") else None
    back = {"yes": True, "no": False}.get(request.GET.get("back", ""))
    number = page_number(request)
    found = counted_clients(question, group=group, back=back, page=number)
    kept = query(question) + ("&" + urlencode({"group": group}) if group else "")
    return render(
        request,
        "reporting/clients.html",
        {
            "found": found,
            "period": Period(question.start, question.end),
            "question": question,
            "narrowings": narrowings(question),
            "group_title": BREAKDOWN_TITLES[question.by] if group else "",
            "group": group,
            "report_url": query(question),
            "tabs": client_tabs(kept, found, back),
            "pages": page_of(found, back, number, PAGE),
            "page_query": f"&{kept[1:]}" + (f"&back={request.GET['back']}" if back is not None else ""),
        },
    )
