"""The page that changes plan, interval and number of stores: first the price, then the confirmation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.forms import OrderForm
from billing.orders import Order
from billing.presentation import account as account_texts
from billing.presentation.plan_choices import plan_choices
from billing.services.account_guards import require_account
from billing.services.plan_changes import Offer, PriceChangedError, apply_change, preview_change
from billing.usage import get_usage
from billing.views.account import MANAGE
from billing.views.stripe_pages import allow_redirect_to_stripe
from core.accounts.gates import signed_in
from core.shared.errors import AppError
from tenants.middleware import chain_of


@MANAGE
@allow_redirect_to_stripe
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Show the price for `?choice=…&stores=…`; posted with the offer's token, apply it."""
    account = require_account(chain_of(request), signed_in(request))
    if account.status not in account.RUNNING:
        return redirect(f"{reverse('billing:subscribe')}?{request.GET.urlencode()}")
    current = Order.of(account)
    data = request.POST if request.method == "POST" else request.GET
    form = OrderForm({"choice": current.choice, "stores": current.stores, **data.dict()})
    if request.method == "POST":
        return _confirm(request, form)
    return _render(request, form)


def _confirm(request: HttpRequest, form: OrderForm) -> HttpResponse:
    try:
        account = apply_change(chain_of(request), request.POST.get("token", ""), acting_user=signed_in(request))
    except PriceChangedError as error:
        return _render(request, form, refusal=error, offer=error.offer)
    except AppError as error:
        if error.status in {403, 404}:
            raise
        return _render(request, form, refusal=error)
    messages.success(request, _("Done: %s.") % account_texts.describe_order(Order.of(account)))
    return redirect(_next(request) or "billing:account")


def _render(
    request: HttpRequest, form: OrderForm, *, refusal: AppError | None = None, offer: Offer | None = None
) -> HttpResponse:
    chain, user = chain_of(request), signed_in(request)
    account = require_account(chain, user)
    if form.is_valid() and offer is None and form.order != Order.of(account):
        try:
            offer = preview_change(chain, form.order, acting_user=user)
        except AppError as error:
            refusal = refusal or error
    usage = get_usage(chain)
    context = {
        "account": account,
        "form": form,
        "now": account_texts.describe_order(Order.of(account)),
        "usage": usage,
        "choices": plan_choices(
            usage,
            stores=form.stores_or(max(usage.quantity, account.quantity)),
            currency=account.currency,
            selected=str(form["choice"].value()),
        ),
        "offer": offer,
        "wanted": account_texts.describe_order(offer.order) if offer else "",
        "begins_anew": offer is not None and offer.order.interval != account.interval,
        "period_ends": account_texts.last_day(account),
        "refusal": refusal,
        "next": _next(request),
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "billing/change.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """Return the page of this chain to continue at, from `next`."""
    url = request.POST.get("next") or request.GET.get("next", "")
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""
