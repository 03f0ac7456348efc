"""The line in which the jobs of a chain wait, and the platform's: one is at work at a time, the others in their order.

A job waits in its own row, and its message only hurries it. Who is at work holds a lock that dies with its process: a
message that finds the lock taken is dropped, and whoever holds it sends the next in line at the end (core.jobs.tasks).
So no chain holds more than one process, and its second job stands behind all that waited in other chains before.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.jobs.kinds import kinds
from core.jobs.models import OPEN, Job, State
from core.shared.errors import AppError, violated_constraint
from core.shared.locks import is_locked, jobs_lock
from core.shared.origin import current_origin

# What waits for longer although nothing is at work: the background may be stopped.
LONG_WAIT = timedelta(minutes=1)
_ONE_OF_A_SUBJECT = "jobs_one_of_a_subject"


def add_job(
    kind: str, *, subject: str = "", arguments: Mapping[str, Any] | None = None, user: User | None = None
) -> Job:
    """Has it wait, of the chain entered or else the platform; the caller sends for it once that is committed.

    Raises AppError (`under_way`) where another job of the same subject is open.
    """
    operator = current_origin().operator
    try:
        with transaction.atomic():
            return Job.objects.create(
                kind=kind,
                subject=subject,
                arguments=dict(arguments or {}),
                user=user,
                operator=operator,
                asked_by=user.email if user else f"operator {operator}",
            )
    except IntegrityError as error:
        raise _refusal_of(error) from error


def is_lost(job: Job) -> bool:
    """Said to be running, although its process is gone: it is taken up again within a minute."""
    if job.state != State.RUNNING or is_locked(jobs_lock()):
        return False
    job.refresh_from_db()
    return job.state == State.RUNNING


def retry_job(job: Job) -> None:
    """Has one wait again that failed, was cancelled or lost its process; for whoever asked for it first.

    Raises AppError where it is at work or done, another took its place, or who asked for it is gone.
    """
    if job.state == State.WAITING:
        return
    ready = {State.FAILED, State.CANCELLED} | ({State.RUNNING} if is_lost(job) else set())
    newer = Job.objects.filter(subject=job.subject, asked_at__gt=job.asked_at).exclude(subject="")
    if job.state not in ready or newer.exists():
        raise not_now()
    if job.user is None and not job.operator:
        raise nobody_to_act_for()
    same = Job.objects.filter(pk=job.pk, state=job.state, started_at=job.started_at)
    try:
        with transaction.atomic():
            same.update(
                state=State.WAITING,
                operator=current_origin().operator or ("" if job.user else job.operator),
                queued_at=timezone.now(),
                attempts=0,
                cancel_asked=False,
                progress={},
                error="",
                finished_at=None,
            )
    except IntegrityError as error:
        raise _refusal_of(error) from error
    job.refresh_from_db()


def cancel_job(job: Job) -> None:
    """At once while it waits; while it runs, when it next tells how far it is. Raises AppError where it has ended."""
    now = timezone.now()
    mine = Job.objects.filter(pk=job.pk)
    waits = mine.filter(state=State.WAITING).update(state=State.CANCELLED, finished_at=now)
    if not waits and not mine.filter(state=State.RUNNING).update(cancel_asked=True):
        raise not_now()
    job.refresh_from_db()


def delete_old_jobs() -> int:
    before = timezone.now() - timedelta(days=settings.KEEP_JOBS_DAYS)
    return Job.objects.filter(finished_at__lt=before).exclude(state__in=OPEN).delete()[0]


def not_now() -> AppError:
    return AppError("not_now", _("This work has gone on meanwhile; look at the list again."), status=409)


def nobody_to_act_for() -> AppError:
    return AppError("not_allowed", _("The person who started this is no longer here."), status=403)


def _refusal_of(error: IntegrityError) -> AppError:
    if violated_constraint(error) != _ONE_OF_A_SUBJECT:
        raise error
    return AppError("under_way", _("This is being worked on already."), status=409)


def first_in_line() -> Job | None:
    """One that is said to be running counts: asked while nothing is at work, it is lost."""
    return Job.objects.filter(state__in=OPEN, kind__in=kinds()).order_by("queued_at", "pk").first()
