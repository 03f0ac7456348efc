"""Creates a chain's schema with roles and grants, and drops them."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django_tenants.utils import schema_context

from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.roles import (
    KINDS,
    create_roles_sql,
    create_schema_sql,
    drop_sql,
    grant_sql,
    guard_migrations_sql,
    role_name,
)

# Dropping a large chain, or waiting for its last users, takes longer than a request may; but not for ever.
DROP_TIMEOUT_SECONDS = 120


def make_schema(schema: str, *, fill: Callable[[], None]) -> None:
    """Create roles and schema in the caller's transaction, and call `fill` as the schema's owner."""
    database, login = connection().settings_dict["NAME"], connection().settings_dict["USER"]
    existing = _existing_roles(database=database, schema=schema)
    connection().execute_script(
        create_roles_sql(database=database, schema=schema, existing=existing, may_log_in=settings.CHAIN_ROLES_LOGIN)
        + create_schema_sql(database=database, schema=schema)
    )
    with schema_context(schema), connection().as_owner():
        connection().execute_script(grant_sql(database=database, schema=schema, login=login))
        fill()
        connection().execute_script(guard_migrations_sql(database=database, schema=schema, login=login))


def drop_chain(chain: Chain) -> None:
    """Drop schema, roles, domains and the chain's row in one transaction. Irreversible."""
    with transaction.atomic(), connection().statement_timeout(DROP_TIMEOUT_SECONDS):
        connection().execute_script(drop_sql(database=connection().settings_dict["NAME"], schema=chain.schema_name))
        chain.delete()


def _existing_roles(*, database: str, schema: str) -> frozenset[str]:
    names = [role_name(database=database, schema=schema, kind=kind) for kind in KINDS]
    with connection().cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [names])
        return frozenset(name for (name,) in cursor.fetchall())
