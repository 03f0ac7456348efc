"""Sends those to the set-up of a second factor who are asked for one: by their chain, or as operators."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from core.accounts.models import SignInPolicy, User
from core.shared.chain import is_inside_chain

KEY = "requires-second-factor"
SECONDS = 60
# What can be done without one: setting it up (which may take a confirmed address), and leaving.
OPEN = ("mfa_", "account_", "language", "usersessions_")


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
        if name.startswith(OPEN) or not requires_second_factor() or _has_second_factor(request, user):
            return None
        return redirect("mfa_activate_totp")


def requires_second_factor() -> bool:
    """The chain entered says so itself; for the platform's own people it is a setting."""
    if not is_inside_chain():
        return bool(settings.CONSOLE_NEEDS_SECOND_FACTOR)
    required = cache.get(KEY)
    if required is None:
        required = SignInPolicy.objects.filter(requires_second_factor=True).exists()
        cache.set(KEY, required, SECONDS)
    return bool(required)


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def _has_second_factor(request: HttpRequest, user: User) -> bool:
    """Asked of the database until it is so, and then known for the session."""
    if not request.session.get(KEY):
        if not has_second_factor(user):
            return False
        request.session[KEY] = True
    return True
