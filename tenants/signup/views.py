"""Sign-up, the address while it is typed, and the way to one's chains. All on the platform's own host."""

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
from core.shared.errors import AppError
from core.shared.form_errors import show_error
from core.shared.middleware import HEADERS
from core.shared.network import client_network
from core.shared.rate_limits import counted_if_done, is_over_limit
from core.shared.task_queue import send
from tenants.signup import names, tasks
from tenants.signup.forms import FinderForm, SignUpForm
from tenants.signup.services import sign_up

HOUR = 3600
# Of a form that is refused, for a weak password say.
TRIES = 100


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponseBase:
    """The form; sent, it makes the chain and leads to it."""
    form = SignUpForm(request.POST or None, accepted=request.headers.get("accept-language", ""))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_signed_up(request, form))
        except AppError as error:
            show_error(form, error)
            return _page(request, form, status=error.status)
    return _page(request, form, status=400 if form.is_bound else 200)


def _signed_up(request: HttpRequest, form: SignUpForm) -> str:
    network, said = client_network(request), form.cleaned_data
    too_often = is_over_limit("sign-up", network, times=TRIES, seconds=HOUR)
    with counted_if_done("signed-up", network, times=settings.SIGN_UPS_AN_HOUR, seconds=HOUR) as allowed:
        if too_often or not allowed:
            message = _("Too many chains were made from your network. Wait an hour, then try again.")
            raise AppError("too_often", message, status=429, retry_after=HOUR)
        return sign_up(
            token=said["token"],
            name=said["name"],
            address=said["address"],
            email=said["email"],
            password=said["password"],
            country=said["country"],
            language=get_language() or settings.LANGUAGE_CODE,
        ).way_in


def _page(request: HttpRequest, form: SignUpForm, *, status: int) -> HttpResponse:
    response = render(request, "signup/new.html", {"form": form, "host": chains_host()}, status=status)
    # Browsers hold the form to its policy through the redirect, which leads to the new chain's host.
    here = urlsplit(settings.PLATFORM_URL)
    chains = f"{here.scheme}://*.{here.netloc}"
    policy = HEADERS["Content-Security-Policy"].replace("form-action 'self'", f"form-action 'self' {chains}")
    response.headers["Content-Security-Policy"] = policy
    return response


@login_not_required
@require_safe
def address(request: HttpRequest) -> HttpResponse:
    """While the name is typed, the field with the address proposed for it, unless one has been typed; while that is
    typed, whether it is free."""
    if is_over_limit("address", client_network(request), times=200, seconds=60):
        message = _("Too many questions from your network. Wait a minute, then try again.")
        raise AppError("too_often", message, status=429, retry_after=60)
    typed = request.GET.get("address", "").strip().lower()[:200]
    of_name = request.htmx.trigger_name == "name"  # type: ignore[attr-defined]
    proposed = ""
    if of_name and typed in {"", request.GET.get("proposed", "")}:
        typed = proposed = names.proposed(request.GET.get("name", "")[:200])
    context = {
        "host": chains_host(),
        "typed": typed,
        "checked": bool(typed),
        "problem": names.problem_of(typed) if typed else None,
    }
    if not of_name:
        return render(request, "signup/partials/address_status.html", context)
    form = SignUpForm(initial={"address": typed, "proposed": proposed})
    return render(request, "signup/partials/address.html", {**context, "form": form})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def finder(request: HttpRequest) -> HttpResponse:
    """One answer to everybody; what is known goes to the address itself."""
    form = FinderForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "signup/finder.html", {"form": form}, status=400 if form.is_bound else 200)
    if is_over_limit("finder", client_network(request), times=20, seconds=HOUR):
        message = _("Too many questions from your network. Wait an hour, then try again.")
        raise AppError("too_often", message, status=429, retry_after=HOUR)
    if not send(tasks.send_addresses, form.cleaned_data["email"]):
        # Whom it is for is kept nowhere, so that nothing could send it later.
        raise AppError("no_worker", _("No mail can be sent just now. Try again in a minute."), status=503)
    return render(request, "signup/finder.html", {"sent_to": form.cleaned_data["email"]})
