"""Who is behind a figure."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.client_list import PAGE, client_list
from core.reporting.data import Data
from core.reporting.declaration import COMPARE_STORES
from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics.base import Metric
from core.reporting.question import Question
from core.reporting.render import links
from core.reporting.render.choices import Choice, narrowings
from core.reporting.views.requests import question_of
from core.shared.figures import count


@needs(COMPARE_STORES)
@require_safe
def clients(request: HttpRequest, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    group = request.GET.get("group") if question.by in ("staff", "acquisition") else None
    query = links.query(question) + ("&" + urlencode({"group": group}) if group else "")
    context = {
        "metric": metric,
        "question": question,
        "narrowings": narrowings(question),
        "group_title": DIMENSIONS[question.by].title if group else "",
        "group": group,
        "report_url": links.report_page(question),
        "csv_url": reverse("reports:clients-csv", args=[metric]),
        "xlsx_url": reverse("reports:clients-xlsx", args=[metric]),
        **client_context(request, question, data, query, group),
    }
    return render(request, "reporting/clients.html", context)


def chosen_back(request: HttpRequest) -> bool | None:
    """Who came back, who did not, or all."""
    return {"yes": True, "no": False}.get(request.GET.get("back", ""))


def client_context(
    request: HttpRequest, question: Question, data: Data, query: str, group: str | None = None
) -> dict[str, Any]:
    """The counted clients: all, who came back or who did not, page by page; `query` is that of the page."""
    back = chosen_back(request)
    page = request.GET.get("page", "1")
    number = max(1, int(page)) if page.isdecimal() and len(page) < 8 else 1
    listed = client_list(question, data, group=group, back=back, page=number)
    numbers = {None: listed.clients, True: listed.repeats, False: listed.clients - listed.repeats}
    tabs = (
        (None, _("All %(count)s"), ""),
        (True, _("Came back: %(count)s"), "&back=yes"),
        (False, _("Not yet: %(count)s"), "&back=no"),
    )
    return {
        "clients": listed,
        "files_query": query + next(suffix for which, _title, suffix in tabs if which is back),
        "tabs": [
            Choice(title % {"count": count(numbers[which])}, query + suffix, which is back)
            for which, title, suffix in tabs
        ],
        # For the links to other pages: the clients are those of this one.
        "pages": Paginator(range(numbers[back]), PAGE).get_page(number),
    }
