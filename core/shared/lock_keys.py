"""Advisory locks of the database, under numbers that nobody can work out who lacks the installation's secret.

They are taken as the application's login: a chain's own role has no right on them (tenants/preparation.py), and so can
neither hold up another chain nor fill the server's table of locks.
"""

import hashlib
import hmac

from django.conf import settings
from django.db import connection
from django.utils.encoding import force_bytes
from django_tenants.utils import get_public_schema_name, schema_context


def lock_key(*parts: str) -> int:
    """A signed 64-bit number for that name; for a lock of a chain one of its parts is the chain's schema.

    While SECRET_KEY is being renewed all processes know the key of before, so that the oldest one is used.
    """
    secret = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS][-1]
    digest = hmac.digest(force_bytes(secret), "\0".join(("advisory lock", *parts)).encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big", signed=True)


def lock_transaction(*parts: str, shared: bool = False) -> None:
    """Waits for the lock and holds it until the transaction ends."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    ask(f"SELECT {function}(%s::bigint) IS NOT NULL", lock_key(*parts))


def try_lock_transaction(*parts: str) -> bool:
    """Whether this transaction got the lock, which it then holds until its end."""
    return ask("SELECT pg_try_advisory_xact_lock(%s::bigint)", lock_key(*parts))


def lock_chain(purpose: str, *, shared: bool = False) -> None:
    """As `lock_transaction`, a lock of the chain entered."""
    lock_transaction(str(getattr(connection, "schema_name", "")), purpose, shared=shared)


def ask(statement: str, key: int) -> bool:
    """A statement about a lock, as the login, in the transaction there is."""
    with schema_context(get_public_schema_name()), connection.cursor() as cursor:
        cursor.execute(statement, [key])
        return bool(cursor.fetchone()[0])
