"""The two database roles of a chain: the owner, which migrates, and the runtime role, which only touches rows.

Roles belong to the server, not to a database, so their names carry both.
"""

import hashlib
from typing import Literal

from psycopg import sql

Kind = Literal["owner", "run"]
KINDS: tuple[Kind, ...] = ("owner", "run")
LONGEST_NAME = 63


def role_name(*, database: str, schema: str, kind: Kind) -> str:
    """`<database>__<schema>__<kind>`, shortened with a hash where PostgreSQL would cut it off."""
    name = f"{database}__{schema}__{kind}"
    if len(name.encode()) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    kept = name.encode()[: LONGEST_NAME - len(digest) - len(kind) - 4].decode(errors="ignore")
    return f"{kept}__{digest}__{kind}"


def quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)


def create_roles_sql(
    *, database: str, schema: str, existing: frozenset[str] = frozenset(), may_log_in: bool = False
) -> str:
    """Make the roles and let the login switch to them. On a Citus cluster they log in at the other nodes.

    A role that is there already belonged to a chain of a database of the same name that was dropped; it is taken over.
    The ROLE clause does what a GRANT does in a third of the time once the login is a member of thousands of roles.
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
    """Make the schema, owned by the chain's owner."""
    owner = quoted(role_name(database=database, schema=schema, kind="owner"))
    return f"CREATE SCHEMA {quoted(schema)} AUTHORIZATION {owner};\n"


def grant_sql(*, database: str, schema: str, login: str) -> str:
    """What the owner gives to the runtime role, for the tables there are and those later migrations make.

    The login may look at the schema too, for the one table that says which migrations it has had.
    """
    here = f"IN SCHEMA {quoted(schema)}"
    run = quoted(role_name(database=database, schema=schema, kind="run"))
    return (
        f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {run}, {quoted(login)};\n"
        f"ALTER DEFAULT PRIVILEGES {here} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {run};\n"
        f"ALTER DEFAULT PRIVILEGES {here} GRANT USAGE, SELECT ON SEQUENCES TO {run};\n"
    )


def guard_migrations_sql(*, database: str, schema: str, login: str) -> str:
    """The record of migrations: written by the owner alone, read by the login, which compares all chains at once."""
    table = f"{quoted(schema)}.django_migrations"
    run = quoted(role_name(database=database, schema=schema, kind="run"))
    return f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {run};\nGRANT SELECT ON {table} TO {quoted(login)};\n"


def drop_sql(*, database: str, schema: str) -> str:
    """The schema with all it holds, then its roles. Run as the login while no one else uses the chain."""
    owner, run = (quoted(role_name(database=database, schema=schema, kind=kind)) for kind in KINDS)
    return (
        f"SET ROLE {owner};\nDROP SCHEMA IF EXISTS {quoted(schema)} CASCADE;\nRESET ROLE;\nDROP ROLE {owner}, {run};\n"
    )
