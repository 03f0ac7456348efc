"""Advisory locks of the database: they end with the session that holds them, however its process ends.

Their numbers nobody can work out who lacks the installation's secret, and they are taken as the application's login: a
chain's own role has no right on them (tenants/preparation.py), and so can neither hold up another chain nor fill the
server's table of locks.
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

# Milliseconds after which a statement notices that its client was killed, and gives the lock back.
CLIENT_CHECK = 2000


def lock_key(*parts: str) -> int:
    """A signed 64-bit number for that name; for a lock of a chain one of its parts is the chain's schema.

    While SECRET_KEY is being renewed all processes know the key of before, so that the oldest one is used.
    """
    secret = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS][-1]
    digest = hmac.digest(force_bytes(secret), "\0".join(("advisory lock", *parts)).encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big", signed=True)


def jobs_lock() -> str:
    """The name of the lock that the one job at work holds (core.jobs): of the chain entered, or of the platform."""
    return f"jobs of {current_schema()}"


@contextmanager
def try_lock(*parts: str) -> Iterator[bool]:
    """Whether this session holds the lock for the block; it never waits. The same session may take it again within."""
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
    """Whether this transaction got the lock, which it then holds until its end."""
    return _query("SELECT pg_try_advisory_xact_lock(%s::bigint)", *parts)


def lock_chain(purpose: str, *, shared: bool = False) -> None:
    """As `lock_transaction`, a lock of the chain entered."""
    lock_transaction(current_schema(), purpose, shared=shared)


def is_locked(*parts: str) -> bool:
    """Whether another session holds the lock, without coming in its way."""
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
        # Stopped in the middle of a statement: the lock ends with the session.
        connection.close()


def _query(statement: str, *parts: str) -> bool:
    """As the login, in the transaction there is."""
    with outside_chain(), connection.cursor() as cursor:
        cursor.execute(statement, [lock_key(*parts)])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return bool(row and row[0])
