"""An invoice's page and PDF at Stripe, whose addresses expire and so are asked for when they are wanted."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from billing.services.invoices import invoice_at_stripe
from billing.views.account import MANAGE
from core.accounts.gates import signed_in
from tenants.middleware import chain_of


@MANAGE
@require_safe
def page(request: HttpRequest, invoice_id: str) -> HttpResponse:
    found = invoice_at_stripe(chain_of(request), invoice_id, acting_user=signed_in(request))
    return _to(found.hosted_invoice_url)


@MANAGE
@require_safe
def pdf(request: HttpRequest, invoice_id: str) -> HttpResponse:
    found = invoice_at_stripe(chain_of(request), invoice_id, acting_user=signed_in(request))
    return _to(found.invoice_pdf)


def _to(address: str | None) -> HttpResponse:
    if not address:
        raise Http404
    return redirect(address)
