"""Redirects to an invoice's page and PDF at Stripe; these URLs expire, so they are fetched on each request."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from billing.services.invoices import fetch_stripe_invoice
from billing.views.account import MANAGE
from core.accounts.gates import signed_in
from tenants.middleware import chain_of


@MANAGE
@require_safe
def page(request: HttpRequest, invoice_id: str) -> HttpResponse:
    invoice = fetch_stripe_invoice(chain_of(request), invoice_id, acting_user=signed_in(request))
    return _redirect_to(invoice.hosted_invoice_url)


@MANAGE
@require_safe
def pdf(request: HttpRequest, invoice_id: str) -> HttpResponse:
    invoice = fetch_stripe_invoice(chain_of(request), invoice_id, acting_user=signed_in(request))
    return _redirect_to(invoice.invoice_pdf)


def _redirect_to(address: str | None) -> HttpResponse:
    if not address:
        raise Http404
    return redirect(address)
