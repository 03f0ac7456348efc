"""Looking at a file: the background reads how it begins, so that a person can say what its columns mean."""

import shutil
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.imports.models import ImportRun
from core.imports.runs.preview import keep_preview, kept_layout, preview_of, read_preview
from core.imports.runs.uploads import file_gone, place_of
from core.shared.errors import AppError

# Among the options of a run whose file is to be looked at before anything else.
LOOK = "look"


def to_look(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, LOOK: True}


def is_look(run: ImportRun) -> bool:
    return bool(run.options.get(LOOK))


def needs_look(run: ImportRun) -> bool:
    """Raises AppError where the file is gone."""
    return is_look(run) or preview_of(run) is None


def look(run: ImportRun) -> None:
    """Changes the run, which the caller saves. Raises AppError for a file that cannot be read."""
    path = place_of(run.path)
    if not path.is_file():
        run.files_deleted_at = timezone.now()
        raise file_gone()
    options = {name: value for name, value in run.options.items() if name != LOOK}
    try:
        layout, preview = read_preview(path, run.kind, options)
    except AppError:
        before = kept_layout(path)
        if before is None:
            # Of no use to anyone.
            shutil.rmtree(path.parent, ignore_errors=True)
            run.files_deleted_at = timezone.now()
        else:
            # It could be read before it was to be read otherwise.
            run.options = {**options, **before}
        raise
    keep_preview(path, layout, preview)
    run.options = {**options, **layout}


def not_looked_at() -> AppError:
    return AppError("not_looked_at", _("This file has not been looked at yet."), status=409)
