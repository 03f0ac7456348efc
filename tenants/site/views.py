"""Home, prices, privacy and terms."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from core.shared.countries import COUNTRIES
from tenants.life.erasure import GRACE_DAYS
from tenants.signup.forms import guessed_country
from tenants.site.forms import PriceForm
from tenants.site.price_list import CHAIN, CURRENCIES, SOLO, month_of

STORES = 12


@dataclass(frozen=True)
class PriceLine:
    """A step of the price list as it is shown: the stores from number `first` through `last` (None: and more)."""

    first: int
    last: int | None
    price: int


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "site/home.html")


@login_not_required
@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """With `?stores=…&currency=…`, what it comes to for so many."""
    currency = _currency(request)
    form = PriceForm({"stores": STORES, "currency": currency, **request.GET.dict()})
    if form.is_valid():
        currency = form.cleaned_data["currency"]
        stores: int = form.cleaned_data["stores"]
    context = {
        "form": form,
        "currency": currency,
        "sign": CURRENCIES[currency],
        "solo": SOLO[currency],
        "lines": _lines(currency),
        **({"stores": stores, "month": month_of(stores, currency)} if form.is_valid() else {}),
    }
    return render(request, "site/prices.html", context, status=200 if form.is_valid() else 400)


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "takes_cards": bool(settings.STRIPE_SECRET_KEY),
        "file_days": settings.KEEP_FILES_DAYS,
        "export_days": settings.KEEP_EXPORTS_DAYS,
        "grace_days": GRACE_DAYS,
        "backup_days": settings.BACKUP_KEPT_DAYS,
    }
    return render(request, "site/privacy.html", context)


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "site/terms.html", {"grace_days": GRACE_DAYS})


def _currency(request: HttpRequest) -> str:
    """Of the reader's country, as far as the browser tells of one, if prices are in it."""
    chosen = request.GET.get("currency", "")
    if chosen in CURRENCIES:
        return chosen
    country = guessed_country(request.headers.get("accept-language", ""))
    if (get_language() or "").startswith("zh"):
        country = "CN"
    found = COUNTRIES[country].currency
    return found if found in CURRENCIES else "USD"


def _lines(currency: str) -> list[PriceLine]:
    firsts = [1, *(step.through + 1 for step in CHAIN if step.through is not None)]
    return [PriceLine(first, step.through, step.a_store[currency]) for first, step in zip(firsts, CHAIN, strict=True)]
