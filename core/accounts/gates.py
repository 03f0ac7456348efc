"""Who may see a view: small named decorators."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from core.accounts.models import User
from core.accounts.rights import Right
from core.stores.models import Store
from core.stores.selectors import stores_seen_by

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


def store_visible(
    view: Callable[Concatenate[HttpRequest, Store, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Figures of the store of the URL's `code`; one that the user does not see does not exist for the user."""

    @wraps(view)
    def gated(request: HttpRequest, /, code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = signed_in(request)
        if not user.may(Right.SEE_STORE_FIGURES):
            raise PermissionDenied
        store = stores_seen_by(user).filter(code=code).first()
        if store is None:
            raise Http404
        return view(request, store, *args, **kwargs)

    return gated
