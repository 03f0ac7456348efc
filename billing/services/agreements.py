"""Enterprise: what a chain may do is agreed, kept with its account, and paid by invoices made elsewhere."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from billing.models import Account
from billing.plans import PLANS
from billing.services.access import give_access
from billing.services.accounts import open_account
from billing.services.owners import RUNNING
from core.audit.actions import Action
from core.audit.trail import record
from core.shared.errors import AppError
from core.shared.plans import Entitlements
from tenants.life.owners import as_subject
from tenants.models import Chain


def agree(*, chain: Chain, allows: Entitlements) -> Account:
    """From now on, in place of trial and subscription. Called outside any chain. Raises AppError where a subscription
    to one of our plans runs: nobody is to pay twice."""
    account = open_account(chain=chain)
    agreed = allows.as_json()
    del agreed["plan"]
    return _keep(account, agreed)


def end_agreement(*, chain: Chain) -> Account:
    """What the trial or a subscription gives counts again. Raises AppError where nothing was agreed."""
    account = Account.objects.filter(chain=chain).first()
    if account is None or account.agreement is None:
        raise AppError("no_agreement", _("Nothing is agreed with this chain."), status=404)
    return _keep(account, None)


def _keep(account: Account, agreed: Mapping[str, Any] | None) -> Account:
    with transaction.atomic():
        account = Account.objects.select_for_update(of=("self",)).select_related("chain").get(pk=account.pk)
        # Under the lock, so that one that begins meanwhile is seen.
        if agreed is not None and account.status in RUNNING and account.plan in PLANS:
            message = _("The chain pays by a subscription. End it at Stripe first, so that nobody pays twice.")
            raise AppError("subscription_runs", message, status=409)
        before, account.agreement = account.agreement, agreed
        account.save(update_fields=["agreement"])
        give_access(account)
        with tenant_context(account.chain):
            record(
                action=Action.PLAN_AGREED,
                subject=as_subject(account.chain),
                before=before or {},
                after=agreed or {},
            )
    return account
