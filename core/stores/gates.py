"""Who may see a store's pages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from core.accounts.gates import needs, signed_in
from core.stores.access import visible_stores
from core.stores.declaration import SEE_STORE_FIGURES
from core.stores.models import Store

P = ParamSpec("P")


def store_visible(
    view: Callable[Concatenate[HttpRequest, Store, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Figures of the store of the URL's `code`; one that the user does not see does not exist for the user."""

    @needs(SEE_STORE_FIGURES)
    @wraps(view)
    def gated(request: HttpRequest, /, code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        store = get_object_or_404(visible_stores(signed_in(request)), code=code)
        return view(request, store, *args, **kwargs)

    return gated
