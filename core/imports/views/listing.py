"""The chain's imports, newest first."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.imports.declaration import IMPORT
from core.imports.models import ImportRun
from core.imports.runs.outcome import outcome_of
from core.imports.runs.state import jobs_of, subject_of

ROWS = 50


@needs(IMPORT)
@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(ImportRun.objects.select_related("created_by"), ROWS).get_page(request.GET.get("page"))
    jobs = jobs_of(page)
    rows = [outcome_of(run, jobs.get(subject_of(run))) for run in page]
    return render(request, "imports/list.html", {"pages": page, "rows": rows})
