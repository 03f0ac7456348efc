"""Writes the rows that were left out, with the reason, so that they can be corrected and imported."""

import csv
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.imports.services.columns import Columns
from core.imports.services.options import IGNORE
from core.imports.services.reading import Source
from core.shared.chain import current_chain
from core.shared.spreadsheets import guarded

CONTEXT = "context"
_NUMBER = re.compile(r"[-+]?[\d.,]+")


def chain_folder() -> Path:
    """Where the files of the chain lie."""
    return Path(settings.MEDIA_ROOT) / current_chain().schema_name


def new_folder() -> Path:
    """A folder of the chain's own for one import's files, which only the application can read."""
    folder = chain_folder() / "imports" / str(uuid.uuid4())
    folder.mkdir(parents=True, mode=0o700)
    return folder


def write(
    cursor: CursorWrapper, source: Source, columns: Columns, context_lines: list[int], *, folder: Path | None
) -> Path:
    """The file's own columns, then line, column and reason. Where it has no header the fields' names make one, so that
    the corrected file is recognised."""
    reasons = _reasons(cursor)
    for line in context_lines:
        reasons.setdefault(line, ("", CONTEXT))
    path = (folder or new_folder()) / "rejects.csv"
    with open(path, "w", newline="", encoding="utf-8-sig", opener=_private) as file:
        writer = csv.writer(file)
        headings = source.headings or ["" if name == IGNORE else name for name in columns.headings]
        writer.writerow([*map(harmless, headings), _("line"), _("column"), _("reason")])
        for line, cells in _rows(source, reasons):
            padded = [*cells, *[""] * (source.width - len(cells))]
            writer.writerow([*map(harmless, padded), line, *map(harmless, reasons[line])])
    return path


def harmless(text: str) -> str:
    """A cell that a spreadsheet program would take for a formula is marked as text; numbers stay as they are. Reading
    the file takes the mark off."""
    return text if _NUMBER.fullmatch(text) else guarded(text)


def _reasons(cursor: CursorWrapper) -> dict[int, tuple[str, str]]:
    cursor.execute(
        "SELECT line, string_agg(\"column\", '; '), string_agg(message, ' ') FROM import_error GROUP BY line"
    )
    return {int(line): (column or "", message) for line, column, message in cursor.fetchall()}


def _rows(source: Source, wanted: dict[int, tuple[str, str]]) -> Iterator[tuple[int, list[str]]]:
    for rows in source.chunks():
        for line, cells in zip(rows.lines, rows.cells, strict=True):
            if line in wanted:
                yield line, cells


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
