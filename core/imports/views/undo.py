"""The page that takes an import back: what it would come to, by name what is kept, and the confirmation."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from core.accounts.gates import needs, signed_in
from core.imports.declaration import IMPORT
from core.imports.models import ImportRun
from core.imports.runs.outcome import outcome_of
from core.imports.runs.queueing import job_of, last_undo, queue_undo
from core.imports.runs.undone import kept_of, lines_of
from core.imports.undo.undoing import refuse_undo
from core.jobs.presentation import shown
from core.shared.errors import AppError


@needs(IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """POST looks what it would come to, or with `confirm` does it."""
    run = get_object_or_404(ImportRun.objects.select_related("created_by"), pk=run_id)
    if request.method == "POST":
        queue_undo(run, user=signed_in(request), dry_run="confirm" not in request.POST)
        return redirect("imports:undo", run.pk)
    if (job := job_of(run)) is not None:
        return render(request, "imports/running.html", {"run": run, "row": outcome_of(run, job), "shown": shown(job)})
    if run.undone_at is not None:
        return redirect("imports:detail", run.pk)
    context = {"run": run, "row": outcome_of(run), "failure": last_undo(run)}
    try:
        refuse_undo(run)
        context |= {"lines": lines_of(run), "kept": kept_of(run)}
    except AppError as error:
        context["refusal"] = error.message
    return render(request, "imports/undo.html", context)
