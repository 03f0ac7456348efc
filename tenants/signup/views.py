"""Sign-up, the live address check, and the chain finder; all on the platform's host."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.shared.addresses import chains_host
from core.shared.errors import AppError, show_error
from core.shared.middleware import HEADERS
from core.shared.network import client_network
from core.shared.rate_limits import counted_if_done, is_over_limit
from core.shared.task_queue import send
from tenants.signup import address_names, tasks
from tenants.signup.forms import FinderForm, SignUpForm
from tenants.signup.services import sign_up

HOUR = 3600
# Submissions per hour and network, refused ones included.
MAX_ATTEMPTS = 100


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponseBase:
    """Show the form; posted, create the chain and redirect to it."""
    form = SignUpForm(request.POST or None, accepted=request.headers.get("accept-language", ""))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_sign_up(request, form))
        except AppError as error:
            show_error(form, error)
            return _render(request, form, status=error.status)
    return _render(request, form, status=400 if form.is_bound else 200)


def _sign_up(request: HttpRequest, form: SignUpForm) -> str:
    network, data = client_network(request), form.cleaned_data
    is_over = is_over_limit("sign-up", network, times=MAX_ATTEMPTS, seconds=HOUR)
    with counted_if_done("signed-up", network, times=settings.SIGN_UPS_AN_HOUR, seconds=HOUR) as allowed:
        if is_over or not allowed:
            message = _("Too many chains were made from your network. Wait an hour, then try again.")
            raise AppError("too_often", message, status=429, retry_after=HOUR)
        return sign_up(
            token=data["token"],
            name=data["name"],
            address=data["address"],
            email=data["email"],
            password=data["password"],
            country=data["country"],
            language=get_language() or settings.LANGUAGE_CODE,
        ).sign_in_url


def _render(request: HttpRequest, form: SignUpForm, *, status: int) -> HttpResponse:
    response = render(request, "signup/new.html", {"form": form, "host": chains_host()}, status=status)
    # form-action also covers the redirect, which leads to the new chain's host.
    here = urlsplit(settings.PLATFORM_URL)
    chains = f"{here.scheme}://*.{here.netloc}"
    policy = HEADERS["Content-Security-Policy"].replace("form-action 'self'", f"form-action 'self' {chains}")
    response.headers["Content-Security-Policy"] = policy
    return response


@login_not_required
@require_safe
def address(request: HttpRequest) -> HttpResponse:
    """Answer htmx: propose an address while the name is typed, check it while the address is typed."""
    if is_over_limit("address", client_network(request), times=200, seconds=60):
        message = _("Too many questions from your network. Wait a minute, then try again.")
        raise AppError("too_often", message, status=429, retry_after=60)
    typed = request.GET.get("address", "").strip().lower()[:200]
    is_name_typed = request.htmx.trigger_name == "name"  # type: ignore[attr-defined]
    proposed = ""
    if is_name_typed and typed in {"", request.GET.get("proposed", "")}:
        typed = proposed = address_names.propose_name(request.GET.get("name", "")[:200])
    context = {
        "host": chains_host(),
        "typed": typed,
        "checked": bool(typed),
        "problem": address_names.find_problem(typed) if typed else None,
    }
    if not is_name_typed:
        return render(request, "signup/partials/address_status.html", context)
    form = SignUpForm(initial={"address": typed, "proposed": proposed})
    return render(request, "signup/partials/address.html", {**context, "form": form})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def finder(request: HttpRequest) -> HttpResponse:
    """Show the same answer for every address; the chains are only e-mailed."""
    form = FinderForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "signup/finder.html", {"form": form}, status=400 if form.is_bound else 200)
    if is_over_limit("finder", client_network(request), times=20, seconds=HOUR):
        message = _("Too many questions from your network. Wait an hour, then try again.")
        raise AppError("too_often", message, status=429, retry_after=HOUR)
    if not send(tasks.email_sign_in_links, form.cleaned_data["email"]):
        # The address is not stored, so the mail could not be sent later.
        raise AppError("no_worker", _("No mail can be sent just now. Try again in a minute."), status=503)
    return render(request, "signup/finder.html", {"sent_to": form.cleaned_data["email"]})
