from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.parameters import check_parameters
from api.v1.reports.forms import ReportForm
from core.reporting.declaration import COMPARE_STORES
from core.reporting.rules import known_metric
from core.reporting.why import document_with_why


class ReportView(APIView):
    """A metric of a period, by a breakdown: the document of `revisit report`."""

    right = COMPARE_STORES
    http_method_names = ["get", "head"]

    def get(self, request: Request, metric_code: str) -> Response:
        form = ReportForm(request.query_params, known_metric(metric_code))
        check_parameters(form, request.query_params)
        return Response(document_with_why(form.to_question(), form.pair, full=form.is_full))
