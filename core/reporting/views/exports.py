"""The report as a file."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.audit.declaration import Action
from core.audit.trail import Subject, record
from core.reporting.answers import answer, values, year_before
from core.reporting.declaration import COMPARE_STORES, Kind
from core.reporting.metrics.base import Metric
from core.reporting.render.files import as_csv, as_xlsx, file_name
from core.reporting.render.sentences import notes
from core.reporting.render.table import Row, rows, total_row
from core.reporting.report import Report
from core.reporting.views.requests import question_of

Writer = Callable[[Report, Sequence[Row], Sequence[str]], bytes]


@needs(COMPARE_STORES)
@require_safe
def csv_file(request: HttpRequest, metric: Metric) -> HttpResponse:
    return _file(request, metric, as_csv, "csv", "text/csv; charset=utf-8")


@needs(COMPARE_STORES)
@require_safe
def xlsx_file(request: HttpRequest, metric: Metric) -> HttpResponse:
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(request, metric, as_xlsx, "xlsx", content_type)


def _file(request: HttpRequest, metric: Metric, write: Writer, extension: str, content_type: str) -> HttpResponse:
    question, data = question_of(request, metric)
    report, before = answer(question, data), values(year_before(question), data)
    table_rows = [*rows(report, before, ()), total_row(report, before)]
    content = write(report, table_rows, notes(report, data.completeness.begins))
    name = file_name(question, extension)
    record(action=Action.EXPORTED, acting_user=signed_in(request), subject=Subject(Kind.REPORT, label=name))
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
