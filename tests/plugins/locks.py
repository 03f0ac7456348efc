"""A lock of the database that another process holds."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from core.shared.locks import lock_key
from tests.plugins import server


@contextmanager
def locked(name: str) -> Iterator[None]:
    key = [lock_key(name)]
    with psycopg.connect(server.ADMIN_DSN, dbname=server.DATABASE, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(%s::bigint)", key)
        yield
        # A session that is merely closed keeps it for a moment more.
        session.execute("SELECT pg_advisory_unlock(%s::bigint)", key)
