"""Finds a chain's account, checks who may manage it, refreshes it from Stripe. Called inside the chain."""

from django.utils.translation import gettext as _

from billing import gateway
from billing.declaration import MANAGE_BILLING, Action
from billing.models import Account
from billing.orders import Order
from billing.services.stripe_sync import refresh_account
from core.accounts.models import User
from core.audit.trail import record
from core.shared.chain import outside_chain
from core.shared.errors import AppError
from tenants.life.ownership import audit_subject
from tenants.models import Chain


def find_account(chain: Chain) -> Account | None:
    with outside_chain():
        return Account.objects.select_related("chain").filter(chain=chain).first()


def require_account(chain: Chain, acting_user: User) -> Account:
    """Return the chain's account. Raises AppError: not an owner; the chain was created by command and pays nothing."""
    if not acting_user.may(MANAGE_BILLING):
        raise AppError("not_allowed", _("Only the owner can do this."), status=403)
    account = find_account(chain)
    if account is None:
        raise AppError("no_account", _("This chain has no plan and pays nothing here."), status=404)
    return account


def refresh_from_stripe(account: Account) -> Account:
    """Refresh the account from Stripe. Raises AppError if Stripe is unavailable."""
    gateway.client()
    with gateway.app_errors_for_stripe(), outside_chain():
        return refresh_account(account_id=account.pk)


def require_subscription(account: Account) -> str:
    """Return the id of the running subscription. Raises AppError if there is none."""
    if account.status not in Account.RUNNING:
        raise AppError("no_subscription", _("There is no subscription yet: choose a plan first."), status=409)
    return account.subscription_id


def record_request(account: Account, acting_user: User | None, before: Order | None, **after: object) -> None:
    """Record the request in the audit trail before calling Stripe, so that it is there whatever the outcome."""
    record(
        action=Action.PLAN_ASKED,
        acting_user=acting_user,
        subject=audit_subject(account.chain),
        before={**before.as_json()} if before else None,
        after=after,
    )
