"""Opens a chain's billing account, computes entitlements from it and saves them with the chain, for every request."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from billing.models import Account
from billing.plans import ENTERPRISE, GRACE_DAYS, PLANS, TRIAL, TRIAL_DAYS
from core.shared.plans import Entitlements
from tenants.models import Chain

Status = Account.Status
# Statuses before the first payment, in which the trial counts.
BEFORE_FIRST_PAYMENT = frozenset({Status.NONE, Status.INCOMPLETE, Status.INCOMPLETE_EXPIRED})


@dataclass(frozen=True)
class Access:
    """What a chain may do, and until when it may write (None: no end in sight)."""

    entitlements: Entitlements
    writable_until: datetime | None


def open_account(*, chain: Chain) -> Account:
    """Return the chain's account, created with a trial if there is none. Call outside any chain."""
    with transaction.atomic():
        ends = timezone.now() + timedelta(days=TRIAL_DAYS)
        account, _created = Account.objects.get_or_create(chain=chain, defaults={"trial_ends_at": ends})
        save_access(account)
    return account


def compute_access(account: Account) -> Access:
    """Return the access that the account's agreement, trial or subscription gives."""
    if account.agreement is not None:
        return Access(Entitlements.from_json({**account.agreement, "plan": ENTERPRISE}), None)
    if account.status in BEFORE_FIRST_PAYMENT:
        return Access(TRIAL, account.trial_ends_at)
    return Access(_paid_entitlements(account), _paid_through(account))


def _paid_entitlements(account: Account) -> Entitlements:
    """Return the plan's entitlements; a price set by hand at Stripe, of no plan of ours, changes nothing."""
    plan = PLANS.get(account.plan)
    return plan.entitlements(account.quantity) if plan else account.chain.entitlements


def _paid_through(account: Account) -> datetime | None:
    if account.status in {Status.ACTIVE, Status.TRIALING}:
        return None
    if account.status == Status.CANCELED and account.past_due_since is None:
        return account.ended_at or account.read_at
    # Our grace period also applies after Stripe has canceled an unpaid subscription.
    since = account.past_due_since or account.read_at
    return since + timedelta(days=GRACE_DAYS) if since else None


def refresh_access(*, account_id: int) -> bool:
    """Recompute a chain's access from the saved account; return whether it changed.

    The account is locked so that a concurrent payment is not undone. Returns False if the chain was erased meanwhile.
    """
    with transaction.atomic():
        accounts = Account.objects.select_for_update(of=("self",)).select_related("chain")
        account = accounts.filter(pk=account_id).first()
        return account is not None and save_access(account)


def save_access(account: Account) -> bool:
    """Save the account's access with its chain; return whether it changed.

    Call outside any chain, in the transaction that changed the account.
    """
    chain, access = account.chain, compute_access(account)
    allowance = access.entitlements.as_json()
    if (chain.allowance, chain.writable_until) == (allowance, access.writable_until):
        return False
    chain.allowance, chain.writable_until = allowance, access.writable_until
    chain.save(update_fields=["allowance", "writable_until"])
    return True
