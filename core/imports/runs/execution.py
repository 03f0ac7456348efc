"""The job of an import run: inspects, checks or imports its file and records the result."""

from typing import Any

from django.db import transaction

from core.audit.trail import Subject
from core.imports.declaration import Kind
from core.imports.models import ImportRun
from core.imports.runs.inspection import inspect_file
from core.imports.runs.uploads import file_deleted, stored_path, upload_path
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused, ImportResult
from core.jobs.models import Job
from core.jobs.progress import Progress
from core.jobs.work import Work
from core.shared.errors import AppError


def run_import(work: Work) -> None:
    """Runs the job; the states of run and job are committed together with the records."""
    run = ImportRun.objects.get(pk=work.job.arguments["run"])
    if run.awaits_inspection and not _inspect(run, work):
        return
    if not run.is_imported:
        with transaction.atomic():
            _record_result(run, _import(run, work))
            work.finish()


def record_failure(job: Job, error: AppError) -> None:
    run = ImportRun.objects.filter(pk=job.arguments["run"]).first()
    if run is None or run.is_imported:
        return
    refusal = {"code": error.code, "message": str(error.message), "field": error.field or ""}
    summary: dict[str, Any] = {}
    if isinstance(error, ImportRefused):
        summary, run.findings = _summary(error.result), error.result.findings_as_json()
    run.status = ImportRun.Status.FAILED if error.status >= 500 else ImportRun.Status.REFUSED
    run.summary = {**summary, "refusal": refusal}
    run.save(update_fields=["status", "summary", "findings"])


def _inspect(run: ImportRun, work: Work) -> bool:
    """Whether the file can be checked at once, as it is known how it is to be read."""
    work.report(Progress("looking"))
    try:
        return inspect_file(run)
    finally:
        run.save(update_fields=["options", "files_deleted_at"])


def _import(run: ImportRun, work: Work) -> ImportResult:
    path = upload_path(run.path)
    if not path.is_file():
        raise file_deleted()
    return import_file(
        kind=run.kind,
        source=path,
        options=ImportOptions.from_json({**run.options, "dry_run": run.dry_run}),
        on_progress=work.report,
        acting_user=work.user,
        rejects_folder=path.parent,
        run=Subject(Kind.IMPORT, str(run.pk), run.file_name),
    )


def _record_result(run: ImportRun, result: ImportResult) -> None:
    run.status, run.summary, run.findings = ImportRun.Status.DONE, _summary(result), result.findings_as_json()
    run.rejects_path = stored_path(result.rejects_file) if result.rejects_file else ""
    run.save(update_fields=["status", "summary", "findings", "rejects_path"])


def _summary(result: ImportResult) -> dict[str, Any]:
    """The JSON document of the command, without the path on our disk, and the questions."""
    values = {name: value for name, value in result.as_json().items() if name not in {"kind", "rejects_file"}}
    return {**values, "questions": result.questions_as_json(), "overview": result.overview}
