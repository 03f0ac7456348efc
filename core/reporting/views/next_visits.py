"""Where, to whom and for what clients come back: pieces of the page of the repurchase rate, and their files."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.data import Data
from core.reporting.declaration import COMPARE_STORES
from core.reporting.metrics.base import Metric
from core.reporting.next_visits import category_matrix, flows
from core.reporting.question import Question
from core.reporting.render import links
from core.reporting.render.files import about_question, file_name
from core.reporting.render.next_visits import categories_file, categories_table, flows_picture, flows_table
from core.reporting.views.exports import download
from core.reporting.views.requests import Drawn, fragment, question_of
from core.shared.errors import AppError


def has_next_visits(question: Question) -> bool:
    """Of the repurchase rate, which knows who came back."""
    return question.metric == "repurchase_rate"


@needs(COMPARE_STORES)
@require_safe
def of_report(request: HttpRequest, metric: Metric) -> HttpResponse:
    return flows_fragment(request, *_question(request, metric))


def flows_fragment(request: HttpRequest, question: Question, data: Data) -> HttpResponse:
    found = flows(question, data)
    context = {"chart": flows_picture(found, question), "table": flows_table(found, question), "found": found}
    return fragment(request, "flows", context, Drawn(question, data, "flows", _("Where clients come back")))


@needs(COMPARE_STORES)
@require_safe
def categories(request: HttpRequest, metric: Metric) -> HttpResponse:
    question, data = _question(request, metric)
    table = categories_table(category_matrix(question, data))
    context = {"table": table, "metric": metric, "files_query": links.query(question)}
    return fragment(request, "categories", context, Drawn(question, data, "categories", table.title))


@needs(COMPARE_STORES)
@require_safe
def categories_download(request: HttpRequest, metric: Metric, extension: str) -> HttpResponse:
    question, data = _question(request, metric)
    content = categories_file(category_matrix(question, data), about_question(question, []), extension)
    return download(request, content, file_name(question, extension, "next_categories"), extension)


def _question(request: HttpRequest, metric: Metric) -> tuple[Question, Data]:
    question, data = question_of(request, metric)
    if not has_next_visits(question):
        raise AppError("not_offered", _("Only the repurchase rate knows this."), status=404)
    return question, data
