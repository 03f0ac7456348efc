"""SQL for the two database roles of a chain: the owner, which migrates, and the runtime role, which accesses rows.

Roles belong to the server, not to a database, so their names contain database and schema.
"""

import hashlib
from typing import Literal

from psycopg import sql

Kind = Literal["owner", "run"]
KINDS: tuple[Kind, ...] = ("owner", "run")
MAX_NAME_LENGTH = 63


def role_name(*, database: str, schema: str, kind: Kind) -> str:
    """`<database>__<schema>__<kind>`, shortened with a hash where PostgreSQL would cut it off."""
    name = f"{database}__{schema}__{kind}"
    if len(name.encode()) <= MAX_NAME_LENGTH:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    shortened = name.encode()[: MAX_NAME_LENGTH - len(digest) - len(kind) - 4].decode(errors="ignore")
    return f"{shortened}__{digest}__{kind}"


def quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)


def create_roles_sql(
    *, database: str, schema: str, existing: frozenset[str] = frozenset(), may_log_in: bool = False
) -> str:
    """Return SQL that creates the roles and lets the login switch to them (`may_log_in`: for Citus nodes).

    An existing role was left by a dropped database of the same name and is reused. The ROLE clause is three times as
    fast as GRANT once the login is a member of thousands of roles.
    """
    statements = []
    rights = f"{'LOGIN' if may_log_in else 'NOLOGIN'} NOINHERIT"
    for kind in KINDS:
        name = role_name(database=database, schema=schema, kind=kind)
        if name in existing:
            statements += [f"ALTER ROLE {quoted(name)} {rights}", f"GRANT {quoted(name)} TO SESSION_USER"]
        else:
            statements.append(f"CREATE ROLE {quoted(name)} {rights} ROLE SESSION_USER")
    return ";\n".join(statements) + ";\n"


def create_schema_sql(*, database: str, schema: str) -> str:
    """Return SQL that creates the schema, owned by the chain's owner role."""
    owner = quoted(role_name(database=database, schema=schema, kind="owner"))
    return f"CREATE SCHEMA {quoted(schema)} AUTHORIZATION {owner};\n"


def grant_sql(*, database: str, schema: str, login: str) -> str:
    """Return SQL that grants the runtime role access to present and future tables.

    The login gets USAGE too, to read the table of applied migrations.
    """
    here = f"IN SCHEMA {quoted(schema)}"
    run = quoted(role_name(database=database, schema=schema, kind="run"))
    return (
        f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {run}, {quoted(login)};\n"
        f"ALTER DEFAULT PRIVILEGES {here} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {run};\n"
        f"ALTER DEFAULT PRIVILEGES {here} GRANT USAGE, SELECT ON SEQUENCES TO {run};\n"
    )


def guard_migrations_sql(*, database: str, schema: str, login: str) -> str:
    """Return SQL that lets only the owner write django_migrations; the login reads it to compare all chains."""
    table = f"{quoted(schema)}.django_migrations"
    run = quoted(role_name(database=database, schema=schema, kind="run"))
    return f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {run};\nGRANT SELECT ON {table} TO {quoted(login)};\n"


def drop_sql(*, database: str, schema: str) -> str:
    """Return SQL that drops the schema and its roles. Run as the login while no one uses the chain."""
    owner, run = (quoted(role_name(database=database, schema=schema, kind=kind)) for kind in KINDS)
    return (
        f"SET ROLE {owner};\nDROP SCHEMA IF EXISTS {quoted(schema)} CASCADE;\nRESET ROLE;\nDROP ROLE {owner}, {run};\n"
    )
