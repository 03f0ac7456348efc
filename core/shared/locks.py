"""Advisory locks of the database: they end with the session that holds them, however its process ends."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import Error, connection

from core.shared.chain import current_schema, outside_chain

# Milliseconds after which a statement notices that its client was killed, and gives the lock back.
CLIENT_CHECK = 2000


def lock_key(name: str) -> int:
    """62 bits, the same number signed and unsigned, which nobody can work out who lacks the installation's secret."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"lock: {name}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") >> 2


def jobs_lock() -> str:
    """The name of the lock that the one job at work holds (core.jobs): of the chain entered, or of the platform."""
    return f"jobs of {current_schema()}"


@contextmanager
def try_lock(name: str) -> Iterator[bool]:
    """Whether this session holds the lock for the block; it never waits. The same session may take it again within."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET client_connection_check_interval = {CLIENT_CHECK}")
    if not _ask("SELECT pg_try_advisory_lock(%s::bigint)", name):
        yield False
        return
    try:
        yield True
    finally:
        _give_back(name)


def lock_transaction(name: str) -> None:
    """Waits for the lock and holds it until the transaction ends."""
    _ask("SELECT pg_advisory_xact_lock(%s::bigint) IS NOT NULL", name)


def is_locked(name: str) -> bool:
    """Whether another session holds the lock, without coming in its way."""
    return _ask(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND pid <> pg_backend_pid() AND (classid::bigint << 32) | objid::bigint = %s::bigint)",
        name,
    )


def _give_back(name: str) -> None:
    try:
        _ask("SELECT pg_advisory_unlock(%s::bigint)", name)
    except Error:
        # Stopped in the middle of a statement: the lock ends with the session.
        connection.close()


def _ask(statement: str, name: str) -> bool:
    """As the application's login: a chain's own role needs no right on locks."""
    with outside_chain(), connection.cursor() as cursor:
        cursor.execute(statement, [lock_key(name)])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return bool(row and row[0])
