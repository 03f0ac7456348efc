"""How the chain's account stands: plan, use, invoices; and what Stripe's next invoice will be."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing import gateway
from billing.models import Account, Invoice
from billing.orders import Order
from billing.plans import PLANS
from billing.presentation import account as words
from billing.presentation.allowances import NOT_THERE_YET, TITLES
from billing.presentation.figures import amount
from billing.services.access import access_of
from billing.services.changes import next_invoice
from billing.services.invoices import invoice_to_pay_late
from billing.services.owners import IN_ORDER, RUNNING, account_of
from billing.usage import Usage, usage_of
from billing.views.stripe_pages import leads_to_stripe
from core.accounts.gates import needs, signed_in
from core.accounts.rights import Right
from core.shared.errors import AppError
from tenants.middleware import chain_of
from tenants.postgresql_backend.platform import as_platform

ROWS = 24
MANAGE = needs(Right.MANAGE_BILLING)


@MANAGE
@leads_to_stripe
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    found = account_of(chain_of(request))
    if found is None:
        return render(request, "billing/no_account.html")
    usage = usage_of(chain_of(request))
    currency = words.default_currency(found)
    context = {
        "account": found,
        "plan": words.plan_name(found),
        "standing": words.standing(found),
        "order": words.order_named(Order.of(found)) if _has_order(found) else "",
        "runs": found.status in RUNNING,
        "in_order": found.status in IN_ORDER and found.cancels_at is None and found.plan in PLANS,
        "is_owing": found.status in RUNNING - IN_ORDER,
        "uses": _uses(found, usage),
        "next": words.next_plan(found, usage, currency),
        "has_fapiao": found.chain.country == "CN",
        "standin": settings.STRIPE_STANDIN_URL,
        "is_on": gateway.is_configured(),
        **_invoices(request, found),
    }
    return render(request, "billing/account.html", context)


@MANAGE
@require_safe
def upcoming(request: HttpRequest) -> HttpResponse:
    """A piece of the page, since Stripe is asked for it."""
    try:
        due = next_invoice(chain_of(request), acting_user=signed_in(request))
        text = _("%s, as things are now") % amount(due.amount_due, due.currency.upper())
    except AppError as error:
        text = str(error.message)
    return render(request, "billing/upcoming.html", {"text": text})


def _has_order(account: Account) -> bool:
    return account.status in RUNNING and account.plan in PLANS


def _uses(account: Account, usage: Usage) -> list[dict[str, Any]]:
    """What is counted against what is allowed, and what is simply there or not."""
    allowed = access_of(account).entitlements
    counted = {"stores": usage.stores, "staff": usage.staff}
    rows = []
    for name, title in TITLES.items():
        limit = getattr(allowed, name)
        rows.append(
            {
                "title": title,
                "used": (used := counted.get(name)),
                "most": max(used or 0, limit or 0),
                "limit": None if isinstance(limit, bool) else limit,
                "has": limit if isinstance(limit, bool) else None,
                "is_there": name not in NOT_THERE_YET,
            }
        )
    return rows


def _invoices(request: HttpRequest, account: Account) -> dict[str, Any]:
    with as_platform():
        pages = Paginator(Invoice.objects.filter(account=account), ROWS).get_page(request.GET.get("page"))
        rows = [words.invoice_row(invoice, account) for invoice in pages]
    return {"pages": pages, "invoices": rows, "owed": invoice_to_pay_late(account)}
