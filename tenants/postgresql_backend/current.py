"""This thread's connection, typed as what it is."""

from django.db import connections
from django_tenants.utils import get_tenant_database_alias

from .base import DatabaseWrapper


def connection() -> DatabaseWrapper:
    found = connections[get_tenant_database_alias()]
    if not isinstance(found, DatabaseWrapper):
        raise TypeError("DATABASES ENGINE must be tenants.postgresql_backend.")
    return found
