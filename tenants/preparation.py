"""Prepares a database for Revisit, as superuser; idempotent.

Run once before the first start, so that the application itself needs no superuser: see `prepare_database`.
"""

import psycopg
from psycopg import sql

EXTENSIONS = ("pg_trgm",)
# Functions that SQL injected into a query could call to leave its chain, as regular expressions. Revoked from everyone:
# large objects (outside any schema), functions that run SQL given as text, writing to the WAL.
REVOKED_FUNCTIONS = (
    r"lo_creat|lo_create|lo_from_bytea|pg_logical_emit_message|ts_stat|ts_rewrite"
    r"|(query|cursor|table|schema|database)_to_xml(schema|_and_xmlschema)?"
)
# For the application's login only: switching roles, locks, NOTIFY, sizes and statistics.
LOGIN_ONLY_FUNCTIONS = (
    r"set_config|pg_notify|pg_lock_status|pg_blocking_pids|pg_(try_)?advisory_\w+|pg_stat_get_\w+"
    r"|pg_(database|tablespace|relation|table|indexes|total_relation)_size"
)
# The system catalogue names every chain and its tables' row counts, so only the login may read it. Privileges are
# changed only where they differ, to avoid locks on catalogue tables in use.
_RESTRICT_CATALOGUE_SQL = """
DO $$
DECLARE
    one text;
BEGIN
    FOR one IN
        SELECT c.oid::regclass FROM pg_class c
        JOIN pg_init_privs i ON i.classoid = 'pg_class'::regclass AND i.objoid = c.oid AND i.objsubid = 0
        CROSS JOIN aclexplode(i.initprivs) r
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND r.grantee = 0 AND r.privilege_type = 'SELECT'
            AND (has_table_privilege('public', c.oid, 'SELECT') OR NOT has_table_privilege({login}, c.oid, 'SELECT'))
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO %I, pg_monitor', one, {login});
        EXECUTE format('REVOKE SELECT ON %s FROM PUBLIC', one);
    END LOOP;
    FOR one IN
        SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ ('^(' || {logins} || ')$')
            AND (has_function_privilege('public', p.oid, 'EXECUTE')
                OR NOT has_function_privilege({login}, p.oid, 'EXECUTE'))
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I, pg_monitor', one, {login});
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    END LOOP;
    FOR one IN
        SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ ('^(' || {nobodys} || ')$')
            AND has_function_privilege('public', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    END LOOP;
END $$
"""


def prepare_database(admin_dsn: str, *, login: str, password: str | None, database: str) -> None:
    """Create login and database if missing, and grant the login only what it needs.

    `admin_dsn` connects to any database of the server as superuser. Concurrent runs wait for each other.
    """
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(hashtextextended('revisit: prepare_database', 0))")
        _create_login(admin, login=login, password=password)
        _create_database(admin, login=login, database=database)
        with psycopg.connect(admin_dsn, dbname=database) as inside, inside.transaction():
            _create_extensions(inside)
            _grant_public_schema(inside, login=login)
            _restrict_catalogue(inside, login=login)


def _create_login(admin: psycopg.Connection, *, login: str, password: str | None) -> None:
    exists = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone()
    rights: sql.Composable = sql.SQL("LOGIN NOSUPERUSER NOINHERIT CREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS")
    if password is not None:
        rights = rights + sql.SQL(" PASSWORD {}").format(password)
    verb = sql.SQL("ALTER" if exists else "CREATE")
    admin.execute(sql.SQL("{} ROLE {} {}").format(verb, sql.Identifier(login), rights))


def _create_database(admin: psycopg.Connection, *, login: str, database: str) -> None:
    """Create the database, owned by the administrator: the login can create schemas but not drop it."""
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        statement = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
        admin.execute(sql.SQL(statement).format(sql.Identifier(database)))
    statement = "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {} TO {}"
    admin.execute(sql.SQL(statement).format(sql.Identifier(database), sql.Identifier(login)))


def _create_extensions(inside: psycopg.Connection) -> None:
    inside.execute("CREATE SCHEMA IF NOT EXISTS ext")
    inside.execute("GRANT USAGE ON SCHEMA ext TO PUBLIC")
    for name in EXTENSIONS:
        inside.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA ext").format(sql.Identifier(name)))


def _grant_public_schema(inside: psycopg.Connection, *, login: str) -> None:
    inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    inside.execute(sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(sql.Identifier(login)))


def _restrict_catalogue(inside: psycopg.Connection, *, login: str) -> None:
    """Restrict the system catalogue; docs/isolation.md says what a chain's role can still see."""
    inside.execute("SET LOCAL search_path = pg_catalog")
    inside.execute(
        sql.SQL(_RESTRICT_CATALOGUE_SQL).format(login=login, logins=LOGIN_ONLY_FUNCTIONS, nobodys=REVOKED_FUNCTIONS)
    )
