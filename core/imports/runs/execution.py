"""The job of an import run: inspects, checks or imports its file and records the result."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from core.imports.models import ImportRun
from core.imports.runs.inspection import inspect_file
from core.imports.runs.uploads import STORED_NAME, file_deleted, stored_path, upload_path
from core.imports.services.earlier import digest_of
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused, ImportResult
from core.imports.undo.undoing import undo_import
from core.jobs.models import Job
from core.jobs.progress import Progress
from core.jobs.work import Work
from core.merging.tasks import find_alike_clients
from core.shared.errors import AppError
from core.shared.task_queue import send_after_commit


def run_import(work: Work) -> None:
    """Runs the job; the states of run and job are committed together with the records."""
    run = ImportRun.objects.get(pk=work.job.arguments["run"])
    if run.awaits_inspection and not _inspect(run, work):
        return
    if not run.is_imported:
        with transaction.atomic():
            _record_result(run, _import(run, work))
            work.finish()


def import_as_command(
    kind: str, source: Path, options: ImportOptions, *, on_progress: Callable[[Progress], None]
) -> ImportResult:
    """Imports a file that lies elsewhere; what came in is listed among the imports, and can be taken back."""
    if options.dry_run:
        return import_file(kind=kind, source=source, options=options, on_progress=on_progress)
    with transaction.atomic():
        run = ImportRun.objects.create(
            kind=kind, file_name=source.name[-255:], dry_run=False, file_digest=digest_of(source)
        )
        result = import_file(kind=kind, source=source, options=options, on_progress=on_progress, run=run)
        if result.rejects_file:
            run.path = stored_path(result.rejects_file.with_name(STORED_NAME))
        _record_result(run, result)
    return result


def run_undo(work: Work) -> None:
    """Runs the job; the run says so and the job is done together with the records."""
    run_id, dry_run = work.job.arguments["run"], work.job.arguments["dry_run"]
    with transaction.atomic():
        undo_import(run_id, acting_user=work.user, dry_run=dry_run, on_progress=work.report)
        if not dry_run:
            send_after_commit(find_alike_clients)
        work.finish()


def record_failure(job: Job, error: AppError) -> None:
    run = ImportRun.objects.filter(pk=job.arguments["run"]).first()
    if run is None or run.is_imported:
        return
    refusal = {"code": error.code, "message": str(error.message), "field": error.field or ""}
    summary: dict[str, Any] = {}
    if isinstance(error, ImportRefused):
        summary, run.findings = _summary(error.result), error.result.kinds_as_json()
        run.rejects_path = _rejects_path(error.result)
    run.status = ImportRun.Status.FAILED if error.status >= 500 else ImportRun.Status.REFUSED
    run.summary = {**summary, "refusal": refusal}
    run.save(update_fields=["status", "summary", "findings", "rejects_path"])


def _inspect(run: ImportRun, work: Work) -> bool:
    """Whether the file can be checked at once, as it is known how it is to be read."""
    work.report(Progress("looking"))
    try:
        return inspect_file(run)
    finally:
        run.save(update_fields=["options", "files_deleted_at", "file_digest"])


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
        run=run,
    )


def _record_result(run: ImportRun, result: ImportResult) -> None:
    run.status, run.summary, run.findings = ImportRun.Status.DONE, _summary(result), result.kinds_as_json()
    run.rejects_path = _rejects_path(result)
    run.save(update_fields=["status", "summary", "findings", "path", "rejects_path"])
    if not run.dry_run:
        send_after_commit(find_alike_clients)


def _rejects_path(result: ImportResult) -> str:
    return stored_path(result.rejects_file) if result.rejects_file else ""


def _summary(result: ImportResult) -> dict[str, Any]:
    """The JSON document of the command, without the path on our disk, and the questions."""
    values = {name: value for name, value in result.as_json().items() if name not in {"kind", "id", "rejects_file"}}
    told = {"questions": result.questions_as_json(), "overview": result.overview}
    return {**values, **told, **({"span": result.span} if result.span else {})}
