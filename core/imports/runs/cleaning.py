"""Uploads and rejects are deleted after some weeks. Neither their contents nor their names are ever logged."""

import logging
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from core.imports.models import ImportRun
from core.imports.runs.state import job_of
from core.imports.runs.uploads import place_of
from core.imports.services.rejects import chain_folder
from core.shared.chain import current_chain

logger = logging.getLogger(__name__)


def delete_old_files() -> int:
    """Of all the chain's imports older than that, and folders that belong to none."""
    deleted = 0
    before = timezone.now() - timedelta(days=settings.KEEP_FILES_DAYS)
    for run in ImportRun.objects.filter(created_at__lt=before, files_deleted_at=None):
        if job_of(run) is not None:
            continue
        _delete(place_of(run.path).parent)
        # What the findings quote of the file goes with it.
        run.files_deleted_at, run.rejects_path, run.findings = timezone.now(), "", []
        run.save(update_fields=["files_deleted_at", "rejects_path", "findings"])
        deleted += 1
    for folder in _forgotten():
        _delete(folder)
        deleted += 1
    if deleted:
        logger.info("Deleted the files of %d old imports of %s.", deleted, current_chain().schema_name)
    return deleted


def _forgotten() -> Iterator[Path]:
    """Old folders without a run: rejects that the command wrote, uploads that broke off."""
    root = chain_folder() / "imports"
    if not root.is_dir():
        return
    paths = ImportRun.objects.filter(files_deleted_at=None).values_list("path", flat=True)
    known = {place_of(path).parent for path in paths}
    oldest = time.time() - settings.KEEP_FILES_DAYS * 24 * 3600
    for folder in root.iterdir():
        if folder not in known and folder.stat().st_mtime < oldest:
            yield folder


def _delete(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
