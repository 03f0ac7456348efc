"""The chain's own cities: what they count to instead of, or beyond, the built-in list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.gates import needs, signed_in
from core.shared.errors import AppError, show_error
from core.shared.lists import page_of
from core.stores.cities import built_in
from core.stores.declaration import MANAGE_STORES
from core.stores.forms import CityForm, CityPlaceForm
from core.stores.models import City
from core.stores.selectors import city_tiers, regions
from core.stores.services.cities import remove_city, set_city
from core.stores.tiers import CITY_TIERS, tier_label

ROWS = 100
# What the list sorts by, and the fields that stand for it.
COLUMNS = {"name": ("name",), "tier": ("tier", "name"), "region": ("region", "name")}


@needs(MANAGE_STORES)
@require_http_methods(["GET", "HEAD", "POST"])
def city_list(request: HttpRequest) -> HttpResponse:
    form = CityForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _saved(request, form, **form.cleaned_data):
        return redirect("stores:cities")
    page = page_of(City.objects.order_by("name"), request, ROWS, COLUMNS)
    return _rendered(request, "stores/cities.html", form, pages=page, built_in=len(built_in()))


@needs(MANAGE_STORES)
@require_http_methods(["GET", "HEAD", "POST"])
def city(request: HttpRequest, city_id: int) -> HttpResponse:
    known = get_object_or_404(City, pk=city_id)
    form = CityPlaceForm(request.POST or None, initial={"tier": tier_label(known.tier), "region": known.region})
    if request.method == "POST" and form.is_valid() and _saved(request, form, name=known.name, **form.cleaned_data):
        return redirect("stores:cities")
    return _rendered(request, "stores/city.html", form, city=known, built_in=built_in().get(known.name))


@needs(MANAGE_STORES)
@require_POST
def removal(request: HttpRequest, city_id: int) -> HttpResponse:
    name = get_object_or_404(City, pk=city_id).name
    remove_city(name=name, acting_user=signed_in(request))
    messages.success(request, _("“%s” is taken out of your list.") % name)
    return redirect("stores:cities")


def _saved(request: HttpRequest, form: forms.Form, **values: str) -> bool:
    """Otherwise the form says why not."""
    try:
        saved = set_city(acting_user=signed_in(request), **values)
    except AppError as error:
        if error.field not in form.fields:
            raise
        show_error(form, error)
        return False
    messages.success(request, _("“%s” is saved.") % saved)
    return True


def _rendered(request: HttpRequest, template: str, form: forms.Form, **context: Any) -> HttpResponse:
    tiers = dict.fromkeys(map(tier_label, [*CITY_TIERS, *city_tiers()]))
    context = {**context, "form": form, "tiers": tiers, "regions": regions()}
    return render(request, template, context, status=400 if form.errors else 200)
