"""This thread's connection, typed as what it is."""

from typing import Any

from django.db import connections
from django_tenants.utils import get_tenant_database_alias

from .base import DatabaseWrapper


def leave_chain(**_signal: Any) -> None:
    """At the end of a request: nothing that runs next on this thread stands in its chain. Sends no statement."""
    for opened in connections.all(initialized_only=True):
        if isinstance(opened, DatabaseWrapper):
            opened.set_schema_to_public()


def connection() -> DatabaseWrapper:
    found = connections[get_tenant_database_alias()]
    if not isinstance(found, DatabaseWrapper):
        raise TypeError("DATABASES ENGINE must be tenants.postgresql_backend.")
    return found
