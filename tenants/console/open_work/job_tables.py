"""Jobs that failed on our side or that nobody takes, of the chain entered or the platform."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core.jobs.kinds import kinds
from core.jobs.models import OPEN, Job, State
from core.jobs.queue import LONG_WAIT, not_now, retry_job
from core.jobs.tasks import send_after_commit
from core.shared.locks import is_locked, jobs_lock
from tenants.console.models import OpenWork
from tenants.console.open_work.sources import Source, Status

# More of the same say no more.
MOST, KEPT = 100, timedelta(days=14)


def job_sources() -> list[Source]:
    """One for each kind of jobs."""
    return [
        Source(
            name=kind.name,
            title=kind.label,
            find=lambda name=kind.name: find_jobs(name),  # type: ignore[misc]
            retry=_retry,
            in_chain=kind.right is not None,
        )
        for kind in kinds().values()
    ]


def find_jobs(kind: str) -> Iterator[OpenWork]:
    """What was refused is for whoever asked to mend, and what was done again since is over."""
    now = timezone.now()
    again = Job.objects.filter(subject=OuterRef("subject"), asked_at__gt=OuterRef("asked_at"))
    recent = Job.objects.filter(kind=kind, asked_at__gt=now - KEPT).filter(Q(subject="") | ~Exists(again))
    for job in recent.filter(state=State.FAILED)[:MOST]:
        since = job.finished_at or job.asked_at
        yield OpenWork(reference=str(job.pk), status=Status.FAILED, since=since, problem=job.error)
    waiting = recent.filter(state__in=OPEN, queued_at__lt=now - LONG_WAIT)[:MOST]
    if waiting and not is_locked(jobs_lock()):
        for job in waiting:
            yield OpenWork(reference=str(job.pk), status=Status.WAITING, since=job.queued_at)


def _retry(reference: str, _operator: str) -> None:
    """Raises AppError where it cannot be begun again."""
    job = Job.objects.select_related("user").filter(pk=reference).first()
    if job is None:
        raise not_now()
    retry_job(job)
    send_after_commit(job)
