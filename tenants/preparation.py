"""Make a database ready for Revisit, as its server's superuser. Run again, it changes nothing.

This is done once, beforehand, so that the application itself needs no superuser: see `prepare_database`.
"""

import psycopg
from psycopg import sql

EXTENSIONS = ("pg_trgm",)
# Functions that an expression in a query could call to leave the chain's role, or to store data outside any schema.
GUARDED_FUNCTIONS = (
    "set_config(text, text, boolean)",
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
)


def prepare_database(admin_dsn: str, *, login: str, password: str | None, database: str) -> None:
    """Create the login and the database where they are missing, and give the login just what it needs.

    `admin_dsn` names any database of the server, as a superuser. Several at the same moment come one after the other.
    """
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(hashtextextended('revisit: prepare_database', 0))")
        _make_login(admin, login=login, password=password)
        _make_database(admin, login=login, database=database)
        with psycopg.connect(admin_dsn, dbname=database) as inside, inside.transaction():
            _make_extensions(inside)
            _grant_public_schema(inside, login=login)
            _guard_functions(inside, login=login)


def _make_login(admin: psycopg.Connection, *, login: str, password: str | None) -> None:
    found = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone()
    rights: sql.Composable = sql.SQL("LOGIN NOSUPERUSER NOINHERIT CREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS")
    if password is not None:
        rights = rights + sql.SQL(" PASSWORD {}").format(password)
    verb = sql.SQL("ALTER" if found else "CREATE")
    admin.execute(sql.SQL("{} ROLE {} {}").format(verb, sql.Identifier(login), rights))


def _make_database(admin: psycopg.Connection, *, login: str, database: str) -> None:
    """The database stays the administrator's: the login makes schemas in it but cannot drop it."""
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        statement = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
        admin.execute(sql.SQL(statement).format(sql.Identifier(database)))
    statement = "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {} TO {}"
    admin.execute(sql.SQL(statement).format(sql.Identifier(database), sql.Identifier(login)))


def _make_extensions(inside: psycopg.Connection) -> None:
    inside.execute("CREATE SCHEMA IF NOT EXISTS ext")
    inside.execute("GRANT USAGE ON SCHEMA ext TO PUBLIC")
    for name in EXTENSIONS:
        inside.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA ext").format(sql.Identifier(name)))


def _grant_public_schema(inside: psycopg.Connection, *, login: str) -> None:
    inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    inside.execute(sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(sql.Identifier(login)))


def _guard_functions(inside: psycopg.Connection, *, login: str) -> None:
    for function in GUARDED_FUNCTIONS:
        inside.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION pg_catalog.{} FROM PUBLIC").format(sql.SQL(function)))
    grant = "GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO {}"
    inside.execute(sql.SQL(grant).format(sql.Identifier(login)))
