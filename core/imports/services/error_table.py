"""Reads the table of the errors of rows: the first of them for the command, one row for each kind for the page."""

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from core.imports.services.file_findings import at_its_place
from core.imports.services.file_source import FileSource
from core.imports.services.results import EXAMPLES, LISTED_FINDINGS, Finding
from core.shared.figures import count


def listed_errors(cursor: CursorWrapper, source: FileSource) -> list[Finding]:
    cursor.execute(
        'SELECT line, "column", code, message, value FROM import_error ORDER BY line, ctid LIMIT %s',
        [LISTED_FINDINGS],
    )
    return [
        at_its_place(Finding("error", code, message, line, column or None, value or None), source)
        for line, column, code, message, value in cursor.fetchall()
    ]


def kinds_of_errors(cursor: CursorWrapper, source: FileSource) -> list[Finding]:
    """By column and code: the first error, how many rows have one, and three examples of them."""
    cursor.execute(
        'SELECT min(line), "column", code, (array_agg(message ORDER BY line))[1], (array_agg(value ORDER BY line))[1], '
        "count(DISTINCT line), (array_agg(line ORDER BY line))[:%(most)s], (array_agg(value ORDER BY line))[:%(most)s] "
        'FROM import_error GROUP BY "column", code ORDER BY 1',
        {"most": EXAMPLES},
    )
    return [
        Finding("error", code, message, line, column or None, value or None, rows, _examples(lines, values, source))
        for line, column, code, message, value, rows, lines, values in cursor.fetchall()
    ]


def _examples(lines: Sequence[int], values: Sequence[str], source: FileSource) -> tuple[str, ...]:
    return tuple(_example(*source.place(line), value) for line, value in zip(lines, values, strict=True))


def _example(table: str, line: int, value: str) -> str:
    if value:
        text = _("line %(line)s: %(value)s") % {"line": count(line), "value": value}
    else:
        text = _("line %s") % count(line)
    return f"{table}, {text}" if table else text
