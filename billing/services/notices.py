"""Billing emails to owners: which are due follows from the account and the clock; each is sent once."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tenants.utils import tenant_context

from billing import emails
from billing.models import Account, Notice
from billing.plans import GRACE_DAYS
from billing.services.access import BEFORE_FIRST_PAYMENT
from core.accounts.models import User
from core.accounts.rights import Role
from core.mail.emails import EmailText, send_email
from core.shared.chain import ChainInfo

Status = Account.Status
DAYS_BEFORE_TRIAL_ENDS = (1, 3, 7)
GRACE = timedelta(days=GRACE_DAYS)
HALFWAY, LAST_REMINDER = GRACE / 2, GRACE - timedelta(days=2)
# Events older than this are not announced any more.
NEWS_WINDOW = timedelta(days=7)
OVERDUE_PREFIX = "overdue"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DueNotice:
    """An email that is due: `about` identifies the occasion, `compose` takes the chain and its billing page's URL."""

    about: str
    compose: Callable[[ChainInfo, str], EmailText]


def send_due_notices(account_ids: set[int] | None = None) -> int:
    """Send all emails due, for all or the given accounts; return how many. Call outside any chain."""
    sent = 0
    accounts = _candidates(timezone.now()) if account_ids is None else Account.objects.filter(pk__in=account_ids)
    for account in accounts.select_related("chain").iterator():
        try:
            sent += sum(_send_once(account, due) for due in due_notices(account, timezone.now()))
        except Exception:
            logger.exception("A notice for account %d could not be sent; the next run tries again.", account.pk)
    return sent


def due_notices(account: Account, now: datetime) -> Iterator[DueNotice]:
    """Yield the emails due; of each series only the latest, since missed reminders are not sent late."""
    if account.status in BEFORE_FIRST_PAYMENT and account.agreement is None:
        yield from _trial_notices(account.trial_ends_at, now)
    elif account.past_due_since is not None:
        yield from _overdue_notices(account.past_due_since, now)
    elif account.status == Status.CANCELED and account.ended_at and now < account.ended_at:
        yield from _recovery_notices(account)
    elif account.status == Status.CANCELED and account.ended_at and now - account.ended_at < NEWS_WINDOW:
        yield DueNotice(f"ended {account.subscription_id}", emails.subscription_ended)
    elif account.status == Status.ACTIVE:
        yield from _recovery_notices(account)
    for invoice in account.invoices.filter(is_disputed=True, created_at__gt=now - timedelta(days=365)):
        yield DueNotice(f"dispute {invoice.id}", partial(emails.payment_disputed, number=invoice.number))


def _trial_notices(ends: datetime, now: datetime) -> Iterator[DueNotice]:
    if now >= ends:
        if now - ends < NEWS_WINDOW:
            yield DueNotice(f"trial {ends.date()} ended", emails.trial_ended)
        return
    days = next((days for days in DAYS_BEFORE_TRIAL_ENDS if ends - now <= timedelta(days=days)), None)
    if days is not None:
        yield DueNotice(f"trial {ends.date()} {days}", partial(emails.trial_ends, ends=ends, days=days))


def _overdue_notices(since: datetime, now: datetime) -> Iterator[DueNotice]:
    until, waited, series = since + GRACE, now - since, f"{OVERDUE_PREFIX} {since.date()}"
    if waited >= GRACE + NEWS_WINDOW:
        return
    if waited >= GRACE:
        yield DueNotice(f"{series} read-only", emails.read_only_begins)
    elif waited >= LAST_REMINDER:
        yield DueNotice(f"{series} last", partial(emails.payment_overdue, until=until))
    elif waited >= HALFWAY:
        yield DueNotice(f"{series} halfway", partial(emails.payment_overdue, until=until))
    else:
        yield DueNotice(f"{series} failed", partial(emails.payment_failed, until=until))


def _recovery_notices(account: Account) -> Iterator[DueNotice]:
    """Yield the thank-you email, if we had written about the overdue payment that is now made."""
    last = account.notices.filter(about__startswith=f"{OVERDUE_PREFIX} ").order_by("pk").last()
    if last is not None:
        yield DueNotice(f"paid {last.about.split()[1]}", emails.payment_came)


def _candidates(now: datetime) -> QuerySet[Account]:
    trial = Q(status__in=BEFORE_FIRST_PAYMENT, trial_ends_at__range=(now - NEWS_WINDOW, now + NEWS_WINDOW))
    ended = Q(status=Status.CANCELED, ended_at__gt=now - NEWS_WINDOW)
    overdue = Q(past_due_since__gt=now - GRACE - NEWS_WINDOW)
    wrote = Notice.objects.filter(about__startswith=f"{OVERDUE_PREFIX} ").values("account")
    recovered = Q(status=Status.ACTIVE, pk__in=wrote)
    disputed = Q(invoices__is_disputed=True)
    return Account.objects.filter(trial | ended | overdue | recovered | disputed).distinct()


def _send_once(account: Account, due: DueNotice) -> bool:
    """Send an email to all owners unless it was sent before; the notice and the outbox rows share a transaction."""
    chain = account.chain
    with transaction.atomic():
        _notice, is_first = Notice.objects.get_or_create(account=account, about=due.about)
        if not is_first:
            return False
        page = chain.url("/billing/")
        with tenant_context(chain):
            for owner in User.objects.filter(role=Role.OWNER, is_active=True):
                compose = partial(due.compose, chain, page)
                send_email(to=owner.email, compose=compose, first=owner.language or chain.language)
    return True
