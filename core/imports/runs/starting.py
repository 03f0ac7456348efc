"""Hands an import to the background."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.imports.models import ImportRun
from core.imports.runs.state import JOB, Status, is_imported, subject_of
from core.imports.runs.uploads import file_gone
from core.jobs.models import Job
from core.jobs.queue import add_job
from core.jobs.tasks import send_next
from core.shared.errors import AppError


def start(run: ImportRun, *, user: User, dry_run: bool, options: dict[str, Any] | None = None) -> None:
    """Raises AppError where the file is gone, the import is under way or done."""
    job = _queue(run, user=user, dry_run=dry_run, options=options)
    # If the queue does not take it now, it waits all the same, and is sent by the schedule.
    send_next(job)
    run.refresh_from_db()


@transaction.atomic
def _queue(run: ImportRun, *, user: User, dry_run: bool, options: dict[str, Any] | None) -> Job:
    """Of two clicks one counts: a file bears one job at a time."""
    now = ImportRun.objects.select_for_update().get(pk=run.pk)
    if now.files_deleted_at is not None:
        raise file_gone()
    if is_imported(now):
        raise AppError("already_imported", _("This file has been imported already."), status=409)
    job = add_job(JOB, subject=subject_of(now), arguments={"run": str(now.pk), "file": now.file_name}, user=user)
    now.status, now.dry_run, now.summary, now.findings = Status.UPLOADED, dry_run, {}, []
    if options is not None:
        now.options = options
    now.save(update_fields=["status", "dry_run", "summary", "findings", "options"])
    return job
