"""From what spend clients are of high and middle value."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.accounts.gates import needs, signed_in
from core.reporting.declaration import SET_THRESHOLDS
from core.reporting.forms import ThresholdsForm
from core.reporting.metrics import METRICS
from core.reporting.spend_thresholds import SpendThresholds, set_spend_thresholds, spend_thresholds
from core.shared.chain import current_chain
from core.shared.errors import AppError, show_error


@needs(SET_THRESHOLDS)
@require_http_methods(["GET", "HEAD", "POST"])
def thresholds(request: HttpRequest) -> HttpResponse:
    form = ThresholdsForm(request.POST or None, initial=vars(spend_thresholds()))
    if request.method == "POST" and form.is_valid():
        try:
            set_spend_thresholds(**form.cleaned_data, acting_user=signed_in(request))
        except AppError as error:
            if error.field not in form.fields:
                raise
            show_error(form, error)
        else:
            messages.success(request, _("The thresholds are saved. All figures use them now."))
            return redirect("reports:overview", METRICS["value_segments"].slug)
    context = {
        "form": form,
        "currency": current_chain().currency,
        "defaults": SpendThresholds(),
        "metric": METRICS["value_segments"],
    }
    return render(request, "reporting/thresholds.html", context, status=400 if form.errors else 200)
