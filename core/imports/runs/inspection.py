"""Inspects an uploaded file: a job reads its first rows, so that the user can say what each column means."""

import shutil
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.imports.models import TO_INSPECT, ImportRun
from core.imports.runs.preview import load_preview, read_preview, save_preview, saved_layout
from core.imports.runs.uploads import file_deleted, upload_path
from core.imports.services.earlier import digest_of
from core.imports.services.headings import column_keys
from core.imports.services.profiles import find_profile, with_profile
from core.shared.errors import AppError


def to_inspect(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, TO_INSPECT: True}


def needs_inspection(run: ImportRun) -> bool:
    """Raises AppError if the file was deleted."""
    return run.awaits_inspection or load_preview(run) is None


def inspect_file(run: ImportRun) -> bool:
    """Stores a preview and changes the run, which the caller saves. Whether it is remembered how such a file is read.

    Raises AppError for an unreadable file.
    """
    path = upload_path(run.path)
    if not path.is_file():
        run.files_deleted_at = timezone.now()
        raise file_deleted()
    run.file_digest = run.file_digest or digest_of(path)
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
    profile = find_profile(run.kind, preview.headings)
    if profile is None or (options.get("mapping") or {}).keys() == set(column_keys(preview.headings)):
        return False
    run.options = {**with_profile(options, profile), **layout}
    return True


def not_inspected() -> AppError:
    return AppError("not_looked_at", _("This file has not been looked at yet."), status=409)
