"""The background's part: does one job, and notes what it came to."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.jobs.kinds import JobKind, kinds
from core.jobs.models import Job, State
from core.jobs.progress import Cancelled
from core.jobs.queue import nobody_to_act_for
from core.jobs.work import TakenAwayError, Work
from core.shared.chain import current_chain, is_inside_chain
from core.shared.errors import AppError
from core.shared.locks import jobs_lock, try_lock
from core.shared.origin import as_operator

# How often a job is begun before it counts as failed, when its process is killed each time.
MOST_ATTEMPTS = 3
logger = logging.getLogger(__name__)


def run_job(job_id: str) -> bool:
    """If it waits and nothing else is at work: a message may come twice, or late. Whether there was anything to do."""
    with try_lock(jobs_lock()) as mine:
        if not mine:
            return False
        lost = _put_back_lost_jobs()
        job = _begun(job_id)
        if job is not None:
            with _as_asked(job):
                _perform(job)
    return bool(lost) or job is not None


def _put_back_lost_jobs() -> int:
    """Who holds the lock knows that nothing runs: the processes of those that are said to are gone."""
    lost = list(Job.objects.filter(state=State.RUNNING, kind__in=kinds()))
    for job in lost:
        if job.cancel_asked:
            _end(job, State.CANCELLED)
        elif job.attempts >= MOST_ATTEMPTS:
            with _as_asked(job):
                _fail(job, _interrupted(job))
        else:
            Job.objects.filter(pk=job.pk).update(state=State.WAITING)
    return len(lost)


def _begun(job_id: str) -> Job | None:
    waiting = Job.objects.filter(pk=job_id, state=State.WAITING, kind__in=kinds())
    values = {"state": State.RUNNING, "started_at": timezone.now(), "attempts": F("attempts") + 1, "progress": {}}
    return Job.objects.select_related("user").get(pk=job_id) if waiting.update(**values) else None


@contextmanager
def _as_asked(job: Job) -> Iterator[None]:
    """In the language of who asked, and as the operator if it was one."""
    own = current_chain().language if is_inside_chain() else settings.LANGUAGE_CODE
    with translation.override((job.user and job.user.language) or own), as_operator(job.operator):
        yield


def _perform(job: Job) -> None:
    kind = kinds()[job.kind]
    try:
        _work(job, kind)
    except Cancelled:
        _end(job, State.CANCELLED)
    except TakenAwayError:
        logger.warning("Job %s was taken up by another process.", job.pk)
    except AppError as error:
        _fail(job, error)
    except SoftTimeLimitExceeded:
        _fail(job, AppError("took_too_long", kind.too_long, status=503))
    except DatabaseError as error:
        # The error's own text may quote what people have written.
        logger.error("Job %s failed: SQLSTATE %s", job.pk, getattr(error.__cause__, "sqlstate", None))  # noqa: TRY400
        _fail(job, _failed())
    except Exception:
        logger.exception("Job %s failed.", job.pk)
        _fail(job, _failed())


def _work(job: Job, kind: JobKind) -> None:
    work = Work(job, _user_of(job))
    try:
        result = kind.run(work)
        if not work.is_finished:
            work.finish(result)
    finally:
        work.close()


def _user_of(job: Job) -> User | None:
    """Raises AppError where who asked is no longer here; nobody for what an operator asked for."""
    if job.user is not None and job.user.is_active:
        return job.user
    if job.user is None and job.operator:
        return None
    raise nobody_to_act_for()


def _fail(job: Job, error: AppError) -> None:
    with transaction.atomic():
        state = State.FAILED if error.status >= 500 else State.REFUSED
        if _end(job, state, error=str(error.message)):
            kinds()[job.kind].when_failed(job, error)


def _end(job: Job, state: State, **values: str) -> bool:
    """Not where another process has it by now."""
    mine = Job.objects.filter(pk=job.pk, state=State.RUNNING, started_at=job.started_at)
    return bool(mine.update(state=state, finished_at=timezone.now(), **values))


def _interrupted(job: Job) -> AppError:
    message = _("The work was interrupted %d times and is given up. Nothing of it was kept; start it again.")
    return AppError("interrupted", message % job.attempts, status=500)


def _failed() -> AppError:
    return AppError("failed", _("Something went wrong on our side. Nothing was kept; try again."), status=500)
