"""A chain's invoices: which can still be paid, and their pages at Stripe."""

import stripe
from django.utils.translation import gettext as _

from billing import gateway
from billing.models import Account, Invoice
from billing.services.account_guards import require_account
from core.accounts.models import User
from core.shared.chain import outside_chain
from core.shared.errors import AppError
from tenants.models import Chain


def find_late_payable_invoice(account: Account) -> Invoice | None:
    """Return the unpaid invoice for which Stripe canceled the subscription, if paying it still buys the period.

    While a subscription runs, Stripe's portal shows open invoices itself.
    """
    if not account.is_payable_late:
        return None
    with outside_chain():
        invoices = Invoice.objects.filter(account=account)
        return invoices.filter(status="open").last() or invoices.filter(status="uncollectible").first()


def fetch_stripe_invoice(chain: Chain, invoice_id: str, *, acting_user: User) -> stripe.Invoice:
    """Fetch an invoice of this chain from Stripe. Raises AppError: not an owner, unknown invoice, no answer."""
    account = require_account(chain, acting_user)
    with outside_chain():
        is_theirs = Invoice.objects.filter(account=account, pk=invoice_id).exists()
    if not is_theirs:
        raise AppError("no_invoice", _("There is no such invoice."), status=404)
    with gateway.app_errors_for_stripe():
        return gateway.client().v1.invoices.retrieve(invoice_id)
