"""Writes records from a staging table, or from lists, to the table of a model with one statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

from core.shared.journal import note_before, note_made

# By column: the type in the database and the values.
ColumnValues = Mapping[str, tuple[str, Sequence[Any]]]


@dataclass(frozen=True)
class Staging:
    """Names the temporary tables: `rows` holds what the file says, a row a record, with its `line` and whether it is
    `bad`; `done` lists the records (`id`) that were made (`created`) or changed."""

    cursor: CursorWrapper
    rows: str
    done: str


def upsert(
    staging: Staging,
    model: type[Model],
    *,
    match: str,
    columns: Mapping[str, str],
    key: Collection[str],
    fresh: Mapping[str, str] | None = None,
) -> None:
    """Updates records that differ and inserts those that are missing.

    `match` joins the model's row `m` with the staged row `i`. `columns` maps columns of the model to their new
    values; an empty value leaves the present one. Columns of the `key` and of `fresh` are set in new records alone.
    """
    table, cursor = model._meta.db_table, staging.cursor
    sets = {column: value for column, value in columns.items() if column not in key}
    if sets:
        assignments = ", ".join(f"{column} = coalesce({value}, m.{column})" for column, value in sets.items())
        differs = " OR ".join(
            f"m.{column} IS DISTINCT FROM {value} AND {value} IS NOT NULL" for column, value in sets.items()
        )
        note_before(
            cursor,
            model,
            f"EXISTS (SELECT FROM {staging.rows} i WHERE NOT i.bad AND {match} AND ({differs}))",
        )
        cursor.execute(
            f"WITH changed AS (UPDATE {table} m SET {assignments} FROM {staging.rows} i "  # noqa: S608
            f"WHERE NOT i.bad AND {match} AND ({differs}) RETURNING m.id) "
            f"INSERT INTO {staging.done} SELECT id, false FROM changed"
        )
    values = {**columns, **(fresh or {})}
    names, defaults = missing_columns(model, values)
    defaults_of = {field.column: field.get_default() for field in model._meta.concrete_fields if not field.null}
    selected = ", ".join(
        value if defaults_of.get(column) is None else f"coalesce({value}, {_literal(defaults_of[column])})"
        for column, value in values.items()
    )
    cursor.execute(
        f"WITH made AS (INSERT INTO {table} ({', '.join(values)}{names}) "  # noqa: S608
        f"SELECT {selected}{defaults} FROM {staging.rows} i WHERE NOT i.bad "
        f"AND NOT EXISTS (SELECT FROM {table} m WHERE {match}) ORDER BY i.line RETURNING id) "
        f"INSERT INTO {staging.done} SELECT id, true FROM made"
    )
    note_made(cursor, model, f"SELECT id FROM {staging.done} WHERE created")  # noqa: S608


def recode(staging: Staging, model: type[Model], codes: Mapping[int, str]) -> None:
    """Gives records another `code`, by their ids."""
    new = "unnest(%s::bigint[], %s::text[]) AS new (id, code)"
    note_before(staging.cursor, model, "m.id IN (SELECT unnest(%s::bigint[]))", [list(codes)])
    staging.cursor.execute(
        f"WITH changed AS (UPDATE {model._meta.db_table} m SET code = new.code FROM {new} "  # noqa: S608
        f"WHERE m.id = new.id RETURNING m.id) INSERT INTO {staging.done} SELECT id, false FROM changed",
        [list(codes), list(codes.values())],
    )


def insert(cursor: CursorWrapper, model: type[Model], lists: ColumnValues) -> None:
    """Inserts records from parallel lists of values, ids included."""
    names, defaults = missing_columns(model, lists)
    columns = ", ".join(lists)
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({columns}{names}) SELECT {columns}{defaults} "  # noqa: S608
        f"FROM unnest({', '.join(f'%s::{kind}[]' for kind, _values in lists.values())}) AS new ({columns})",
        [list(values) for _kind, values in lists.values()],
    )
    note_made(cursor, model, "SELECT unnest(%s::bigint[])", [list(lists["id"][1])])


def missing_columns(model: type[Model], given: Collection[str]) -> tuple[str, str]:
    """For an INSERT … SELECT: the NOT NULL columns that are not given, and their defaults as SQL."""
    names, values = [], []
    for field in model._meta.concrete_fields:
        if field.primary_key or field.null or field.column in given:
            continue
        names.append(field.column)
        values.append(default_of(field))
    return "".join(f", {name}" for name in names), "".join(f", {value}" for value in values)


def default_of(field: "Field[Any, Any]") -> str:
    """As SQL."""
    return _literal(field.get_default())


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value or "").replace("'", "''") + "'"
