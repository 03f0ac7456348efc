"""A pooler between us and the server: one that keeps a session for us is as good as the server, any other is refused.

The role and the search path belong to the session. PgBouncer in transaction mode gives every transaction whichever
session is free, so a statement would run as the chain that used that session last.
"""

import threading

from django.core.exceptions import ImproperlyConfigured
from psycopg import Connection, Error
from psycopg.rows import TupleRow

SHARED = (
    "The database is behind a pooler that shares sessions between clients (PgBouncer with pool_mode transaction or "
    "statement). Chains are kept apart by the session's role: set pool_mode = session, or connect to PostgreSQL itself."
)
_known_good: set[str] = set()
_lock = threading.Lock()


def refuse_shared_sessions(connection: Connection[TupleRow]) -> None:
    """Looked into once a process and address, and only where the server's process is not the one that greeted us."""
    address = f"{connection.info.host}:{connection.info.port}/{connection.info.dbname}"
    with _lock:
        if address in _known_good:
            return
        before, connection.autocommit = connection.autocommit, True
        if _server_process(connection) != connection.info.backend_pid and _is_shared(connection):
            connection.close()
            raise ImproperlyConfigured(SHARED)
        connection.autocommit = before
        _known_good.add(address)


def _is_shared(mine: Connection[TupleRow]) -> bool:
    """Whether a second client gets at our session, or we at its: each is given the one that was let go last."""
    first = _server_process(mine)
    try:
        with Connection.connect(mine.info.dsn, password=mine.info.password, autocommit=True) as other:
            with other.transaction():
                if _server_process(other) == first or _server_process(mine) != first:
                    return True
            return _server_process(mine) != first
    except Error as error:
        # In statement mode PgBouncer takes no BEGIN.
        if "pooling mode" in str(error):
            return True
        raise


def _server_process(connection: Connection[TupleRow]) -> int:
    row = connection.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    if row is None:
        raise ImproperlyConfigured("The server does not say which process serves this connection.")
    return int(row[0])
