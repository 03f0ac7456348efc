"""The chain's background work: the list, how far one is, starting it again, cancelling it."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.accounts.gates import signed_in
from core.jobs.kinds import kinds_seen_by
from core.jobs.models import OPEN, Job
from core.jobs.presentation import shown, shown_jobs
from core.jobs.queue import cancel_job, retry_job
from core.jobs.tasks import send_next
from core.shared.lists import page_of

ROWS = 50
# What the list sorts by, and the fields that stand for it.
COLUMNS = {"what": ("kind",), "who": ("asked_by",), "when": ("asked_at",)}


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """Of the kinds that the user may start."""
    seen = _seen_kinds(request)
    page = page_of(Job.objects.filter(kind__in=seen), request, ROWS, COLUMNS)
    rows = shown_jobs(list(page))
    context = {"pages": page, "rows": rows, "is_under_way": any(row.job.is_open for row in rows)}
    return render(request, "jobs/list.html", context)


@require_safe
def progress(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The bar alone; when there is nothing more to wait for, the page is loaded anew."""
    job = _job(request, job_id)
    if job.state not in OPEN:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "jobs/partials/progress.html", {"shown": shown(job)})


@require_POST
def retry(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    job = _job(request, job_id)
    retry_job(job)
    send_next(job)
    return redirect("jobs:list")


@require_POST
def cancel(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    cancel_job(_job(request, job_id))
    return redirect("jobs:list")


def _job(request: HttpRequest, job_id: uuid.UUID) -> Job:
    return get_object_or_404(Job.objects.select_related("user"), pk=job_id, kind__in=_seen_kinds(request))


def _seen_kinds(request: HttpRequest) -> list[str]:
    seen = kinds_seen_by(signed_in(request))
    if not seen:
        raise PermissionDenied
    return seen
