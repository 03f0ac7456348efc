from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.parameters import check_parameters
from api.v1.reports.forms import ReportForm
from core.reporting.answers import answer
from core.reporting.compare.change import changes
from core.reporting.data import Data
from core.reporting.declaration import COMPARE_STORES
from core.reporting.rules import known_metric


class ReportView(APIView):
    """A metric of a period, by a breakdown: the document of `revisit report`."""

    right = COMPARE_STORES
    http_method_names = ["get", "head"]

    def get(self, request: Request, metric_code: str) -> Response:
        form = ReportForm(request.query_params, known_metric(metric_code))
        check_parameters(form, request.query_params)
        # Funnel and ranking are in the full document alone.
        question, data = form.to_question(), Data()
        report = answer(question, data, ranked=form.is_full)
        compared = changes(question, data) if question.compare != "none" else None
        return Response(report.as_json(full=form.is_full, changes=compared))
