"""Notes which records a piece of work makes, and how those that it changes were before, so that it can be taken back.

Whoever writes records as a set says so beside the statement that writes: `note_before` first, `note_made` after.
Nothing is noted unless `noting` was entered; what has been noted then is in temporary tables until the transaction
ends: for each table `noted_made` (id) and `noted_before` (id, record).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Model

_noted: ContextVar[frozenset[str]] = ContextVar("noted", default=frozenset())


def noted_made(table: str) -> str:
    return f"made_in_{table}"


def noted_before(table: str) -> str:
    return f"before_in_{table}"


@contextmanager
def noting(cursor: CursorWrapper, models: Iterable[type[Model]]) -> Iterator[None]:
    """Within a transaction."""
    tables = frozenset(model._meta.db_table for model in models)
    for table in tables:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{noted_made(table)}, pg_temp.{noted_before(table)}")
        cursor.execute(f"CREATE TEMP TABLE {noted_made(table)} (id bigint) ON COMMIT DROP")
        cursor.execute(f"CREATE TEMP TABLE {noted_before(table)} (id bigint PRIMARY KEY, record jsonb) ON COMMIT DROP")
    token = _noted.set(tables)
    try:
        yield
    finally:
        _noted.reset(token)


def note_made(cursor: CursorWrapper, model: type[Model], ids: str, params: Sequence[Any] = ()) -> None:
    """`ids` is a query of the ids of records that were made just now."""
    table = model._meta.db_table
    if table in _noted.get():
        cursor.execute(f"INSERT INTO {noted_made(table)} {ids}", params)


def noted_insert(model: type[Model], statement: str) -> str:
    """The same INSERT, which notes what it makes. It counts the same rows, and may update those that are there."""
    table = model._meta.db_table
    if table not in _noted.get():
        return statement
    # A row that an INSERT has updated bears the mark of the lock on the one before.
    return (
        f"WITH made AS ({statement} RETURNING id, xmax = 0 AS is_new) "
        f"INSERT INTO {noted_made(table)} SELECT CASE WHEN is_new THEN id END FROM made"
    )


def note_before(
    cursor: CursorWrapper,
    model: type[Model],
    where: str,
    params: Sequence[Any] = (),
    *,
    parts: Mapping[type[Model], str] | None = None,
) -> None:
    """Notes, and locks, the records `m` that are about to change. Records of `parts`, by the column that points to
    `m`, are noted with theirs as a whole."""
    table = model._meta.db_table
    if table not in _noted.get():
        return
    listed = ", ".join(
        f"'{part._meta.db_table}', coalesce((SELECT jsonb_agg(p ORDER BY p.id) FROM {part._meta.db_table} p "
        f"WHERE p.{column} = m.id), '[]')"
        for part, column in (parts or {}).items()
    )
    record = f"to_jsonb(m) || jsonb_build_object('parts', jsonb_build_object({listed}))" if parts else "to_jsonb(m)"
    cursor.execute(
        f"INSERT INTO {noted_before(table)} SELECT m.id, {record} FROM (SELECT m.* FROM {table} m "
        f"WHERE {where} ORDER BY m.id FOR NO KEY UPDATE OF m) AS m ON CONFLICT DO NOTHING",
        params,
    )
