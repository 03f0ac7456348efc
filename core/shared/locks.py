"""Advisory locks of the database, which end with the session that holds them, however its process ends.

Their keys are derived from SECRET_KEY, and they are taken as the application's login: a chain's own role has no right
on them (tenants/preparation.py), so it can neither block another chain nor fill the server's lock table.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils.encoding import force_bytes

from core.shared.chain import current_schema, outside_chain

# Milliseconds after which a statement notices that its client was killed, and releases the lock.
CLIENT_CHECK = 2000


def lock_key(*parts: str) -> int:
    """A signed 64-bit number for that name; for a lock of a chain one of its parts is the chain's schema.

    While SECRET_KEY is being renewed all processes know the key of before, so that the oldest one is used.
    """
    secret = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS][-1]
    digest = hmac.digest(force_bytes(secret), "\0".join(("advisory lock", *parts)).encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big", signed=True)


def jobs_lock() -> str:
    """The name of the lock that the running job holds (core.jobs), of the current chain or of the platform."""
    return f"jobs of {current_schema()}"


@contextmanager
def try_lock(*parts: str) -> Iterator[bool]:
    """Yields whether the lock was acquired, without waiting; it is reentrant within the session."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET client_connection_check_interval = {CLIENT_CHECK}")
    if not _query("SELECT pg_try_advisory_lock(%s::bigint)", *parts):
        yield False
        return
    try:
        yield True
    finally:
        _release(*parts)


def lock_transaction(*parts: str, shared: bool = False) -> None:
    """Waits for the lock and holds it until the transaction ends."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    _query(f"SELECT {function}(%s::bigint) IS NOT NULL", *parts)


def try_lock_transaction(*parts: str) -> bool:
    """Tries to take the lock until the end of the transaction, without waiting."""
    return _query("SELECT pg_try_advisory_xact_lock(%s::bigint)", *parts)


def lock_chain(purpose: str, *, shared: bool = False) -> None:
    """A `lock_transaction` of the current chain."""
    lock_transaction(current_schema(), purpose, shared=shared)


def is_locked(*parts: str) -> bool:
    """Whether another session holds the lock; does not take it."""
    return _query(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND pid <> pg_backend_pid() AND ((classid::bigint << 32) | objid::bigint) = %s::bigint)",
        *parts,
    )


def _release(*parts: str) -> None:
    try:
        _query("SELECT pg_advisory_unlock(%s::bigint)", *parts)
    except Error:
        # The connection is in the middle of a statement: closing it releases the lock.
        connection.close()


def _query(statement: str, *parts: str) -> bool:
    """Runs as the application's login, in the present transaction."""
    with outside_chain(), connection.cursor() as cursor:
        cursor.execute(statement, [lock_key(*parts)])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return bool(row and row[0])
