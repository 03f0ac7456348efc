"""The account page: plan, usage, invoices, and the next invoice."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing import gateway
from billing.declaration import MANAGE_BILLING
from billing.models import Account, Invoice
from billing.orders import Order
from billing.plans import PLANS
from billing.presentation import account as account_texts
from billing.presentation.allowances import LABELS, NOT_YET_AVAILABLE
from billing.presentation.money import amount
from billing.services.access import compute_access
from billing.services.account_guards import find_account
from billing.services.invoices import find_late_payable_invoice
from billing.services.plan_changes import preview_next_invoice
from billing.usage import Usage, get_usage
from billing.views.stripe_pages import allow_redirect_to_stripe
from core.accounts.gates import needs, signed_in
from core.shared.chain import outside_chain
from core.shared.errors import AppError
from tenants.middleware import chain_of

ROWS = 24
MANAGE = needs(MANAGE_BILLING)


@MANAGE
@allow_redirect_to_stripe
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    billing_account = find_account(chain_of(request))
    if billing_account is None:
        return render(request, "billing/no_account.html")
    usage = get_usage(chain_of(request))
    currency = account_texts.default_currency(billing_account)
    context = {
        "account": billing_account,
        "plan": account_texts.plan_name(billing_account),
        "standing": account_texts.describe_standing(billing_account),
        "order": account_texts.describe_order(Order.of(billing_account)) if _has_order(billing_account) else "",
        "runs": billing_account.status in Account.RUNNING,
        "in_order": billing_account.status in Account.GOOD_STANDING
        and billing_account.cancels_at is None
        and billing_account.plan in PLANS,
        "is_owing": billing_account.status in Account.RUNNING - Account.GOOD_STANDING,
        "uses": _uses(billing_account, usage),
        "next": account_texts.suggest_next_plan(billing_account, usage, currency),
        "has_fapiao": billing_account.chain.country == "CN",
        "standin": settings.STRIPE_STANDIN_URL,
        "is_on": gateway.is_configured(),
        **_invoices(request, billing_account),
    }
    return render(request, "billing/account.html", context)


@MANAGE
@require_safe
def upcoming(request: HttpRequest) -> HttpResponse:
    """The next invoice, as a fragment, since it needs a call to Stripe."""
    try:
        due = preview_next_invoice(chain_of(request), acting_user=signed_in(request))
        text = _("%s, as things are now") % amount(due.amount_due, due.currency.upper())
    except AppError as error:
        text = str(error.message)
    return render(request, "billing/upcoming.html", {"text": text})


def _has_order(account: Account) -> bool:
    return account.status in Account.RUNNING and account.plan in PLANS


def _uses(account: Account, usage: Usage) -> list[dict[str, Any]]:
    """Return usage against limits, and the features of the plan."""
    allowed = compute_access(account).entitlements
    counted = {"stores": usage.stores, "staff": usage.staff}
    rows = []
    for name, title in LABELS.items():
        limit = getattr(allowed, name)
        rows.append(
            {
                "title": title,
                "used": (used := counted.get(name)),
                "most": max(used or 0, limit or 0),
                "limit": None if isinstance(limit, bool) else limit,
                "has": limit if isinstance(limit, bool) else None,
                "is_there": name not in NOT_YET_AVAILABLE,
            }
        )
    return rows


def _invoices(request: HttpRequest, account: Account) -> dict[str, Any]:
    with outside_chain():
        pages = Paginator(Invoice.objects.filter(account=account), ROWS).get_page(request.GET.get("page"))
        rows = [account_texts.invoice_row(invoice, account) for invoice in pages]
    return {"pages": pages, "invoices": rows, "owed": find_late_payable_invoice(account)}
