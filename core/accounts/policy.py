"""Enforces two-step sign-in where the chain, or the platform for its operators, requires it.

The database is queried at every request, so that a removed factor or a new requirement takes effect at once, in open
sessions too.
"""

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from core.accounts.models import SignInPolicy, User
from core.shared.chain import is_inside_chain

# Session key: the second factor was verified elsewhere.
SECOND_FACTOR_VERIFIED = "second-factor-proved-elsewhere"
# Views allowed without a factor: setting it up (which may take a confirmed address) and signing out.
ALLOWED_WITHOUT = ("mfa_", "account_", "language", "usersessions_")
ALWAYS_ALLOWED = ("account_logout", "language")


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponseBase | None:
        user = request.user
        # Nobody works at the platform's own address.
        if not isinstance(user, User) or getattr(request, "urlconf", "") == settings.PUBLIC_SCHEMA_URLCONF:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ALWAYS_ALLOWED or request.session.get(SECOND_FACTOR_VERIFIED) or not requires_second_factor():
            return None
        totp = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
        if totp is None:
            return None if name.startswith(ALLOWED_WITHOUT) else _redirect(request, resolve_url("mfa_activate_totp"))
        return None if _is_verified(request, user, totp) else _sign_out(request)


def requires_second_factor() -> bool:
    """The chain decides for its users; for operators it is a setting."""
    if not is_inside_chain():
        return bool(settings.CONSOLE_NEEDS_SECOND_FACTOR)
    return SignInPolicy.objects.filter(requires_second_factor=True).exists()


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def _is_verified(request: HttpRequest, user: User, totp: Authenticator) -> bool:
    """Whether this session had a second step: with a recovery code, or the authenticator app of now."""
    steps = [step for step in get_authentication_records(request, user) if step["method"] == "mfa"]
    return any(step.get("type") != Authenticator.Type.TOTP or step.get("id") == totp.pk for step in steps)


def _sign_out(request: HttpRequest) -> HttpResponseBase:
    """Ends a session without a second step: signing in again asks for it."""
    back = request.get_full_path() if request.method == "GET" and not getattr(request, "htmx", False) else ""
    logout(request)
    messages.info(request, _("Two-step sign-in is required now. Sign in again with a code of your authenticator app."))
    return _redirect(request, redirect_to_login(back).url if back else resolve_url("account_login"))


def _redirect(request: HttpRequest, url: str) -> HttpResponseBase:
    """Redirects the whole page, for htmx requests too."""
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else redirect(url)
