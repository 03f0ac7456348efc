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
from core.imports.services.options import IGNORE
from core.imports.services.reading import Source
from core.shared.chain import current_chain
from core.shared.spreadsheets import guarded

CONTEXT = "context"
ROWS_AT_ONCE = 2000
_END = (math.inf, "", "")
_NUMBER = re.compile(r"[-+]?[\d.,]+")


def chain_folder() -> Path:
    """Where the files of the chain lie."""
    return Path(settings.MEDIA_ROOT) / current_chain().schema_name


def new_folder() -> Path:
    """A folder of the chain's own for one import's files, which only the application can read."""
    folder = chain_folder() / "imports" / str(uuid.uuid4())
    folder.mkdir(parents=True, mode=0o700)
    return folder


def write(source: Source, columns: Columns, context_lines: Iterable[int], *, folder: Path | None) -> Path:
    """The file's own columns, then line, column and reason. Where it has no header the fields' names make one, so that
    the corrected file is recognised."""
    path = (folder or new_folder()) / "rejects.csv"
    with open(path, "w", newline="", encoding="utf-8-sig", opener=_private) as file:
        writer = csv.writer(file)
        headings = source.headings or ["" if name == IGNORE else name for name in columns.headings]
        writer.writerow([*map(harmless, headings), _("line"), _("column"), _("reason")])
        for line, cells, reason in _with_reasons(source, context_lines):
            padded = [*cells, *[""] * (source.width - len(cells))]
            writer.writerow([*map(harmless, padded), line, *map(harmless, reason)])
    return path


def harmless(text: str) -> str:
    """A cell that a spreadsheet program would take for a formula is marked as text; numbers stay as they are. Reading
    the file takes the mark off."""
    return text if _NUMBER.fullmatch(text) else guarded(text)


def _with_reasons(source: Source, context_lines: Iterable[int]) -> Iterator[tuple[int, list[str], tuple[str, str]]]:
    """Both the file and the reasons go by lines, so neither is held as a whole."""
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
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
