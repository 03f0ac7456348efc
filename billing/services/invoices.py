"""A chain's invoices, as Stripe has them now."""

import stripe
from django.utils.translation import gettext as _

from billing import gateway
from billing.models import Account, Invoice
from billing.services.owners import require_account
from core.accounts.models import User
from core.shared.errors import AppError
from tenants.models import Chain
from tenants.postgresql_backend.platform import as_platform


def invoice_to_pay_late(account: Account) -> Invoice | None:
    """Where Stripe has ended the subscription for it; while one runs, Stripe's page for the card leads there."""
    if not account.can_be_paid_late:
        return None
    with as_platform():
        found = Invoice.objects.filter(account=account)
        return found.filter(status="open").last() or found.filter(status="uncollectible").first()


def invoice_at_stripe(chain: Chain, invoice_id: str, *, acting_user: User) -> stripe.Invoice:
    """Raises AppError: not an owner, no invoice of this chain, no answer."""
    account = require_account(chain, acting_user)
    with as_platform():
        is_theirs = Invoice.objects.filter(account=account, pk=invoice_id).exists()
    if not is_theirs:
        raise AppError("no_invoice", _("There is no such invoice."), status=404)
    with gateway.asking():
        return gateway.client().v1.invoices.retrieve(invoice_id)
