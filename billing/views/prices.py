"""The public price page."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from billing.forms import PriceForm
from billing.plans import CHAIN, CURRENCIES, INTERVALS, MONTHS_PAID_A_YEAR, SOLO, TRIAL_DAYS, Interval
from billing.presentation.allowances import compare_plans
from core.shared.countries import COUNTRIES
from core.shared.figures import count
from tenants.signup.forms import guess_country

STORES = 12


@dataclass(frozen=True)
class PriceLine:
    """A step of the prices as it is shown: the stores from number `first` through `last` (None: and more)."""

    first: int
    last: int | None
    price: int


@login_not_required
@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """Show prices; with `?stores=…&interval=…&currency=…` also the total."""
    currency, interval = _currency(request), _interval(request)
    data = {"stores": STORES, **request.GET.dict()}
    form = PriceForm({"currency": currency, "interval": interval, **data})
    context = {
        "form": form,
        "currency": currency,
        "interval": interval,
        "solo": SOLO.amount(1, currency, interval),
        "lines": _lines(currency, interval),
        "allowances": compare_plans(),
        "most_stores": count(CHAIN.max_stores),
        "trial_days": TRIAL_DAYS,
        "months_paid": MONTHS_PAID_A_YEAR,
    }
    if form.is_valid():
        stores: int = form.cleaned_data["stores"]
        plan = SOLO if stores == 1 else CHAIN
        context |= {"stores": stores, "total": plan.amount(stores, currency, interval)}
    return render(request, "billing/prices.html", context, status=200 if form.is_valid() else 400)


def _currency(request: HttpRequest) -> str:
    """Return the requested currency, else that of the country the browser suggests, else USD."""
    requested = request.GET.get("currency", "")
    if requested in CURRENCIES:
        return requested
    country = guess_country(request.headers.get("accept-language", ""))
    if (get_language() or "").startswith("zh"):
        country = "CN"
    currency = COUNTRIES[country].currency
    return currency if currency in CURRENCIES else "USD"


def _interval(request: HttpRequest) -> Interval:
    requested = request.GET.get("interval", "")
    return next((interval for interval in INTERVALS if interval == requested), "month")


def _lines(currency: str, interval: Interval) -> list[PriceLine]:
    months = MONTHS_PAID_A_YEAR if interval == "year" else 1
    firsts = [1, *(tier.up_to + 1 for tier in CHAIN.tiers if tier.up_to is not None)]
    return [
        PriceLine(first, tier.up_to, tier.unit_amounts[currency] * months)
        for first, tier in zip(firsts, CHAIN.tiers, strict=True)
    ]
