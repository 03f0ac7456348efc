"""The page that changes plan, interval and number of stores: what it costs, then the button that does just that."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.forms import OrderForm
from billing.orders import Order
from billing.presentation import account as words
from billing.presentation.offers import choices
from billing.services.changes import Offer, PriceMovedError, make_change, offer_change
from billing.services.owners import RUNNING, require_account
from billing.usage import usage_of
from billing.views.account import MANAGE
from billing.views.stripe_pages import leads_to_stripe
from core.accounts.gates import signed_in
from core.shared.errors import AppError
from tenants.middleware import chain_of


@MANAGE
@leads_to_stripe
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """With `?choice=…&stores=…` what it costs; posted with the offer's token, it is done."""
    account = require_account(chain_of(request), signed_in(request))
    if account.status not in RUNNING:
        return redirect(f"{reverse('billing:subscribe')}?{request.GET.urlencode()}")
    now = Order.of(account)
    given = request.POST if request.method == "POST" else request.GET
    form = OrderForm({"choice": now.choice, "stores": now.stores, **given.dict()})
    if request.method == "POST":
        return _confirmed(request, form)
    return _page(request, form)


def _confirmed(request: HttpRequest, form: OrderForm) -> HttpResponse:
    try:
        account = make_change(chain_of(request), request.POST.get("token", ""), acting_user=signed_in(request))
    except PriceMovedError as error:
        return _page(request, form, refusal=error, offer=error.offer)
    except AppError as error:
        if error.status in {403, 404}:
            raise
        return _page(request, form, refusal=error)
    messages.success(request, _("Done: %s.") % words.order_named(Order.of(account)))
    return redirect(_next(request) or "billing:account")


def _page(
    request: HttpRequest, form: OrderForm, *, refusal: AppError | None = None, offer: Offer | None = None
) -> HttpResponse:
    chain, user = chain_of(request), signed_in(request)
    account = require_account(chain, user)
    if form.is_valid() and offer is None and form.order != Order.of(account):
        try:
            offer = offer_change(chain, form.order, acting_user=user)
        except AppError as error:
            refusal = refusal or error
    usage = usage_of(chain)
    context = {
        "account": account,
        "form": form,
        "now": words.order_named(Order.of(account)),
        "usage": usage,
        "choices": choices(
            usage,
            stores=form.stores_or(max(usage.quantity, account.quantity)),
            currency=account.currency,
            chosen=str(form["choice"].value()),
        ),
        "offer": offer,
        "wanted": words.order_named(offer.order) if offer else "",
        "begins_anew": offer is not None and offer.order.interval != account.interval,
        "period_ends": words.last_day(account),
        "refusal": refusal,
        "next": _next(request),
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "billing/change.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """A page of this chain to go on at."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    return asked if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else ""
