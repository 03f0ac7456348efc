"""What a chain may do by what it pays: worked out here alone, and kept with the chain, where every request has it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from billing.models import Account
from billing.plans import ENTERPRISE, GRACE_DAYS, PLANS, TRIAL
from core.shared.plans import Entitlements

Status = Account.Status
# Nothing has been paid (yet, or ever): what counts is the trial.
UNPAID_YET = frozenset({Status.NONE, Status.INCOMPLETE, Status.INCOMPLETE_EXPIRED})


@dataclass(frozen=True)
class Access:
    """`writable_until` None: no end is in sight."""

    entitlements: Entitlements
    writable_until: datetime | None


def access_of(account: Account) -> Access:
    if account.agreement is not None:
        return Access(Entitlements.from_json({**account.agreement, "plan": ENTERPRISE}), None)
    if account.status in UNPAID_YET:
        return Access(TRIAL, account.trial_ends_at)
    return Access(_paid_for(account), _paid_until(account))


def _paid_for(account: Account) -> Entitlements:
    """At a price of no plan of ours, which somebody set at Stripe, what was allowed before goes on."""
    plan = PLANS.get(account.plan)
    return plan.entitlements(account.quantity) if plan else account.chain.entitlements


def _paid_until(account: Account) -> datetime | None:
    if account.status in {Status.ACTIVE, Status.TRIALING}:
        return None
    if account.status == Status.CANCELED and account.past_due_since is None:
        return account.ended_at or account.read_at
    # Also where Stripe has ended what was not paid: the grace is ours.
    since = account.past_due_since or account.read_at
    return since + timedelta(days=GRACE_DAYS) if since else None


def renew_access(*, account_id: int) -> bool:
    """By what is kept of the account; whether it differed. Locked, so that what is paid meanwhile is not undone; one
    whose chain was erased meanwhile is none any more."""
    with transaction.atomic():
        accounts = Account.objects.select_for_update(of=("self",)).select_related("chain")
        account = accounts.filter(pk=account_id).first()
        return account is not None and give_access(account)


def give_access(account: Account) -> bool:
    """Keep it with the chain, where it differs; whether it did. Called outside any chain, in the transaction of what
    changed it."""
    chain, access = account.chain, access_of(account)
    allowance = access.entitlements.as_json()
    if (chain.allowance, chain.writable_until) == (allowance, access.writable_until):
        return False
    chain.allowance, chain.writable_until = allowance, access.writable_until
    chain.save(update_fields=["allowance", "writable_until"])
    return True
