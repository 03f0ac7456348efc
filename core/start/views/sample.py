"""Sample data in and out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.accounts.rights import Right
from core.shared.errors import AppError
from core.shared.sending import nobody_takes_work, send_or_refuse
from core.start import tasks
from core.start.progress import SampleWork, begin, end, sample_work
from core.start.services.sample import has_own_records


@needs(Right.IMPORT)
@require_POST
def load(request: HttpRequest) -> HttpResponse:
    if has_own_records():
        message = _("The chain has stores of its own; sample data would only get among them.")
        raise AppError("not_empty", message, status=409)
    return _begin(request, SampleWork(removing=False))


@needs(Right.IMPORT)
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    return _begin(request, SampleWork(removing=True))


@needs(Right.IMPORT)
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The bar alone; when there is nothing more to wait for, the page is loaded anew."""
    work = sample_work()
    if work is None or not work.is_under_way:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "start/partials/progress.html", {"work": work})


def _begin(request: HttpRequest, work: SampleWork) -> HttpResponse:
    """Of two clicks one counts."""
    if not begin(work):
        if sample_work() is None:  # the cache does not answer
            raise nobody_takes_work()
        messages.info(request, _("The sample is being worked on already."))
        return redirect("repurchase:overview")
    task = tasks.remove_sample if work.removing else tasks.load_sample
    try:
        send_or_refuse(task, signed_in(request).pk)
    except AppError:
        end()
        raise
    return redirect("repurchase:overview")
