"""The dictionary of metrics: what each counts, and the words it uses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.data import Data
from core.reporting.metrics.words import WORDS
from core.reporting.render.dictionary import entries
from core.stores.declaration import SEE_STORE_FIGURES


@needs(SEE_STORE_FIGURES)
@require_safe
def dictionary(request: HttpRequest) -> HttpResponse:
    return render(request, "reporting/dictionary.html", {"entries": entries(Data()), "words": WORDS})
