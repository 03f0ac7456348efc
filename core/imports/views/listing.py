"""The chain's imports, newest first unless sorted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.imports.declaration import IMPORT
from core.imports.models import ImportRun
from core.imports.runs.outcome import outcome_of
from core.imports.runs.queueing import jobs_of
from core.shared.lists import page_of

ROWS = 50
# What the list sorts by, and the fields that stand for it.
COLUMNS = {"file": ("kind", "file_name"), "who": ("created_by__name", "created_by__email"), "when": ("created_at",)}


@needs(IMPORT)
@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    page = page_of(ImportRun.objects.select_related("created_by"), request, ROWS, COLUMNS)
    jobs = jobs_of(page)
    rows = [outcome_of(run, jobs.get(run.job_subject)) for run in page]
    return render(request, "imports/list.html", {"pages": page, "rows": rows})
