"""The background's part: look at, check or import one file, and write down how it went."""

from typing import Any

from django.db import transaction

from core.audit.trail import Subject
from core.imports.declaration import Kind
from core.imports.models import ImportRun
from core.imports.runs.looking import is_look, look
from core.imports.runs.state import Status, is_imported
from core.imports.runs.uploads import file_gone, place_of, stored_as
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused, ImportResult
from core.jobs.models import Job
from core.jobs.progress import Progress
from core.jobs.work import Work
from core.shared.errors import AppError


def perform(work: Work) -> None:
    """The run's last word and the job's are kept or lost together with the records."""
    run = ImportRun.objects.get(pk=work.job.arguments["run"])
    if is_look(run):
        _look(run, work)
    elif not is_imported(run):
        with transaction.atomic():
            _conclude(run, _imported(run, work))
            work.finish()


def when_failed(job: Job, error: AppError) -> None:
    run = ImportRun.objects.filter(pk=job.arguments["run"]).first()
    if run is None or is_imported(run):
        return
    told = {"code": error.code, "message": str(error.message), "field": error.field or ""}
    found: dict[str, Any] = {}
    if isinstance(error, ImportRefused):
        found, run.findings = _summary(error.result), error.result.findings_as_json()
    run.status = Status.FAILED if error.status >= 500 else Status.REFUSED
    run.summary = {**found, "refusal": told}
    run.save(update_fields=["status", "summary", "findings"])


def _look(run: ImportRun, work: Work) -> None:
    work.tell(Progress("looking"))
    try:
        look(run)
    finally:
        run.save(update_fields=["options", "files_deleted_at"])


def _imported(run: ImportRun, work: Work) -> ImportResult:
    path = place_of(run.path)
    if not path.is_file():
        raise file_gone()
    return import_file(
        kind=run.kind,
        source=path,
        options=ImportOptions.from_json({**run.options, "dry_run": run.dry_run}),
        on_progress=work.tell,
        acting_user=work.user,
        rejects_folder=path.parent,
        run=Subject(Kind.IMPORT, str(run.pk), run.file_name),
    )


def _conclude(run: ImportRun, result: ImportResult) -> None:
    run.status, run.summary, run.findings = Status.DONE, _summary(result), result.findings_as_json()
    run.rejects_path = stored_as(result.rejects_file) if result.rejects_file else ""
    run.save(update_fields=["status", "summary", "findings", "rejects_path"])


def _summary(result: ImportResult) -> dict[str, Any]:
    """The document of the command, less the path on our disk."""
    return {name: value for name, value in result.as_json().items() if name not in {"kind", "rejects_file"}}
