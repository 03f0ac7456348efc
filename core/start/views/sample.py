"""Sample data in and out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.accounts.gates import needs, signed_in
from core.imports.declaration import IMPORT
from core.jobs.tasks import send_next
from core.start.jobs import LOAD, REMOVE, queue_sample_job
from core.start.services.sample import refuse_own_records


@needs(IMPORT)
@require_POST
def load(request: HttpRequest) -> HttpResponse:
    refuse_own_records()
    return _begin(request, LOAD)


@needs(IMPORT)
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    return _begin(request, REMOVE)


def _begin(request: HttpRequest, kind: str) -> HttpResponse:
    """Of two clicks one counts. Where the queue does not answer it waits, and begins by itself."""
    job = queue_sample_job(kind, user=signed_in(request))
    if job is None:
        messages.info(request, _("The sample is being worked on already."))
    else:
        send_next(job)
    return redirect("reports:front")
