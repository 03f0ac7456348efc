"""The background's part: look at, check or import one file, and write down how it went."""

import logging
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from core.accounts.models import User
from core.audit.actions import Kind
from core.audit.trail import Subject
from core.imports.models import ImportRun
from core.imports.runs.looking import is_look, look
from core.imports.runs.state import Status, forget_progress, interrupted, lock_of, tell, took_too_long
from core.imports.runs.uploads import file_gone, place_of, stored_as
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused, ImportResult, Progress
from core.shared.chain import current_chain
from core.shared.errors import AppError
from core.shared.locks import try_lock

logger = logging.getLogger(__name__)


def perform(run_id: str, user_id: int) -> bool:
    """Whether there was work: a message may come twice, for a run that another worker is at or that is done."""
    run = ImportRun.objects.filter(pk=run_id).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if run is None:
        return False
    with try_lock(lock_of(run)) as mine, translation.override((user and user.language) or current_chain().language):
        return mine and _worked(run, user)


def _worked(run: ImportRun, user: User | None) -> bool:
    now = timezone.now()
    if ImportRun.objects.filter(pk=run.pk, status=Status.QUEUED).update(status=Status.RUNNING, started_at=now):
        run.refresh_from_db()
        _work(run, user)
        return True
    run.refresh_from_db()
    if run.status == Status.RUNNING:
        # Its lock is ours now: the worker that had taken it is gone.
        _refuse(run, interrupted(), Status.FAILED)
        return True
    return False


def _work(run: ImportRun, user: User | None) -> None:
    try:
        # The run's last word is kept or lost together with the records.
        with transaction.atomic():
            if is_look(run):
                _look(run)
            else:
                _conclude(run, _imported(run, user))
    except ImportRefused as refused:
        run.findings = refused.result.findings_as_json()
        _refuse(run, refused, Status.REFUSED, refused.result)
    except AppError as error:
        _refuse(run, error, Status.REFUSED)
    except SoftTimeLimitExceeded:
        _refuse(run, took_too_long(), Status.FAILED)
    except DatabaseError as error:
        # The error's own text may quote the file.
        logger.error("Import %s failed: SQLSTATE %s", run.pk, getattr(error.__cause__, "sqlstate", None))  # noqa: TRY400
        _refuse(run, failed(), Status.FAILED)
    finally:
        if run.status == Status.RUNNING:
            _refuse(run, failed(), Status.FAILED)
        forget_progress(run)


def _look(run: ImportRun) -> None:
    _Teller(run)(Progress("looking", 0, 0, 0.0))
    look(run)
    _end(run, Status.UPLOADED, {})


def _imported(run: ImportRun, user: User | None) -> ImportResult:
    if user is None:
        raise AppError("not_allowed", _("The user who started this is no longer here."), status=403)
    path = place_of(run.path)
    if not path.is_file():
        raise file_gone()
    return import_file(
        kind=run.kind,
        source=path,
        options=ImportOptions.from_json({**run.options, "dry_run": run.dry_run}),
        on_progress=_Teller(run),
        acting_user=user,
        rejects_folder=path.parent,
        run=Subject(Kind.IMPORT, str(run.pk), run.file_name),
    )


class _Teller:
    """An import does not fail because nobody can be told of it."""

    def __init__(self, run: ImportRun) -> None:
        self._run = run

    def __call__(self, progress: Progress) -> None:
        try:
            tell(self._run, progress)
        except RedisError:
            logger.warning("The progress of import %s cannot be told: the cache does not answer.", self._run.pk)


def _conclude(run: ImportRun, result: ImportResult) -> None:
    run.findings = result.findings_as_json()
    run.rejects_path = stored_as(result.rejects_file) if result.rejects_file else ""
    _end(run, Status.DONE, _summary(result))


def _refuse(run: ImportRun, error: AppError, status: str, result: ImportResult | None = None) -> None:
    told = {"code": error.code, "message": str(error.message), "field": error.field or ""}
    _end(run, status, {**(_summary(result) if result else {}), "refusal": told})


def _summary(result: ImportResult) -> dict[str, Any]:
    """The document of the command, less the path on our disk."""
    return {name: value for name, value in result.as_json().items() if name not in {"kind", "rejects_file"}}


def _end(run: ImportRun, status: str, summary: dict[str, Any]) -> None:
    run.status, run.summary, run.finished_at = status, summary, timezone.now()
    run.rows_done = run.rows_total = summary.get("rows", 0)
    run.save()


def failed() -> AppError:
    return AppError("failed", _("Something went wrong on our side. Nothing was kept; try again."), status=500)
