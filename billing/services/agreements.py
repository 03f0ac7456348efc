"""Enterprise agreements: negotiated entitlements, saved with the account and paid by invoices outside Stripe."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from billing.declaration import Action
from billing.models import Account
from billing.plans import PLANS
from billing.services.access import open_account, save_access
from core.audit.trail import record
from core.shared.errors import AppError
from core.shared.plans import Entitlements
from tenants.life.ownership import audit_subject
from tenants.models import Chain


def set_agreement(*, chain: Chain, entitlements: Entitlements) -> Account:
    """Set negotiated entitlements, which replace trial and subscription. Call outside any chain.

    Raises AppError while a subscription to one of our plans runs, so that nobody pays twice.
    """
    account = open_account(chain=chain)
    agreed = entitlements.as_json()
    del agreed["plan"]
    return _save_agreement(account, agreed)


def end_agreement(*, chain: Chain) -> Account:
    """End the agreement: trial or subscription count again. Raises AppError if there is none."""
    account = Account.objects.filter(chain=chain).first()
    if account is None or account.agreement is None:
        raise AppError("no_agreement", _("Nothing is agreed with this chain."), status=404)
    return _save_agreement(account, None)


def _save_agreement(account: Account, agreed: Mapping[str, Any] | None) -> Account:
    with transaction.atomic():
        account = Account.objects.select_for_update(of=("self",)).select_related("chain").get(pk=account.pk)
        # Checked under the lock, so that a subscription that starts meanwhile is seen.
        if agreed is not None and account.status in Account.RUNNING and account.plan in PLANS:
            message = _("The chain pays by a subscription. End it at Stripe first, so that nobody pays twice.")
            raise AppError("subscription_runs", message, status=409)
        before, account.agreement = account.agreement, agreed
        account.save(update_fields=["agreement"])
        save_access(account)
        with tenant_context(account.chain):
            record(
                action=Action.PLAN_AGREED,
                subject=audit_subject(account.chain),
                before=before or {},
                after=agreed or {},
            )
    return account
