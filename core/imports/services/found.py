"""Rows that are wrong in view of others: the database finds them, and they are listed a few at a time, since every row
of a file may be one."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from core.imports.services.context import ImportContext
from core.imports.services.rows import RowError
from core.imports.services.staging import copy_errors
from core.imports.services.values.memo import Problem, shortened

ROWS_AT_ONCE = 2000


def find(context: ImportContext, query: str) -> None:
    """Into the table `import_found`; the query's first column is `line`."""
    context.cursor.execute("DROP TABLE IF EXISTS pg_temp.import_found")
    context.cursor.execute(f"CREATE TEMP TABLE import_found ON COMMIT DROP AS {query}")
    context.cursor.execute("ANALYZE import_found")


def mark_bad(context: ImportContext, table: str) -> None:
    """Whatever of it was good until now."""
    context.cursor.execute(
        f"UPDATE {table} i SET bad = true FROM import_found f WHERE i.line = f.line AND NOT i.bad"  # noqa: S608
    )
    context.errors.rows += context.cursor.rowcount


def note(context: ImportContext, name: str, told: Callable[..., tuple[Problem, str]]) -> None:
    """An error for each row found: `told` makes problem and cell from what the query selects beside the line."""
    heading, errors = context.columns.heading_of(name), context.errors
    for line, *values in _found():
        if errors.is_full:
            return
        problem, cell = told(*values)
        errors.add(RowError(line, heading, problem, shortened(cell)))
        if len(errors.waiting) >= ROWS_AT_ONCE:
            copy_errors(context.cursor, errors.take())


def _found() -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT * FROM import_found ORDER BY line")
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows
