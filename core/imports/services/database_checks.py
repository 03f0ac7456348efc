"""Checks of staged rows against each other and the database. A query selects the bad rows; they are fetched in batches,
since every row of a file may be bad."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from core.imports.services.chunks import RowError
from core.imports.services.context import ImportContext
from core.imports.services.staging import copy_errors
from core.imports.services.values.memo import Problem, shortened

BATCH_SIZE = 2000


def select_bad_rows(context: ImportContext, query: str) -> None:
    """Stores the result of the query, whose first column is `line`, in the table `import_bad_row`."""
    context.cursor.execute("DROP TABLE IF EXISTS pg_temp.import_bad_row")
    context.cursor.execute(f"CREATE TEMP TABLE import_bad_row ON COMMIT DROP AS {query}")
    context.cursor.execute("ANALYZE import_bad_row")


def mark_bad_rows(context: ImportContext, table: str) -> None:
    """Marks the selected rows as bad in the staging table, and counts those that were good before."""
    context.cursor.execute(
        f"UPDATE {table} i SET bad = true FROM import_bad_row f WHERE i.line = f.line AND NOT i.bad"  # noqa: S608
    )
    context.errors.rows += context.cursor.rowcount


def add_errors(context: ImportContext, name: str, describe: Callable[..., tuple[Problem, str]]) -> None:
    """Adds an error for each selected row; `describe` turns its other columns into the problem and the cell."""
    heading, errors = context.columns.heading_of(name), context.errors
    for line, *values in _bad_rows():
        if errors.is_full:
            return
        problem, cell = describe(*values)
        errors.add(RowError(line, heading, problem, shortened(cell)))
        if len(errors.waiting) >= BATCH_SIZE:
            copy_errors(context.cursor, errors.take())


def _bad_rows() -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT * FROM import_bad_row ORDER BY line")
        while rows := cursor.fetchmany(BATCH_SIZE):
            yield from rows
