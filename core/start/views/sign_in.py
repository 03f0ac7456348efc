"""Signing in by ticket, and confirming one's e-mail address."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts import confirmation
from core.accounts.gates import signed_in
from core.accounts.tickets import redeem_ticket
from core.shared.chain import current_chain
from core.shared.errors import AppError
from core.shared.rate_limits import is_over_limit

# Between two mails to one user.
PAUSE_SECONDS = 60
CONFIRMATION = "confirmation"


@login_not_required
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """From the sign-up on the platform's host; a ticket that is no longer good leads to the ordinary sign-in."""
    user = redeem_ticket(request.GET.get("ticket", ""))
    if user is None:
        return redirect("home" if request.user.is_authenticated else "account_login")
    # Goes on to the second step, where the user has set one up.
    response: HttpResponse = perform_login(request, user, redirect_url=reverse("home"))
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_email(request: HttpRequest) -> HttpResponse:
    """The link leads to a button, since mail programs open links by themselves; the button confirms."""
    if request.method == "POST":
        confirmation.confirm(request.POST.get("token", ""))
        messages.success(request, _("Your e-mail address is confirmed."))
        return redirect("home")
    if token := request.GET.get("token", ""):
        # The page itself has it in the session, not in its address: see core.shared.secret_links.
        confirmation.user_for_token(token)
        request.session[CONFIRMATION] = token
        return redirect("start:confirm-email")
    token = request.session.get(CONFIRMATION, "")
    return render(request, "start/confirm.html", {"asked": confirmation.user_for_token(token), "token": token})


@require_POST
def resend_confirmation(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if confirmation.is_confirmed(user):
        return redirect("home")
    who = f"{current_chain().schema_name}:{user.pk}"
    if is_over_limit("confirmation-mail", who, times=1, seconds=PAUSE_SECONDS):
        message = _("A mail has just been sent. Wait a minute for it.")
        raise AppError("too_often", message, status=429, retry_after=PAUSE_SECONDS)
    confirmation.send_confirmation(user)
    messages.success(request, _("The mail is on its way to %s.") % user.email)
    return redirect("home")
