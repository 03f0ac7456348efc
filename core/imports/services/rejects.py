"""Writes the rows that were left out, with the reason, so that they can be corrected and imported."""

import csv
import math
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from heapq import merge
from operator import itemgetter
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from core.imports.services.columns import Columns
from core.imports.services.file_source import FileSource
from core.imports.services.options import IGNORE
from core.shared.chain import current_chain
from core.shared.spreadsheets import escape_formulas

CONTEXT = "context"
BATCH_SIZE = 2000
_END = (math.inf, "", "")
_NUMBER = re.compile(r"[-+]?[\d.,]+")


def chain_folder() -> Path:
    """The folder of the chain's files."""
    return Path(settings.MEDIA_ROOT) / current_chain().schema_name


def make_import_folder(name: uuid.UUID | None = None) -> Path:
    """Creates the folder for the files of one import, which only the application can read."""
    folder = chain_folder() / "imports" / str(name or uuid.uuid4())
    folder.mkdir(parents=True, mode=0o700)
    return folder


def write_rejects(source: FileSource, columns: Columns, context_lines: Iterable[int], *, folder: Path | None) -> Path:
    """The file's own columns, then line, column and reason. Where it has no header the fields' names make one, so that
    the corrected file is recognised."""
    path = (folder or make_import_folder()) / "rejects.csv"
    with open(path, "w", newline="", encoding="utf-8-sig", opener=open_private) as file:
        writer = csv.writer(file)
        headings = source.headings or ["" if name == IGNORE else name for name in columns.headings]
        writer.writerow([*map(escape_formula, headings), _("line"), _("column"), _("reason")])
        for line, cells, reason in _with_reasons(source, context_lines):
            padded = [*cells, *[""] * (source.width - len(cells))]
            name, number = source.place(line)
            place = f"{name}: {number}" if name else number
            writer.writerow([*map(escape_formula, padded), place, *map(escape_formula, reason)])
    return path


def escape_formula(text: str) -> str:
    """Marks a cell that a spreadsheet would read as a formula as text, numbers excepted. Importing removes the mark."""
    return text if _NUMBER.fullmatch(text) else escape_formulas(text)


def _with_reasons(source: FileSource, context_lines: Iterable[int]) -> Iterator[tuple[int, list[str], tuple[str, str]]]:
    """Merges file and reasons line by line, so that neither is held in memory as a whole."""
    reasons = merge(_reasons(), ((line, "", CONTEXT) for line in context_lines), key=itemgetter(0))
    wanted, column, message = next(reasons, _END)
    for rows in source.chunks():
        if wanted > rows.lines[-1]:
            continue
        for line, cells in zip(rows.lines, rows.cells, strict=True):
            if line == wanted:
                yield line, cells, (column, message)
            while wanted <= line:
                wanted, column, message = next(reasons, _END)


def _reasons() -> Iterator[tuple[float, str, str]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT line, coalesce(string_agg(\"column\", '; '), ''), string_agg(message, ' ') FROM import_error "
            "GROUP BY line ORDER BY line"
        )
        while rows := cursor.fetchmany(BATCH_SIZE):
            yield from rows


def open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
