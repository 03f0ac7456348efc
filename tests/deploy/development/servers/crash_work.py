"""Works on a database until it is killed: `python -m tests.deploy.development.servers.crash_work DSN DATABASE_URL`.

Makes chains through the product, and adds rows to every table that numbers its rows. Out: `schema table id` a line,
once the row is committed.
"""

import itertools
import os
import sys
import threading
import traceback
from collections.abc import Iterator

import psycopg

COLUMNS = """
SELECT a.attname, t.typname, coalesce(nullif(a.atttypmod, -1) - 4, 20)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND (a.attnotnull
  OR a.attnum = ANY(SELECT unnest(conkey) FROM pg_constraint WHERE conrelid = a.attrelid AND contype = 'c'))
"""
# Every table with an identity column, and that column.
TABLES = """
SELECT n.nspname, c.relname, a.attname FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
WHERE c.relkind = 'r' AND n.nspname = ANY(%s) ORDER BY 1, 2
"""
MADE_BEFORE = ["public", "crashed"]


def insert(admin: psycopg.Connection, schema: str, table: str, column: str, numbers: Iterator[int]) -> int:
    """A row in that table, committed; its number. `numbers` make its values differ from every other row's."""
    columns = admin.execute(COLUMNS, [f'"{schema}"."{table}"']).fetchall()
    names = ", ".join(f'"{name}"' for name, _type, _longest in columns)
    values = [_value(type_name, longest, next(numbers)) for _name, type_name, longest in columns]
    # Dates of a row ascend; whole numbers descend, as thresholds do.
    whole = [place for place, (_name, type_name, _longest) in enumerate(columns) if type_name in ("int4", "int8")]
    for place, value in zip(whole, [values[place] for place in reversed(whole)], strict=True):
        values[place] = value
    marks = ", ".join(["%s"] * len(values))
    row = admin.execute(
        f'INSERT INTO "{schema}"."{table}" ({names}) VALUES ({marks}) RETURNING "{column}"', values
    ).fetchone()
    assert row is not None
    return int(row[0])


def _value(type_name: str, longest: int, number: int) -> object:
    known = {
        "bool": False,
        "timestamptz": "2026-01-01",
        "date": f"{2000 + number % 5000}-01-01",
        "time": "09:00",
        "jsonb": "{}",
        "numeric": 1,
        "int2": number % 30000,
        "int4": number,
        "int8": number,
        "bytea": b"",
        "inet": "127.0.0.1",
        "uuid": f"{number:032x}",
    }
    # Arrays are named after their elements.
    return [] if type_name.startswith("_") else known.get(type_name, str(number)[-longest:])


def connected(dsn: str) -> psycopg.Connection:
    """As superuser, so that no foreign key asks for another row."""
    admin = psycopg.connect(dsn, autocommit=True)
    admin.execute("SET session_replication_role = replica")
    return admin


def _add_rows(dsn: str) -> None:
    """Ends the process where it cannot go on: whoever reads would wait for ever."""
    try:
        _add_rows_for_ever(dsn)
    finally:
        traceback.print_exc()
        os._exit(1)


def _add_rows_for_ever(dsn: str) -> None:
    numbers = itertools.count(1)
    with connected(dsn) as admin:
        tables = admin.execute(TABLES, [MADE_BEFORE]).fetchall()
        while True:
            for schema, table, column in tables:
                made = insert(admin, schema, table, column, numbers)
                sys.stdout.write(f"{schema} {table} {made}\n")
                sys.stdout.flush()


def main() -> None:
    dsn, os.environ["DATABASE_URL"] = sys.argv[1:]
    import django

    django.setup()
    from tenants.provisioning import create_chain

    create_chain(schema="crashed", name="Crashed", owner_email="owner@example.com")
    threading.Thread(target=_add_rows, args=[dsn], daemon=True).start()
    for number in itertools.count():
        create_chain(schema=f"crashed{number}", name="Crashed")


if __name__ == "__main__":
    main()
