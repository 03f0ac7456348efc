"""Writes the tables to an archive: each as CSV and Parquet, with a description of all of them.

A table goes to a file on disk first, block by block; DuckDB makes Parquet of that within a limit of memory.
"""

import csv
import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import duckdb
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.exports.pseudonyms import Pseudonyms
from core.exports.services.description import data_dictionary, readme
from core.exports.tables import DUCKDB_TYPES, TABLES, Column, Table
from core.shared.spreadsheets import escape_formulas

# Called with how many tables are done, and how many there are; often, as work is cancelled there.
OnProgress = Callable[[int, int], None]
MEMORY = "512MB"
BLOCK = 1 << 20
ROWS_AT_ONCE = 10_000
BYTE_ORDER_MARK = "\ufeff".encode()


def write_tables(target: Path, *, personal: bool, on_progress: OnProgress = lambda _done, _total: None) -> int:
    """Returns the number of rows. `target` is always complete: what a killed process left half done is begun anew."""
    folder = target.with_name(f".{target.stem}.part")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        draft = folder / "archive.zip"
        with (
            open(draft, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        ):
            rows = _write(archive, folder, personal=personal, on_progress=on_progress)
        draft.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return sum(rows.values())


def _write(archive: zipfile.ZipFile, folder: Path, *, personal: bool, on_progress: OnProgress) -> dict[str, int]:
    """All as one moment has it."""
    rows, pseudonyms = {}, Pseudonyms()
    with _one_moment() as cursor, _duckdb(folder) as database:
        for done, table in enumerate(TABLES):
            columns = table.shown(personal=personal)
            raw = folder / f"{table.name}.csv"
            with raw.open("wb") as file:
                for block in _blocks(cursor, table, columns, pseudonyms):
                    file.write(block)
                    on_progress(done, len(TABLES))
            rows[table.name] = _to_parquet(database, raw, columns)
            archive.write(raw.with_suffix(".parquet"), f"parquet/{table.name}.parquet", zipfile.ZIP_STORED)
            with archive.open(f"csv/{table.name}.csv", "w", force_zip64=True) as entry:
                _copy_for_spreadsheets(raw, entry, columns)
            raw.unlink()
        on_progress(len(TABLES), len(TABLES))
    archive.writestr("README.md", readme(rows, personal=personal))
    archive.writestr("dictionary.csv", BYTE_ORDER_MARK + data_dictionary(personal=personal).encode())
    return rows


@contextmanager
def _one_moment() -> Iterator[CursorWrapper]:
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            yield cursor
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield cursor


@contextmanager
def _duckdb(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": 1,
        "temp_directory": str(folder / "duckdb"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=config) as database:
        yield database


def _blocks(cursor: CursorWrapper, table: Table, columns: Sequence[Column], pseudonyms: Pseudonyms) -> Iterator[bytes]:
    """Of a CSV file with headings."""
    if table.rows is None:
        values = [
            sql.SQL("{} AS {}").format(_value(column, pseudonyms), sql.Identifier(column.name)) for column in columns
        ]
        statement = "COPY (SELECT {values} {source}) TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')"
        query = sql.SQL(statement).format(values=sql.SQL(", ").join(values), source=sql.SQL(table.source))
        with cursor.copy(query) as copy:
            yield from map(bytes, copy)
        return
    yield _csv([[column.name for column in columns]])
    rows: list[Sequence[object]] = []
    for row in table.rows(cursor, pseudonyms):
        rows.append(row)
        if len(rows) == ROWS_AT_ONCE:
            yield _csv(rows)
            rows.clear()
    yield _csv(rows)


def _value(column: Column, pseudonyms: Pseudonyms) -> sql.Composable:
    if column.pseudonym:
        return pseudonyms.sql(column.pseudonym, column.sql)
    # "true", where COPY writes "t".
    return sql.SQL(f"({column.sql})::text" if column.type == "boolean" else column.sql)


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _to_parquet(database: duckdb.DuckDBPyConnection, raw: Path, columns: Sequence[Column]) -> int:
    """Returns the number of rows."""
    types = {column.name: DUCKDB_TYPES[column.type] for column in columns}
    source = database.read_csv(
        str(raw), header=True, columns=types, delimiter=",", quotechar='"', escapechar='"', strict_mode=True
    )
    source.write_parquet(str(raw.with_suffix(".parquet")), compression="zstd")
    (count,) = database.execute("SELECT count(*) FROM read_parquet(?)", [str(raw.with_suffix(".parquet"))]).fetchall()
    return int(count[0])


def _copy_for_spreadsheets(raw: Path, target: IO[bytes], columns: Sequence[Column]) -> None:
    """With the mark by which Excel knows UTF-8; what people have written is no formula."""
    target.write(BYTE_ORDER_MARK)
    written = [column.type == "text" and not column.is_code for column in columns]
    if not any(written):
        with raw.open("rb") as blocks:
            shutil.copyfileobj(blocks, target, BLOCK)
        return
    with raw.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            target.write(_csv([[escape_formulas(c) if text else c for c, text in zip(row, written, strict=True)]]))
