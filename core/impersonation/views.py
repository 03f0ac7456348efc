"""Coming in and leaving."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.impersonation import session
from core.shared.errors import AppError


@login_not_required
@require_safe
def enter(request: HttpRequest) -> HttpResponse:
    requested = session.redeem_ticket(request.GET.get("ticket", ""))
    if requested is None or session.begin(request, requested) is None:
        message = _("This way in is good once and for a minute. Ask for another one at the console.")
        raise AppError("ticket_unknown", message, status=410)
    return redirect("home")


@login_not_required
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """A link leads back: a form may not lead to another host (Content-Security-Policy, form-action)."""
    impersonation = session.impersonation_of(request)
    if impersonation is None:
        return redirect("home")
    session.end(request, impersonation)
    return render(request, "impersonation/left.html", {"back": impersonation.back})
