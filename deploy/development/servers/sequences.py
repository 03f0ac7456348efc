"""Sequences that a crash left behind the rows they number: raised, so that the next row gets a number that is free.

With `wal_level=minimal`, as earlier releases had it, a crash took back numbers of chains made shortly before.
"""

from pathlib import Path

from config.errors import from_server_error
from deploy.development.servers import locations

_DATABASES = "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
_SCHEMAS = "SELECT DISTINCT relnamespace::regnamespace::text FROM pg_class WHERE relkind = 'S' AND relpersistence = 'p'"
# What is behind is looked at again once nobody can add rows meanwhile.
_RAISE = """
DO $$
DECLARE
    numbered record;
    is_behind boolean;
    look text;
BEGIN
    FOR numbered IN
        SELECT s.oid::regclass AS sequence, t.oid::regclass AS rows, a.attname AS number
        FROM pg_class s
        JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid
            AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        JOIN pg_class t ON t.oid = d.refobjid
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE s.relkind = 'S' AND s.relnamespace = {schema}::regnamespace
    LOOP
        look := format('SELECT max(%I) > last_value - (NOT is_called)::int FROM %s, %s GROUP BY last_value, is_called',
            numbered.number, numbered.rows, numbered.sequence);
        EXECUTE look INTO is_behind;
        CONTINUE WHEN is_behind IS NOT TRUE;
        EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', numbered.rows);
        EXECUTE look INTO is_behind;
        CONTINUE WHEN is_behind IS NOT TRUE;
        EXECUTE format('SELECT setval(%L, max(%I)) FROM %s', numbered.sequence, numbered.number, numbered.rows);
        RAISE LOG '% was behind its rows and has been raised', numbered.sequence;
    END LOOP;
END $$
"""


def raise_to_rows(home: Path) -> None:
    """In every schema of every database, a schema a transaction."""
    import psycopg
    from psycopg import sql

    try:
        with psycopg.connect(locations.admin_dsn(home), autocommit=True) as admin:
            databases = [name for (name,) in admin.execute(_DATABASES)]
        for database in databases:
            dsn = locations.admin_dsn(home)
            with psycopg.connect(dsn, dbname=database, autocommit=True, options="-c search_path=") as admin:
                for (schema,) in admin.execute(_SCHEMAS).fetchall():
                    admin.execute(sql.SQL(_RAISE).format(schema=sql.Literal(schema)))
    except psycopg.Error as error:
        raise from_server_error("The sequences of the embedded PostgreSQL could not be checked", error, home) from error
