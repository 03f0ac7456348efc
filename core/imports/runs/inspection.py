"""Inspects an uploaded file: a job reads its first rows, so that the user can say what each column means."""

import shutil
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.imports.models import TO_INSPECT, ImportRun
from core.imports.runs.preview import load_preview, read_preview, save_preview, saved_layout
from core.imports.runs.uploads import file_deleted, upload_path
from core.shared.errors import AppError


def to_inspect(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, TO_INSPECT: True}


def needs_inspection(run: ImportRun) -> bool:
    """Raises AppError if the file was deleted."""
    return run.awaits_inspection or load_preview(run) is None


def inspect_file(run: ImportRun) -> None:
    """Stores a preview and changes the run, which the caller saves. Raises AppError for an unreadable file."""
    path = upload_path(run.path)
    if not path.is_file():
        run.files_deleted_at = timezone.now()
        raise file_deleted()
    options = {name: value for name, value in run.options.items() if name != TO_INSPECT}
    try:
        layout, preview = read_preview(path, run.kind, options)
    except AppError:
        before = saved_layout(path)
        if before is None:
            # It has never been readable, so nobody can use it.
            shutil.rmtree(path.parent, ignore_errors=True)
            run.files_deleted_at = timezone.now()
        else:
            # It was readable with the layout before: go back to that one.
            run.options = {**options, **before}
        raise
    save_preview(path, layout, preview)
    run.options = {**options, **layout}


def not_inspected() -> AppError:
    return AppError("not_looked_at", _("This file has not been looked at yet."), status=409)
