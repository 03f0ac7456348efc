"""The chain's stores: where they stand and how far their data reaches, opening and closing one."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.gates import needs, signed_in
from core.accounts.rights import Right
from core.reporting.charts.theme import tier_token
from core.reporting.completeness import completeness, last_day_of
from core.shared.errors import AppError
from core.shared.figures import day
from core.shared.wording import in_a_row
from core.stores.forms import ClosingForm, StoreForm
from core.stores.models import Store
from core.stores.selectors import NOWHERE, Place, city_tiers, places_on, stores_seen_by
from core.stores.services.stores import close_store, open_store, reopen_store
from core.stores.tiers import tier_label

ROWS = 100


@dataclass(frozen=True)
class StoreRow:
    store: Store
    place: Place
    tier: str
    token: str
    through: date | None
    stale: bool
    closed: bool

    @property
    def closes(self) -> bool:
        """Closed already, or on a day to come."""
        return self.store.closed_on is not None


@needs(Right.SEE_STORE_FIGURES)
@require_safe
def store_list(request: HttpRequest) -> HttpResponse:
    tomorrow = timezone.localdate() + timedelta(days=1)
    user = signed_in(request)
    page = Paginator(stores_seen_by(user), ROWS).get_page(request.GET.get("page"))
    places, tiers, data = places_on(tomorrow), city_tiers(), completeness()
    stale = set(data.stale_stores)
    rows = [
        _row(store, places.get(store.pk, NOWHERE), tiers, data.through.get(store.code), stale=store.code in stale)
        for store in page
    ]
    return render(request, "stores/list.html", {"pages": page, "rows": rows})


@needs(Right.MANAGE_STORES)
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


@needs(Right.MANAGE_STORES)
@require_http_methods(["GET", "HEAD", "POST"])
def closing(request: HttpRequest, code: str) -> HttpResponse:
    store = get_object_or_404(Store, code=code)
    form = ClosingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            close_store(code=code, acting_user=signed_in(request), **form.cleaned_data)
        except AppError as error:
            _shown(form, error)
        else:
            messages.success(request, _closed(store, form.cleaned_data["closed_on"]))
            return redirect("stores:list")
    return render(request, "stores/closing.html", {"form": form, "store": store}, status=400 if form.errors else 200)


@needs(Right.MANAGE_STORES)
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


def _closed(store: Store, closed_on: date) -> str:
    said = [_("“%s” is closed. You can open it again at any time.") % store]
    last = last_day_of(store.pk)
    if last is not None and last >= closed_on:
        said.append(
            _("It has visits until %(last)s. They stay; no more are taken from %(closed)s on.")
            % {"last": day(last), "closed": day(closed_on)}
        )
    return in_a_row(said)


def _shown(form: forms.Form, error: AppError) -> AppError | None:
    """At its field; what is no field's, such as a plan that is full, is the page's to show."""
    if error.field in form.fields:
        form.add_error(error.field, str(error.message))
        return None
    if error.code != "plan_limit":
        raise error
    return error


def _row(store: Store, place: Place, tiers: list[str], through: date | None, *, stale: bool) -> StoreRow:
    return StoreRow(
        store=store,
        place=place,
        tier=tier_label(place.city_tier),
        token=tier_token(place.city_tier, tiers),
        through=through,
        stale=stale,
        closed=store.closed_on is not None and store.closed_on <= timezone.localdate(),
    )
