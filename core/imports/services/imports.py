"""`import_file`, which both the command and the job of the page call."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import Subject, record
from core.imports.declaration import IMPORT, Action, Kind
from core.imports.models import ImportRun
from core.imports.services import rejects
from core.imports.services.chunks import make_chunk
from core.imports.services.columns import match_columns
from core.imports.services.context import ImportContext, ProgressReporter
from core.imports.services.earlier import digest_of, same_file_findings
from core.imports.services.error_table import kinds_of_errors, listed_errors
from core.imports.services.file_findings import (
    ask_about_merged_amounts,
    left_out_findings,
    refuse_formulas,
)
from core.imports.services.file_source import FileSource
from core.imports.services.kinds.appointments import AppointmentImport
from core.imports.services.kinds.balances import BalanceImport
from core.imports.services.kinds.base import KindImport
from core.imports.services.kinds.clients import ClientImport
from core.imports.services.kinds.services import ServiceImport
from core.imports.services.kinds.staff import StaffImport
from core.imports.services.kinds.stores import StoreImport
from core.imports.services.kinds.visits import VisitImport
from core.imports.services.options import ImportOptions
from core.imports.services.results import Finding, ImportRefused, ImportResult
from core.imports.services.staging import (
    as_copy_text,
    copy_errors,
    copy_text,
    make_error_table,
    tuned_for_streaming,
)
from core.imports.undo.recording import record_journal
from core.imports.undo.records import JOURNALED
from core.imports.undo.undoing import replace_import
from core.jobs.progress import Progress
from core.shared.errors import AppError
from core.shared.figures import count
from core.shared.journal import noting
from core.shared.locks import jobs_lock, lock_transaction
from core.shared.sentences import join_sentences

# What a file of a few bytes a row would take of the database is out of proportion.
MAX_ROWS = 5_000_000
KINDS: dict[str, type[KindImport]] = {
    "stores": StoreImport,
    "staff": StaffImport,
    "services": ServiceImport,
    "clients": ClientImport,
    "visits": VisitImport,
    "balances": BalanceImport,
    "appointments": AppointmentImport,
}


def import_file(
    *,
    kind: str,
    source: Path,
    options: ImportOptions,
    on_progress: Callable[[Progress], None] | None = None,
    acting_user: User | None = None,
    rejects_folder: Path | None = None,
    run: ImportRun | None = None,
    audited: bool = True,
) -> ImportResult:
    """Imports a file in one transaction: all of it or, with `skip_bad_rows`, its good rows.

    What it makes and changes is recorded for `run`, so that it can be taken back. Pass `audited=False` if the caller
    writes the entry. Raises ImportRefused for bad rows, AppError for a bad file or option; then nothing has changed.
    """
    require_right(acting_user, IMPORT)
    started = time.monotonic()
    progress = ProgressReporter(on_progress)
    result = ImportResult(kind)
    journaled = run if run is not None and not options.dry_run else None
    result.id = str(journaled.pk) if journaled else None
    with FileSource(source, kind, options) as file, transaction.atomic(), connection.cursor() as cursor:
        progress.step("waiting")
        lock_imports()
        if options.replaces:
            progress.step("taking_back")
            replace_import(options.replaces, kind=kind, acting_user=acting_user)
        columns = match_columns(kind, file.headings or [""] * file.width, options, file.columns)
        context = ImportContext(cursor, options, columns, file, progress, acting_user, audited)
        context.findings += _earlier_imports(source, kind, options, run)
        ask_about_merged_amounts(file, columns, context.questions)
        importer = KINDS[kind](context)
        with noting(cursor, JOURNALED) if journaled else nullcontext():
            _read(importer)
            _load(importer, result, rejects_folder)
        if journaled:
            record_journal(cursor, journaled)
        if audited:
            _audit(result, context.new_clients, acting_user, _subject(run, source))
        if options.dry_run:
            transaction.set_rollback(True)
    result.seconds = time.monotonic() - started
    return result


def _earlier_imports(source: Path, kind: str, options: ImportOptions, run: ImportRun | None) -> list[Finding]:
    digest = (run.file_digest if run else "") or digest_of(source)
    return same_file_findings(digest, kind, run=run, adds_lines=options.append)


def _subject(run: ImportRun | None, source: Path) -> Subject:
    return Subject(Kind.IMPORT, str(run.pk), run.file_name) if run else Subject(Kind.IMPORT, label=source.name)


def _audit(result: ImportResult, new_clients: int, acting_user: User | None, run: Subject) -> None:
    """One entry for a file, however many records it makes; clients it changes have theirs, see `core.clients.trail`."""
    names = ("kind", "rows", "created", "updated", "unchanged", "rejected")
    after = {name: value for name in names if (value := getattr(result, name))}
    if new_clients:
        after["new_clients"] = new_clients
    record(action=Action.IMPORTED, acting_user=acting_user, subject=run, after=after)


def lock_imports() -> None:
    """One import of a chain at a time: the second of two finds what the first has done.

    The command line waits here; a worker holds the lock already, see `core.jobs`.
    """
    lock_transaction(jobs_lock())


def _read(importer: KindImport) -> None:
    """Streams the file into the staging tables."""
    context = importer.context
    make_error_table(context.cursor)
    importer.prepare()
    context.progress.step("reading")
    try:
        with tuned_for_streaming():
            _stage_all(importer)
        refuse_formulas(context.source, context.columns)
        context.findings += left_out_findings(context.source)
        context.writer.finish()
        context.conclude_matching()
    finally:
        context.writer.close()
    context.findings += context.errors.aside.findings()
    left_out = context.columns.rows_left_out
    if left_out:
        message = ngettext("%d row is left out, as asked.", "%d rows are left out, as asked.", left_out)
        context.findings.append(Finding("note", "left_out", message % left_out, rows=left_out))
    if not context.rows and not left_out:
        raise AppError("no_rows", _("The file has a header and no rows."), field="file")


def _stage_all(importer: KindImport) -> None:
    context = importer.context
    cursor, file, writer = context.cursor, context.source, context.writer
    for rows in file.chunks():
        chunk = make_chunk(rows, context.columns, context.errors, width=file.width)
        if len(chunk):
            context.rows += len(chunk)
            if context.rows > MAX_ROWS:
                message = _("The file has more than %s rows. Split it.") % count(MAX_ROWS)
                raise AppError("too_many_rows", message, field="file")
            columns = importer.convert(chunk)
            if columns["line"]:
                copy = f"COPY {importer.table} ({', '.join(columns)}) FROM STDIN"
                writer.submit(partial(copy_text, cursor, copy, as_copy_text(list(columns.values()))))
        errors = context.errors.take()
        if errors:
            writer.submit(partial(copy_errors, cursor, errors))
        context.progress.read(rows.lines[-1] if rows.lines else 0, file.total_lines)


def _load(importer: KindImport, result: ImportResult, rejects_folder: Path | None) -> None:
    context, options = importer.context, importer.context.options
    importer.check()
    copy_errors(context.cursor, context.errors.take())
    result.rows, result.rejected = context.rows, context.errors.rows
    errors = listed_errors(context.cursor, context.source)
    kinds = kinds_of_errors(context.cursor, context.source)
    _take_findings(result, context, errors, kinds)
    refused = result.open_questions or (result.rejected and not options.skip_bad_rows)
    if result.rejected and (rejects_folder or not (refused or options.dry_run)):
        lines = importer.context_lines()
        result.rejects_file = rejects.write_rejects(context.source, context.columns, lines, folder=rejects_folder)
    if refused:
        raise ImportRefused(_refusal(result, skip_bad_rows=options.skip_bad_rows), result)
    context.progress.step("loading")
    counts = importer.load()
    result.created, result.updated, result.unchanged = counts.created, counts.updated, counts.unchanged
    _take_findings(result, context, errors, kinds)
    result.overview, result.span = context.overview, context.span
    context.progress.step("done")


def _take_findings(result: ImportResult, context: ImportContext, errors: list[Finding], kinds: list[Finding]) -> None:
    result.findings = [*errors, *context.findings]
    result.kinds = [*kinds, *context.findings]
    result.questions = list(context.questions.asked.values())


def _refusal(result: ImportResult, *, skip_bad_rows: bool) -> str:
    sentences = []
    if result.rejected and not skip_bad_rows:
        sentences.append(_refused_rows(result))
    if open_questions := len(result.open_questions):
        message = ngettext(
            "%d question has to be answered before the file can come in.",
            "%d questions have to be answered before the file can come in.",
            open_questions,
        )
        sentences.append(message % open_questions)
    return join_sentences(sentences)


def _refused_rows(result: ImportResult) -> str:
    message = ngettext(
        "%(rejected)d of %(rows)d row cannot be read; nothing was imported.",
        "%(rejected)d of %(rows)d rows cannot be read; nothing was imported.",
        result.rows,
    )
    return message % {"rejected": result.rejected, "rows": result.rows}
