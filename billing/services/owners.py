"""Whose account it is, who may decide about it, and what Stripe says of it now. Called inside the chain."""

from django.utils.translation import gettext as _

from billing import gateway
from billing.models import Account
from billing.orders import Order
from billing.services.state import refresh_account
from core.accounts.models import User
from core.accounts.rights import Right
from core.audit.actions import Action
from core.audit.trail import record
from core.shared.errors import AppError
from tenants.life.owners import as_subject
from tenants.models import Chain
from tenants.postgresql_backend.platform import as_platform

Status = Account.Status
# A subscription runs: a second one cannot begin.
RUNNING = frozenset({Status.ACTIVE, Status.TRIALING, Status.PAST_DUE, Status.UNPAID, Status.PAUSED})
# And nothing is owed, so that it can be changed.
IN_ORDER = frozenset({Status.ACTIVE, Status.TRIALING})


def account_of(chain: Chain) -> Account | None:
    with as_platform():
        return Account.objects.select_related("chain").filter(chain=chain).first()


def require_account(chain: Chain, acting_user: User) -> Account:
    """Raises AppError: not an owner; a chain that was made by command pays nothing."""
    if not acting_user.may(Right.MANAGE_BILLING):
        raise AppError("not_allowed", _("Only the owner can do this."), status=403)
    account = account_of(chain)
    if account is None:
        raise AppError("no_account", _("This chain has no plan and pays nothing here."), status=404)
    return account


def read_again(account: Account) -> Account:
    """Raises AppError where Stripe does not answer."""
    gateway.client()
    with gateway.asking(), as_platform():
        return refresh_account(account_id=account.pk)


def require_running(account: Account) -> str:
    """The id of the subscription. Raises AppError where there is none."""
    if account.status not in RUNNING:
        raise AppError("no_subscription", _("There is no subscription yet: choose a plan first."), status=409)
    return account.subscription_id


def note_asked(account: Account, acting_user: User | None, before: Order | None, **after: object) -> None:
    """In the trail before Stripe is asked, so that it says so however that ends."""
    record(
        action=Action.PLAN_ASKED,
        acting_user=acting_user,
        subject=as_subject(account.chain),
        before={**before.as_json()} if before else None,
        after=after,
    )
