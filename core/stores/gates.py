"""Who may see a store's pages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from core.accounts.gates import signed_in
from core.stores.access import visible_stores
from core.stores.declaration import SEE_STORE_FIGURES
from core.stores.models import Store

P = ParamSpec("P")


def store_visible(
    view: Callable[Concatenate[HttpRequest, Store, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Figures of the store of the URL's `code`; one that the user does not see does not exist for the user."""

    @wraps(view)
    def gated(request: HttpRequest, /, code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = signed_in(request)
        if not user.may(SEE_STORE_FIGURES):
            raise PermissionDenied
        store = visible_stores(user).filter(code=code).first()
        if store is None:
            raise Http404
        return view(request, store, *args, **kwargs)

    return gated
