"""Hands an import to the background."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.imports.models import ImportRun
from core.imports.runs.state import STARTED_BY, Status, forget_progress, is_interrupted
from core.imports.runs.uploads import file_gone
from core.jobs.base import send_next
from core.shared.errors import AppError
from core.shared.origin import current_origin


def start(run: ImportRun, *, user: User, dry_run: bool, options: dict[str, Any] | None = None) -> None:
    """Raises AppError where the file is gone, the import is under way or done."""
    queue(run, user=user, dry_run=dry_run, options=options)
    # If the queue does not take it now, it waits all the same, and is sent again.
    send_next(str(run.pk), user.pk)
    run.refresh_from_db()


def queue(run: ImportRun, *, user: User, dry_run: bool, options: dict[str, Any] | None = None) -> None:
    """Has it wait for a worker; the message that hurries it is the caller's to send."""
    if run.files_deleted_at is not None:
        raise file_gone()
    started_by = [user.pk, current_origin().operator]
    if not _queue(run, started_by, dry_run=dry_run, options=run.options if options is None else options):
        run.refresh_from_db()
        raise _not_now(run)
    forget_progress(run)


def _queue(run: ImportRun, started_by: list[Any], *, dry_run: bool, options: dict[str, Any]) -> bool:
    """In one statement, so that of two clicks one counts."""
    ready = Q(status__in=[Status.UPLOADED, Status.REFUSED, Status.FAILED]) | Q(status=Status.DONE, dry_run=True)
    if is_interrupted(run):
        ready |= Q(status=run.status, started_at=run.started_at)
    changed = ImportRun.objects.filter(ready, pk=run.pk).update(
        status=Status.QUEUED,
        dry_run=dry_run,
        options=options,
        summary={STARTED_BY: started_by},
        findings=[],
        rows_done=0,
        rows_total=0,
        started_at=timezone.now(),
        finished_at=None,
    )
    return changed == 1


def _not_now(run: ImportRun) -> AppError:
    if run.status == Status.DONE:
        return AppError("already_imported", _("This file has been imported already."), status=409)
    return AppError("under_way", _("This file is being worked on already."), status=409)
