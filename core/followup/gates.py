"""Who may see a store's follow-up list, and whom of its clients."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from core.accounts.gates import needs, signed_in
from core.accounts.models import User
from core.clients.models import Client
from core.followup.declaration import FOLLOW_UP
from core.followup.models import Contact
from core.stores.access import visible_stores
from core.stores.models import Store
from core.visits.models import Visit

P = ParamSpec("P")


def of_store(
    view: Callable[Concatenate[HttpRequest, Store, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Of the store of the URL's `code`; one that the user does not see does not exist for the user."""

    @needs(FOLLOW_UP)
    @wraps(view)
    def gated(request: HttpRequest, /, code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        store = get_object_or_404(visible_stores(signed_in(request)), code=code)
        return view(request, store, *args, **kwargs)

    return gated


def client_and_store(user: User, client_id: int) -> tuple[Client, Store]:
    """A client who has visited a store that the user sees, and the last such store. Raises Http404."""
    visits = Visit.objects.filter(store__in=visible_stores(user))
    client = get_object_or_404(Client.objects.filter(Exists(visits.filter(client=OuterRef("pk")))), pk=client_id)
    last = visits.filter(client=client).order_by("-day", "-pk").select_related("store").first()
    if last is None:
        raise Http404
    return client, last.store


def contact_seen_by(user: User, contact_id: int) -> Contact:
    """Raises Http404."""
    contacts = Contact.objects.filter(store__in=visible_stores(user)).select_related("client", "store")
    return get_object_or_404(contacts, pk=contact_id)
