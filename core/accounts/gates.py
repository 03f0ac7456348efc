"""Who may see a view: small named decorators."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.accounts.models import User
from core.accounts.rights import Right

P = ParamSpec("P")


def signed_in(request: HttpRequest) -> User:
    """The user, whom LoginRequiredMiddleware has made sure of."""
    return cast("User", request.user)


def needs(
    right: Right,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponseBase]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]
]:
    """Only users whose role has the right."""

    def gate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def gated(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not signed_in(request).may(right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return gated

    return gate
