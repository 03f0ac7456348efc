"""The report as a file."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.accounts.rights import Right
from core.audit.actions import Action, Kind
from core.audit.trail import Subject, record
from core.reporting.export import as_csv, as_xlsx, file_name
from core.reporting.periods import Period
from core.reporting.presentation.rows import Row, rows
from core.reporting.presentation.sentences import notes
from core.reporting.report import Report
from core.reporting.repurchase import rates, repurchase
from core.reporting.views.asked import question_of
from core.reporting.views.overview import year_before

Writer = Callable[[Report, Sequence[Row], float | None, Sequence[str]], bytes]


@needs(Right.COMPARE_STORES)
@require_safe
def csv_file(request: HttpRequest) -> HttpResponse:
    return _file(request, as_csv, "csv", "text/csv; charset=utf-8")


@needs(Right.COMPARE_STORES)
@require_safe
def xlsx_file(request: HttpRequest) -> HttpResponse:
    return _file(request, as_xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _file(request: HttpRequest, write: Writer, extension: str, content_type: str) -> HttpResponse:
    question, asked = question_of(request)
    report, before = repurchase(question), rates(year_before(question))
    said = notes(report, Period(question.start, question.end), asked.begins)
    content = write(report, rows(report, before, ()), before.total, said)
    name = file_name(report, extension)
    record(action=Action.EXPORTED, acting_user=signed_in(request), subject=Subject(Kind.REPORT, label=name))
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
