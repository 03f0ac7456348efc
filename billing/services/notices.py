"""Letters about trial and payment: what is due follows from the account and the clock, and each is sent once."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tenants.utils import tenant_context

from billing import letters
from billing.models import Account, Notice
from billing.plans import GRACE_DAYS
from billing.services.access import UNPAID_YET
from core.accounts.models import User
from core.accounts.rights import Role
from core.mail.letters import Letter, send_letter
from core.shared.chain import ChainInfo

Status = Account.Status
DAYS_BEFORE_TRIAL_ENDS = (1, 3, 7)
GRACE = timedelta(days=GRACE_DAYS)
HALFWAY, LAST_WORD = GRACE / 2, GRACE - timedelta(days=2)
# What happened longer ago is no news.
NEWS = timedelta(days=7)
OVERDUE = "overdue"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """`about` names the occasion for good; `compose` wants the chain and the address of its billing page."""

    about: str
    compose: Callable[[ChainInfo, str], Letter]


def send_due_notices(account_ids: set[int] | None = None) -> int:
    """How many were sent; of all accounts unless some are named. Called outside any chain."""
    sent = 0
    found = _candidates(timezone.now()) if account_ids is None else Account.objects.filter(pk__in=account_ids)
    for account in found.select_related("chain").iterator():
        try:
            sent += sum(_send_once(account, due) for due in due_notices(account, timezone.now()))
        except Exception:
            logger.exception("A notice for account %d could not be sent; the next run tries again.", account.pk)
    return sent


def due_notices(account: Account, now: datetime) -> Iterator[Due]:
    """Of each series the latest that is due alone: what was missed is not made up for."""
    if account.status in UNPAID_YET and account.agreement is None:
        yield from _of_trial(account.trial_ends_at, now)
    elif account.past_due_since is not None:
        yield from _of_grace(account.past_due_since, now)
    elif account.status == Status.CANCELED and account.ended_at and now < account.ended_at:
        yield from _of_recovery(account)
    elif account.status == Status.CANCELED and account.ended_at and now - account.ended_at < NEWS:
        yield Due(f"ended {account.subscription_id}", letters.subscription_ended)
    elif account.status == Status.ACTIVE:
        yield from _of_recovery(account)
    for invoice in account.invoices.filter(is_disputed=True, created_at__gt=now - timedelta(days=365)):
        yield Due(f"dispute {invoice.id}", partial(letters.payment_disputed, number=invoice.number))


def _of_trial(ends: datetime, now: datetime) -> Iterator[Due]:
    if now >= ends:
        if now - ends < NEWS:
            yield Due(f"trial {ends.date()} ended", letters.trial_ended)
        return
    days = next((days for days in DAYS_BEFORE_TRIAL_ENDS if ends - now <= timedelta(days=days)), None)
    if days is not None:
        yield Due(f"trial {ends.date()} {days}", partial(letters.trial_ends, ends=ends, days=days))


def _of_grace(since: datetime, now: datetime) -> Iterator[Due]:
    until, waited, series = since + GRACE, now - since, f"{OVERDUE} {since.date()}"
    if waited >= GRACE + NEWS:
        return
    if waited >= GRACE:
        yield Due(f"{series} read-only", letters.read_only_begins)
    elif waited >= LAST_WORD:
        yield Due(f"{series} last", partial(letters.payment_overdue, until=until))
    elif waited >= HALFWAY:
        yield Due(f"{series} halfway", partial(letters.payment_overdue, until=until))
    else:
        yield Due(f"{series} failed", partial(letters.payment_failed, until=until))


def _of_recovery(account: Account) -> Iterator[Due]:
    """Where we wrote of a payment that was open, and it is made."""
    last = account.notices.filter(about__startswith=f"{OVERDUE} ").order_by("pk").last()
    if last is not None:
        yield Due(f"paid {last.about.split()[1]}", letters.payment_came)


def _candidates(now: datetime) -> QuerySet[Account]:
    trial = Q(status__in=UNPAID_YET, trial_ends_at__range=(now - NEWS, now + NEWS))
    ended = Q(status=Status.CANCELED, ended_at__gt=now - NEWS)
    overdue = Q(past_due_since__gt=now - GRACE - NEWS)
    wrote = Notice.objects.filter(about__startswith=f"{OVERDUE} ").values("account")
    recovered = Q(status=Status.ACTIVE, pk__in=wrote)
    disputed = Q(invoices__is_disputed=True)
    return Account.objects.filter(trial | ended | overdue | recovered | disputed).distinct()


def _send_once(account: Account, due: Due) -> bool:
    """The notice and the mails are rows of one transaction."""
    chain = account.chain
    with transaction.atomic():
        _notice, is_first = Notice.objects.get_or_create(account=account, about=due.about)
        if not is_first:
            return False
        page = chain.url("/billing/")
        with tenant_context(chain):
            for owner in User.objects.filter(role=Role.OWNER, is_active=True):
                compose = partial(due.compose, chain, page)
                send_letter(to=owner.email, compose=compose, first=owner.language or chain.language)
    return True
