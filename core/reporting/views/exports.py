"""The report as a file."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.accounts.gates import needs, signed_in
from core.audit.declaration import Action
from core.audit.trail import Subject, record
from core.reporting.answers import answer
from core.reporting.client_list import client_list
from core.reporting.compare.change import shown_changes
from core.reporting.data import Data
from core.reporting.declaration import COMPARE_STORES, Kind
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.reporting.question import Question
from core.reporting.render.client_files import client_file
from core.reporting.render.files import as_csv, as_xlsx, file_name
from core.reporting.render.sentences import notes, pair_sentences
from core.reporting.render.table import Column, Row, columns, rows, total_row
from core.reporting.report import Report
from core.reporting.views.clients import chosen_back
from core.reporting.views.requests import question_of

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Writer = Callable[[Report, Sequence[Column], Sequence[Row], Sequence[str]], bytes]


@needs(COMPARE_STORES)
@require_safe
def csv_file(request: HttpRequest, metric: Metric) -> HttpResponse:
    return _file(request, metric, as_csv, "csv")


@needs(COMPARE_STORES)
@require_safe
def xlsx_file(request: HttpRequest, metric: Metric) -> HttpResponse:
    return _file(request, metric, as_xlsx, "xlsx")


@needs(COMPARE_STORES)
@require_safe
def client_list_file(request: HttpRequest, metric: Metric, extension: str) -> HttpResponse:
    question, data = question_of(request, metric)
    group = request.GET.get("group") if question.by in ("staff", "acquisition") else None
    return clients_as_file(request, question, data, extension, group)


def clients_as_file(
    request: HttpRequest, question: Question, data: Data, extension: str, group: str | None = None
) -> HttpResponse:
    """All that the page of the list shows page by page. Raises AppError for more than a file takes."""
    listed = client_list(question, data, group=group, back=chosen_back(request), page=None)
    content = client_file(listed, str(METRICS[question.metric].clients_title), extension)
    return download(request, content, file_name(question, extension, "clients"), extension)


def _file(request: HttpRequest, metric: Metric, write: Writer, extension: str) -> HttpResponse:
    question, data = question_of(request, metric)
    report, changes = answer(question, data), shown_changes(question, data)
    table_rows = [*rows(report, changes, ()), total_row(report, changes)]
    about = [changes.reason] if changes.reason else []
    about += [*notes(report, changes), *pair_sentences(report)]
    content = write(report, columns(report, changes), table_rows, about)
    return download(request, content, file_name(question, extension), extension)


def download(request: HttpRequest, content: bytes, name: str, extension: str) -> HttpResponse:
    """Traced."""
    record(action=Action.EXPORTED, acting_user=signed_in(request), subject=Subject(Kind.REPORT, label=name))
    response = HttpResponse(content, content_type=CONTENT_TYPES[extension])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
