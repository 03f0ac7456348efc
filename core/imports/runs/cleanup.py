"""Deletes uploads and rejects files after some weeks. Neither their contents nor their names are ever logged."""

import logging
import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from core.imports.models import ImportRun
from core.imports.runs.queueing import job_of
from core.imports.runs.resumable import delete_expired_uploads
from core.imports.runs.uploads import upload_path
from core.imports.services.rejects import chain_folder
from core.shared.chain import current_chain

logger = logging.getLogger(__name__)


def delete_old_files() -> int:
    """Deletes the files of the chain's old imports, unfinished uploads and folders without a run. Returns how many it
    deleted."""
    deleted = delete_expired_uploads()
    before = timezone.now() - timedelta(days=settings.KEEP_FILES_DAYS)
    for run in ImportRun.objects.filter(created_at__lt=before, files_deleted_at=None):
        if job_of(run) is not None:
            continue
        shutil.rmtree(upload_path(run.path).parent, ignore_errors=True)
        # Findings quote cells of the file, so they are deleted too.
        run.files_deleted_at, run.rejects_path, run.findings = timezone.now(), "", []
        run.save(update_fields=["files_deleted_at", "rejects_path", "findings"])
        deleted += 1
    _forget_what_was_kept(before)
    for folder in _orphaned_folders():
        shutil.rmtree(folder, ignore_errors=True)
        deleted += 1
    if deleted:
        logger.info("Deleted the files of %d old imports and uploads of %s.", deleted, current_chain().schema_name)
    return deleted


def _forget_what_was_kept(before: datetime) -> None:
    """An undo, done or only looked at, names the clients and visits that it keeps."""
    ImportRun.objects.filter(undone_at=None, created_at__lt=before).exclude(undo=None).update(undo=None)
    for run in ImportRun.objects.filter(undone_at__lt=before, undo__records__0__isnull=False):
        run.undo = {**(run.undo or {}), "records": []}
        run.save(update_fields=["undo"])


def _orphaned_folders() -> Iterator[Path]:
    """Old folders without a run: rejects that the command wrote, uploads that broke off."""
    root = chain_folder() / "imports"
    if not root.is_dir():
        return
    paths = ImportRun.objects.filter(files_deleted_at=None).values_list("path", flat=True)
    known = {upload_path(path).parent for path in paths}
    oldest = time.time() - settings.KEEP_FILES_DAYS * 24 * 3600
    for folder in root.iterdir():
        if folder not in known and folder.stat().st_mtime < oldest:
            yield folder
