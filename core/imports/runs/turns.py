"""Who is at work on an import: its worker holds a lock of the database, which ends with the worker."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.imports.models import ImportRun
from core.shared.lock_keys import ask, lock_key


@contextmanager
def held(run: ImportRun) -> Iterator[bool]:
    """Whether this session now is the one at work on the import."""
    if not _asked("SELECT pg_try_advisory_lock(%s::bigint)", run):
        yield False
        return
    try:
        yield True
    finally:
        _asked("SELECT pg_advisory_unlock(%s::bigint)", run)


def is_held(run: ImportRun) -> bool:
    """Whether a worker is at work on the import, without coming in its way."""
    return _asked(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND (classid::bigint << 32) | objid::bigint = %s::bigint)",
        run,
    )


def _asked(statement: str, run: ImportRun) -> bool:
    return ask(statement, _key(run))


def _key(run: ImportRun) -> int:
    """62 bits, so that it is the same number signed and unsigned."""
    return lock_key("import", str(run.pk)) & ((1 << 62) - 1)
