"""Sample data in and out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.accounts.rights import Right
from core.jobs.base import send_lost, send_next
from core.shared.errors import AppError
from core.shared.sending import nobody_takes_work
from core.start.progress import begin, end, sample_work
from core.start.services.sample import has_own_records


@needs(Right.IMPORT)
@require_POST
def load(request: HttpRequest) -> HttpResponse:
    if has_own_records():
        message = _("The chain has stores of its own; sample data would only get among them.")
        raise AppError("not_empty", message, status=409)
    return _begin(request, removing=False)


@needs(Right.IMPORT)
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    return _begin(request, removing=True)


@needs(Right.IMPORT)
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The bar alone; when there is nothing more to wait for, the page is loaded anew."""
    send_lost()
    work = sample_work()
    if work is None or not work.is_under_way:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "start/partials/progress.html", {"work": work})


def _begin(request: HttpRequest, *, removing: bool) -> HttpResponse:
    """Of two clicks one counts."""
    user = signed_in(request)
    if not begin(removing=removing, user_id=user.pk):
        if sample_work() is None:  # the cache does not answer
            raise nobody_takes_work()
        messages.info(request, _("The sample is being worked on already."))
        return redirect("reports:front")
    if not send_next(user.pk):
        end()
        raise nobody_takes_work()
    return redirect("reports:front")
