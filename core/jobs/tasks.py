"""The tasks that do jobs, and who is sent when."""

from typing import Any, cast

from celery import shared_task
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from core.jobs import queue, running
from core.jobs.base import LongChainTask, LongTask
from core.jobs.models import Job
from core.shared.chain import is_inside_chain, outside_chain
from core.shared.locks import is_locked, jobs_lock
from core.shared.task_queue import send
from core.shared.tasks import ChainTask


# Delivered again when its process was killed: the row says how often the job was begun.
@shared_task(base=LongChainTask, reject_on_worker_lost=True)
def run_chain_job(job_id: str) -> None:
    if running.run_job(job_id):
        send_next()


@shared_task(base=LongTask, reject_on_worker_lost=True)
def run_platform_job(job_id: str) -> None:
    with outside_chain():
        if running.run_job(job_id):
            send_next()


@shared_task(base=ChainTask)
def send_waiting() -> None:
    """Sent each minute to every chain: what waits although nothing is at work has lost its message, and what is said to
    run has lost its process."""
    send_next()


@shared_task(base=ChainTask)
def delete_old_jobs() -> int:
    """Sent hourly to every chain."""
    return queue.delete_old_jobs()


def send_next(job: Job | None = None) -> bool:
    """Sends the first in line, unless one is at work, whose process sends it at its end.

    With a job only if that is the first: another one's message is on its way already. Returns False where the queue
    does not answer; the schedule sends it within a minute.
    """
    first = queue.first_in_line()
    if first is None or (job is not None and first.pk != job.pk) or is_locked(jobs_lock()):
        return True
    return send(run_chain_job if is_inside_chain() else run_platform_job, str(first.pk))


def send_after_commit(job: Job) -> None:
    tenant = cast("Any", connection).tenant  # by the time of the commit the code may have left it

    def send_now() -> None:
        with tenant_context(tenant):
            send_next(job)

    transaction.on_commit(send_now, robust=True)
