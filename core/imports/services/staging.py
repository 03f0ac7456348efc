"""Streams rows to the staging tables: a thread copies one batch to the database while the next is read."""

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db.backends.utils import CursorWrapper

from core.imports.services.chunks import RowError
from core.imports.services.values.memo import escaped

T = TypeVar("T")
# Batches that may wait for the database, which bounds the memory a fast reader fills.
MAX_PENDING = 3
COPY_BLOCK = 1 << 18
# Seconds.
SWITCH_INTERVAL = 0.0002


class Writer:
    """The one thread that speaks to the database while a file is read. Jobs run in the order they come in."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self.cursor = cursor
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="import")
        self._waiting: list[Future[Any]] = []

    def submit(self, job: Callable[[], Any]) -> None:
        """Raises here what an earlier job raised there."""
        while len(self._waiting) >= MAX_PENDING:
            self._waiting.pop(0).result()
        self._waiting.append(self._pool.submit(job))

    def ask(self, job: Callable[[], T]) -> T:
        return self._pool.submit(job).result()

    def finish(self) -> None:
        while self._waiting:
            self._waiting.pop(0).result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


@contextmanager
def tuned_for_streaming() -> Iterator[None]:
    """Pauses the garbage collector, which takes a quarter of the time and finds no cycles in rows, and shortens the
    switch interval: the writer's thread would wait for the interpreter longer than for the database."""
    was_on, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was_on:
            gc.enable()


def copy_text(cursor: CursorWrapper, statement: str, blob: str) -> None:
    data = blob.encode()
    with cursor.copy(statement) as copy:
        for start in range(0, len(data), COPY_BLOCK):
            copy.write(data[start : start + COPY_BLOCK])


def as_copy_text(columns: Sequence[Sequence[str]]) -> str:
    """Columns of values as COPY's text format has them."""
    rows = map("\t".join, zip(*columns, strict=True))
    return "\n".join(rows) + "\n"


def make_error_table(cursor: CursorWrapper) -> None:
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_error")
    cursor.execute(
        'CREATE TEMP TABLE import_error (line bigint, "column" text, code text, message text, value text) '
        "ON COMMIT DROP"
    )


def copy_errors(cursor: CursorWrapper, errors: Sequence[RowError]) -> None:
    if not errors:
        return
    rows = (
        "\t".join(
            (
                str(error.line),
                escaped(error.heading),
                error.problem.code,
                escaped(error.problem.message),
                escaped(error.value),
            )
        )
        for error in errors
    )
    copy_text(cursor, "COPY import_error FROM STDIN", "\n".join(rows) + "\n")
