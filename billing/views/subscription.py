"""Subscribing, Stripe's pages, and ending the subscription."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.forms import OrderForm
from billing.orders import suggested
from billing.plans import CURRENCIES
from billing.presentation import account as words
from billing.presentation.allowances import of_the_plans
from billing.presentation.offers import choices, what_ends
from billing.services import changes
from billing.services.checkout import Ways, begin_checkout, first_payment_at, portal
from billing.services.invoices import invoice_to_pay_late
from billing.services.owners import RUNNING, read_again, require_account
from billing.usage import usage_of
from billing.views.account import MANAGE
from billing.views.stripe_pages import leads_to_stripe
from core.accounts.gates import signed_in
from core.shared.addresses import chain_url
from core.shared.errors import AppError
from tenants.middleware import chain_of


@MANAGE
@leads_to_stripe
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Plan, interval and stores; then Stripe's own page."""
    chain, user = chain_of(request), signed_in(request)
    account = require_account(chain, user)
    if request.method != "POST" and account.status in RUNNING:
        return redirect("billing:account")
    usage = usage_of(chain)
    currency = account.currency or _chosen(request) or words.default_currency(account)
    initial = {"choice": suggested(usage).choice, "stores": usage.quantity}
    form = OrderForm(request.POST or None, initial={**initial, **request.GET.dict()})
    refusal: AppError | None = None
    if request.method == "POST" and form.is_valid():
        ways = Ways(_absolute(request, "billing:paid"), _absolute(request, "billing:subscribe"))
        try:
            return redirect(begin_checkout(chain, form.order, currency=currency, ways=ways, acting_user=user))
        except AppError as error:
            refusal = error
    context = {
        "form": form,
        "refusal": refusal,
        "account": account,
        "currency": currency,
        "currencies": () if account.currency else tuple(CURRENCIES),
        "usage": usage,
        "choices": choices(
            usage,
            stores=form.stores_or(usage.quantity),
            currency=currency,
            chosen=str(form["choice"].value() or ""),
        ),
        "allowances": of_the_plans(),
        "owed": invoice_to_pay_late(account),
        "last_day": words.last_day(account),
        "first_payment": (first := first_payment_at(account)) and words.day_of(account, first),
    }
    return render(request, "billing/subscribe.html", context, status=_status(form, refusal))


@MANAGE
@require_safe
def paid(request: HttpRequest) -> HttpResponse:
    """Where Stripe's page leads after the payment, perhaps before the webhook comes."""
    account = require_account(chain_of(request), signed_in(request))
    try:
        account = read_again(account)
    except AppError:
        messages.warning(request, _("We have not heard of the payment yet. This page shows it as soon as it has come."))
        return redirect("billing:account")
    if account.status in RUNNING:
        messages.success(request, _("Thank you. %s") % words.standing(account))
    else:
        messages.warning(request, _("The payment has not come yet. This page shows it as soon as it has."))
    return redirect("billing:account")


@MANAGE
@leads_to_stripe
@require_POST
def payment_details(request: HttpRequest) -> HttpResponse:
    """Stripe's page for card, address, tax ids and invoices."""
    back = _absolute(request, "billing:returned")
    return redirect(portal(chain_of(request), back=back, acting_user=signed_in(request)))


@MANAGE
@require_safe
def returned(request: HttpRequest) -> HttpResponse:
    """Where Stripe's page leads back to: what was done there may be news."""
    try:
        read_again(require_account(chain_of(request), signed_in(request)))
    except AppError as error:
        if error.code != "billing_unavailable":
            raise
        messages.warning(request, str(error.message))
    return redirect("billing:account")


@MANAGE
@require_http_methods(["GET", "HEAD", "POST"])
def cancellation(request: HttpRequest) -> HttpResponse:
    chain, user = chain_of(request), signed_in(request)
    if request.method == "POST":
        account = changes.end_at_period(chain, acting_user=user)
        messages.success(request, words.standing(account))
        return redirect("billing:account")
    account = require_account(chain, user)
    if account.status not in RUNNING:
        return redirect("billing:account")
    usage = usage_of(chain)
    context = {"account": account, "day": words.last_day(account), "lost": what_ends(usage)}
    return render(request, "billing/cancellation.html", context)


@MANAGE
@require_POST
def cancellation_withdrawal(request: HttpRequest) -> HttpResponse:
    account = changes.go_on(chain_of(request), acting_user=signed_in(request))
    messages.success(request, words.standing(account))
    return redirect("billing:account")


def _chosen(request: HttpRequest) -> str:
    chosen = request.POST.get("currency") or request.GET.get("currency", "")
    return chosen if chosen in CURRENCIES else ""


def _absolute(request: HttpRequest, name: str) -> str:
    """At the host where the owner is signed in, which is one of the chain's; its port is not the request's to say."""
    host, _port = split_domain_port(request.get_host())
    return chain_url(host, reverse(name))


def _status(form: OrderForm, refusal: AppError | None) -> int:
    return refusal.status if refusal else 400 if form.errors else 200
