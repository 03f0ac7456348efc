"""The audit trail for its readers."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.audit.csv_export import csv_chunks
from core.audit.declaration import SEE_AUDIT, Action, Kind
from core.audit.forms import TrailForm
from core.audit.presentation import entry_row
from core.audit.selectors import Cursor, EntryFilter, entries, people
from core.audit.trail import Subject, record
from core.shared.chain import chain_today, current_chain
from core.shared.errors import AppError


@needs(SEE_AUDIT)
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    form = TrailForm(request.GET)
    context: dict[str, Any] = {"form": form, "people": people(), "filtered": False, "query": _query(request)}
    if form.is_valid():
        page = entries(form.entry_filter(), Cursor.parse(request.GET.get("after", "")))
        context |= {
            "rows": [entry_row(entry) for entry in page.entries],
            "following": page.following,
            "filtered": form.entry_filter() != EntryFilter(),
            "later": "after" in request.GET,
            "only_one": form.entry_filter().subject_id,
        }
    return render(request, "audit/list.html", context)


@needs(SEE_AUDIT)
@require_safe
def csv_export(request: HttpRequest) -> HttpResponseBase:
    form = TrailForm(request.GET)
    if not form.is_valid():
        for field, errors in form.errors.items():
            raise AppError("bad_filter", errors[0], field=field)
    entry_filter = form.entry_filter()
    name = f"{current_chain().schema_name}_audit_{chain_today()}.csv"
    filters = {name: value for name, value in vars(entry_filter).items() if value}
    record(
        action=Action.EXPORTED,
        acting_user=signed_in(request),
        subject=Subject(Kind.TRAIL, label=name),
        after=filters or None,
    )
    response = StreamingHttpResponse(csv_chunks(entry_filter), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _query(request: HttpRequest) -> str:
    """The filters, for links that keep them."""
    query = request.GET.copy()
    query.pop("after", None)
    return query.urlencode()
