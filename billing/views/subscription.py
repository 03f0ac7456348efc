"""Pages to subscribe, to return from Stripe's pages, and to cancel."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.forms import OrderForm
from billing.orders import suggest_order
from billing.plans import CURRENCIES
from billing.presentation import account as account_texts
from billing.presentation.allowances import compare_plans
from billing.presentation.plan_choices import cancellation_effects, plan_choices
from billing.services import plan_changes
from billing.services.account_guards import refresh_from_stripe, require_account
from billing.services.checkout import ReturnUrls, create_portal_session, first_payment_at, start_checkout
from billing.services.invoices import find_late_payable_invoice
from billing.usage import get_usage
from billing.views.account import MANAGE
from billing.views.stripe_pages import allow_redirect_to_stripe
from core.accounts.gates import signed_in
from core.shared.addresses import chain_url
from core.shared.errors import AppError
from tenants.middleware import chain_of


@MANAGE
@allow_redirect_to_stripe
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Choose plan, interval and stores, then continue to Stripe's checkout."""
    chain, user = chain_of(request), signed_in(request)
    account = require_account(chain, user)
    if request.method != "POST" and account.status in account.RUNNING:
        return redirect("billing:account")
    usage = get_usage(chain)
    currency = account.currency or _chosen_currency(request) or account_texts.default_currency(account)
    initial = {"choice": suggest_order(usage).choice, "stores": usage.quantity}
    form = OrderForm(request.POST or None, initial={**initial, **request.GET.dict()})
    refusal: AppError | None = None
    if request.method == "POST" and form.is_valid():
        return_urls = ReturnUrls(_absolute_url(request, "billing:paid"), _absolute_url(request, "billing:subscribe"))
        try:
            return redirect(
                start_checkout(chain, form.order, currency=currency, return_urls=return_urls, acting_user=user)
            )
        except AppError as error:
            refusal = error
    context = {
        "form": form,
        "refusal": refusal,
        "account": account,
        "currency": currency,
        "currencies": () if account.currency else tuple(CURRENCIES),
        "usage": usage,
        "choices": plan_choices(
            usage,
            stores=form.stores_or(usage.quantity),
            currency=currency,
            selected=str(form["choice"].value() or ""),
        ),
        "allowances": compare_plans(),
        "owed": find_late_payable_invoice(account),
        "last_day": account_texts.last_day(account),
        "first_payment": (first := first_payment_at(account)) and account_texts.local_day(account, first),
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "billing/subscribe.html", context, status=status)


@MANAGE
@require_safe
def paid(request: HttpRequest) -> HttpResponse:
    """The return from Stripe's checkout, possibly before the webhook has arrived."""
    account = require_account(chain_of(request), signed_in(request))
    try:
        account = refresh_from_stripe(account)
    except AppError:
        messages.warning(request, _("We have not heard of the payment yet. This page shows it as soon as it has come."))
        return redirect("billing:account")
    if account.status in account.RUNNING:
        messages.success(request, _("Thank you. %s") % account_texts.describe_standing(account))
    else:
        messages.warning(request, _("The payment has not come yet. This page shows it as soon as it has."))
    return redirect("billing:account")


@MANAGE
@allow_redirect_to_stripe
@require_POST
def payment_details(request: HttpRequest) -> HttpResponse:
    """Redirect to Stripe's customer portal."""
    back = _absolute_url(request, "billing:returned")
    return redirect(create_portal_session(chain_of(request), back=back, acting_user=signed_in(request)))


@MANAGE
@require_safe
def returned(request: HttpRequest) -> HttpResponse:
    """The return from Stripe's customer portal: refresh, since something may have changed there."""
    try:
        refresh_from_stripe(require_account(chain_of(request), signed_in(request)))
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
        account = plan_changes.cancel_at_period_end(chain, acting_user=user)
        messages.success(request, account_texts.describe_standing(account))
        return redirect("billing:account")
    account = require_account(chain, user)
    if account.status not in account.RUNNING:
        return redirect("billing:account")
    usage = get_usage(chain)
    context = {"account": account, "day": account_texts.last_day(account), "lost": cancellation_effects(usage)}
    return render(request, "billing/cancellation.html", context)


@MANAGE
@require_POST
def cancellation_withdrawal(request: HttpRequest) -> HttpResponse:
    account = plan_changes.undo_cancellation(chain_of(request), acting_user=signed_in(request))
    messages.success(request, account_texts.describe_standing(account))
    return redirect("billing:account")


def _chosen_currency(request: HttpRequest) -> str:
    requested = request.POST.get("currency") or request.GET.get("currency", "")
    return requested if requested in CURRENCIES else ""


def _absolute_url(request: HttpRequest, name: str) -> str:
    """At the host where the owner is signed in, which is one of the chain's; its port is not the request's to say."""
    host, _port = split_domain_port(request.get_host())
    return chain_url(host, reverse(name))
