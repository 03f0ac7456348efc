"""Takes an import back as one deed."""

import uuid
from collections.abc import Callable

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import Subject, record
from core.imports.declaration import IMPORT, Action, Kind
from core.imports.models import ImportRun
from core.imports.undo import outcome
from core.imports.undo.announcing import Touched
from core.imports.undo.records import RECORDS
from core.imports.undo.removal import compare_made, remove_made
from core.imports.undo.restoring import restore
from core.imports.undo.tables import gather, lock
from core.jobs.progress import Progress
from core.membership import trail
from core.shared.errors import AppError
from core.shared.locks import jobs_lock, lock_transaction

OnProgress = Callable[[Progress], None]


@transaction.atomic
def undo_import(
    run_id: uuid.UUID | str,
    *,
    acting_user: User | None,
    dry_run: bool = False,
    on_progress: OnProgress = lambda _progress: None,
) -> ImportRun:
    """What the import made goes, what it changed is as before; what was changed since, or is used elsewhere, is kept
    and listed in `undo` of the run that is returned. A dry run does the same and keeps nothing of it but the list.

    Raises AppError where there is nothing to take back.
    """
    require_right(acting_user, IMPORT)
    on_progress(Progress("waiting"))
    lock_transaction(jobs_lock())
    run = _locked(run_id)
    with transaction.atomic(), connection.cursor() as cursor:
        # As an import: whatever the file's size, what does not fit is sorted and joined on disk.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        found = _take_back(cursor, run, acting_user, on_progress, announced=not dry_run)
        if dry_run:
            transaction.set_rollback(True)
    run.undo = found
    if not dry_run:
        _conclude(run, acting_user, found)
    run.save(update_fields=["undo", "undone_at", "undone_by"])
    on_progress(Progress("done"))
    return run


def replace_import(run_id: str, *, kind: str, acting_user: User | None) -> None:
    """Takes it back in the transaction of the import that comes in its place."""
    former = ImportRun.objects.filter(pk=run_id).first()
    if former is not None and former.kind != kind:
        message = _("The import to be replaced is of another kind: %s.") % former.get_kind_display()
        raise AppError("other_kind", message, field="replaces")
    undo_import(run_id, acting_user=acting_user)


def refuse_undo(run: ImportRun) -> None:
    """Raises AppError where it cannot be taken back."""
    if run.undone_at is not None:
        raise AppError("already_undone", _("This import has been taken back already."), status=409)
    if not run.is_imported:
        raise AppError("not_imported", _("Nothing of this file has come in."), status=409)
    if not run.journal:
        message = _("This file came in before it was recorded what imports change. It cannot be taken back.")
        raise AppError("not_recorded", message, status=409)


def _locked(run_id: uuid.UUID | str) -> ImportRun:
    run = ImportRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise AppError("unknown_import", _("There is no such import."), field="id", status=404)
    refuse_undo(run)
    return run


def _take_back(
    cursor: CursorWrapper, run: ImportRun, acting_user: User | None, on_progress: OnProgress, *, announced: bool
) -> outcome.Document:
    on_progress(Progress("comparing"))
    unmerged = gather(cursor, run)
    touched = Touched(cursor)
    lock(cursor, touched.clients)
    compare_made(cursor, run, unmerged)
    on_progress(Progress("taking_back"))
    clients = "SELECT id FROM undo_changed_clients_client UNION ALL SELECT client_id FROM undo_tier"
    trail.remember(f"SELECT * FROM clients_client WHERE id IN ({clients})")
    for kind in RECORDS:
        restore(cursor, run, kind, unmerged)
    touched.note_visits()
    for kind in RECORDS:
        remove_made(cursor, kind)
    found = outcome.document(cursor)
    if announced:
        trail.record_changes(acting_user=acting_user)
        on_progress(Progress("facts"))
        touched.announce()
    return found


def _conclude(run: ImportRun, acting_user: User | None, found: outcome.Document) -> None:
    run.undone_at, run.undone_by = timezone.now(), acting_user
    # Nothing is taken back twice: what the journal holds of people need not be kept.
    for table in ("maderecords", "changedrecord"):
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM imports_{table} WHERE run_id = %s", [run.pk])
    after = {name: found[name] for name in ("removed", "restored", "kept")}
    record(
        action=Action.UNDONE,
        acting_user=acting_user,
        subject=Subject(Kind.IMPORT, str(run.pk), run.file_name),
        after=after,
    )
