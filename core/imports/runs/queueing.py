"""The jobs of import runs."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.imports.models import ImportRun
from core.imports.runs.uploads import file_deleted
from core.imports.undo.undoing import refuse_undo
from core.jobs.models import OPEN, Job
from core.jobs.queue import add_job
from core.jobs.tasks import send_next
from core.shared.errors import AppError

JOB, UNDO = "import", "undo_import"


def job_of(run: ImportRun) -> Job | None:
    """The job that is to do it, or is at it."""
    return jobs_of([run]).get(run.job_subject)


def jobs_of(runs: Iterable[ImportRun]) -> dict[str, Job]:
    """The open ones, by subject."""
    jobs = Job.objects.filter(kind__in=[JOB, UNDO], state__in=OPEN, subject__in=[run.job_subject for run in runs])
    return {job.subject: job for job in jobs}


def queue_import(run: ImportRun, *, user: User, dry_run: bool, options: dict[str, Any] | None = None) -> None:
    """Raises AppError if the file was deleted, or the import is running or done."""
    job = _add_job(run, user=user, dry_run=dry_run, options=options)
    # If the broker is down, the job stays waiting in its row and the schedule sends it later.
    send_next(job)
    run.refresh_from_db()


def last_undo(run: ImportRun) -> str:
    """Why the last attempt to take it back came to nothing, if so."""
    last = Job.objects.filter(kind=UNDO, subject=run.job_subject).order_by("-queued_at").first()
    return last.error if last is not None else ""


def queue_undo(run: ImportRun, *, user: User, dry_run: bool) -> None:
    """Raises AppError if there is nothing to take back, or the run is being worked on."""
    refuse_undo(run)
    arguments = {"run": str(run.pk), "file": run.file_name, "dry_run": dry_run}
    send_next(add_job(UNDO, subject=run.job_subject, arguments=arguments, user=user))


@transaction.atomic
def _add_job(run: ImportRun, *, user: User, dry_run: bool, options: dict[str, Any] | None) -> Job:
    """Locks the run, so that a double click queues one job."""
    now = ImportRun.objects.select_for_update().get(pk=run.pk)
    if now.files_deleted_at is not None:
        raise file_deleted()
    if now.is_imported:
        raise AppError("already_imported", _("This file has been imported already."), status=409)
    job = add_job(JOB, subject=now.job_subject, arguments={"run": str(now.pk), "file": now.file_name}, user=user)
    now.status, now.dry_run, now.summary, now.findings = ImportRun.Status.UPLOADED, dry_run, {}, []
    if options is not None:
        now.options = options
    now.save(update_fields=["status", "dry_run", "summary", "findings", "options"])
    return job
