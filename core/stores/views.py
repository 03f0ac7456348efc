"""Opening a store, editing it, closing it."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.gates import needs, signed_in
from core.shared.errors import AppError, show_error
from core.shared.merged import is_named
from core.shared.sentences import join_sentences
from core.stores.declaration import MANAGE_STORES
from core.stores.forms import ClosingForm, StoreEditForm, StoreForm
from core.stores.models import Store, StoreGroup
from core.stores.services.editing import change_store, delete_store
from core.stores.services.stores import close_store, open_store, reopen_store
from core.stores.signals import store_closed


@needs(MANAGE_STORES)
@require_http_methods(["GET", "HEAD", "POST"])
def opening(request: HttpRequest) -> HttpResponse:
    form = StoreForm(request.POST or None, initial=request.GET.dict())
    refusal: AppError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            store = open_store(acting_user=signed_in(request), **form.cleaned_data)
        except AppError as error:
            refusal = _shown(form, error)
        else:
            messages.success(request, _("“%s” is open.") % store)
            return redirect("stores:list")
    status = refusal.status if refusal else 400 if form.errors else 200
    # Where to go on once there is room, with what was typed.
    again = f"{reverse('stores:opening')}?{urlencode({name: request.POST.get(name, '') for name in form.fields})}"
    context = {"form": form, "refusal": refusal, "again": again}
    return render(request, "stores/opening.html", context, status=status)


@needs(MANAGE_STORES)
@require_http_methods(["GET", "HEAD", "POST"])
def editing(request: HttpRequest, code: str) -> HttpResponse:
    store = get_object_or_404(Store, code=code)
    form = StoreEditForm(store, request.POST or None)
    if request.method == "POST" and form.is_valid():
        since = form.cleaned_data["since"]
        try:
            changed = change_store(
                code=code, values=form.values, place=form.place, since=since, acting_user=signed_in(request)
            )
        except AppError as error:
            _shown(form, error)
        else:
            messages.success(request, _("“%s” is saved.") % changed)
            return redirect("stores:list")
    members = store.group_members.select_related("group").order_by("group__name", "valid_from")
    context = {
        "form": form,
        "store": store,
        "has_records": is_named(store),
        "members": members,
        "groups": StoreGroup.objects.exclude(members__in=members.filter(valid_until=None)).order_by("name"),
    }
    return render(request, "stores/editing.html", context, status=400 if form.errors else 200)


@needs(MANAGE_STORES)
@require_POST
def deletion(request: HttpRequest, code: str) -> HttpResponse:
    store = get_object_or_404(Store, code=code)
    delete_store(code=code, acting_user=signed_in(request))
    messages.success(request, _("“%s” is deleted.") % store)
    return redirect("stores:list")


@needs(MANAGE_STORES)
@require_http_methods(["GET", "HEAD", "POST"])
def closing(request: HttpRequest, code: str) -> HttpResponse:
    store = get_object_or_404(Store, code=code)
    form = ClosingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closed = close_store(code=code, acting_user=signed_in(request), **form.cleaned_data)
        except AppError as error:
            _shown(form, error)
        else:
            messages.success(request, _closed(closed))
            return redirect("stores:list")
    return render(request, "stores/closing.html", {"form": form, "store": store}, status=400 if form.errors else 200)


@needs(MANAGE_STORES)
@require_POST
def reopening(request: HttpRequest, code: str) -> HttpResponse:
    get_object_or_404(Store, code=code)
    try:
        store = reopen_store(code=code, acting_user=signed_in(request))
    except AppError as error:
        if error.code != "plan_limit":
            raise
        return render(request, "stores/no_room.html", {"refusal": error}, status=error.status)
    messages.success(request, _("“%s” is open.") % store)
    return redirect("stores:list")


def _closed(store: Store) -> str:
    sentences = [_("“%s” is closed. You can open it again at any time.") % store]
    sentences += [answer for _receiver, answer in store_closed.send(Store, store=store) if answer]
    return join_sentences(sentences)


def _shown(form: forms.Form, error: AppError) -> AppError | None:
    """At its field; what is no field's, such as a plan that is full, is the page's to show."""
    if error.field in form.fields:
        show_error(form, error)
        return None
    if error.code != "plan_limit":
        raise error
    return error
