"""Tables, columns and sequences of the current chain's schema."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.shared.chain import outside_chain
from tenants.postgresql_backend.current import connection
from tenants.roles import quoted

from .manifest import REPLACED_VALUES, SequenceEntry

# Every value is quoted, so that an unquoted empty one is NULL.
WRITE_OPTIONS = "(FORMAT csv, HEADER, FORCE_QUOTE *, ENCODING 'UTF8')"
READ_OPTIONS = "(FORMAT csv, HEADER MATCH, ENCODING 'UTF8')"


@dataclass(frozen=True)
class Table:
    columns: list[str]
    # Size on disk without indexes, for the progress.
    weight: int


@contextmanager
def catalogue() -> Iterator[tuple[CursorWrapper, str]]:
    """Give a cursor for the system catalogue, which a chain's roles cannot read, and the chain's schema."""
    schema = quoted(str(connection().schema_name))
    with outside_chain(), connection().cursor() as cursor:
        yield cursor, schema


def tables() -> dict[str, Table]:
    with catalogue() as (cursor, schema):
        cursor.execute(
            "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum), pg_table_size(c.oid)"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " AND a.attgenerated = '' WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p')"
            " GROUP BY c.oid, c.relname ORDER BY c.relname",
            [schema],
        )
        return {name: Table(columns, weight) for name, columns, weight in cursor.fetchall()}


def migrations() -> list[list[str]]:
    with connection().cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        return [[app, name] for app, name in cursor.fetchall()]


def identity_columns() -> list[tuple[str, str, str]]:
    """Return table, column and sequence of each identity column."""
    with catalogue() as (cursor, schema):
        cursor.execute(
            "SELECT c.relname, a.attname, s.relname FROM pg_depend d"
            " JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_class c ON c.oid = d.refobjid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid"
            " WHERE d.classid = 'pg_class'::regclass AND d.refclassid = d.classid AND d.deptype IN ('a', 'i')"
            " AND s.relnamespace = %s::regnamespace ORDER BY c.relname, a.attnum",
            [schema],
        )
        return list(cursor.fetchall())


def sequences() -> list[SequenceEntry]:
    entries = []
    with connection().cursor() as cursor:
        for table, column, sequence in identity_columns():
            cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(sequence)))
            entries.append(SequenceEntry(table, column, *cursor.fetchone()))
    return entries


def set_sequences(entries: Mapping[tuple[str, str], SequenceEntry]) -> None:
    """Set the sequences to their archived values."""
    with connection().cursor() as cursor:
        for table, column, sequence in identity_columns():
            if entry := entries.get((table, column)):
                cursor.execute(
                    "SELECT setval(%s::regclass, %s::bigint, %s::boolean)",
                    [sql.Identifier(sequence).as_string(None), entry.last_value, entry.is_called],
                )


def copy_statement(table: str, columns: list[str], *, out: bool) -> sql.Composed:
    if out:
        statement, options = sql.SQL("COPY (SELECT {columns} FROM {table}) TO STDOUT {options}"), WRITE_OPTIONS
        values = [_value(table, column) for column in columns]
    else:
        statement, options = sql.SQL("COPY {table} ({columns}) FROM STDIN {options}"), READ_OPTIONS
        values = [sql.Identifier(column) for column in columns]
    names = {"table": sql.Identifier(table), "columns": sql.SQL(", ").join(values)}
    return statement.format(**names, options=sql.SQL(options))


def _value(table: str, column: str) -> sql.Composable:
    name = sql.Identifier(column)
    if (replacement := REPLACED_VALUES.get((table, column))) is None:
        return name
    return sql.SQL("{} AS {}").format(sql.Literal(replacement), name)
