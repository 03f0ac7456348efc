"""Makes what an import changed as it was before, unless it has been changed since."""

from django.db.backends.utils import CursorWrapper
from django.db.models import Field, ForeignKey, Model

from core.clients.models import Client
from core.clients.services.loading import FORMER_NUMBERS, free_former_numbers
from core.imports.models import ImportRun
from core.imports.undo.recording import pieces
from core.imports.undo.records import Part, Record, Unmerged, states, without_merges
from core.imports.undo.removal import CHANGED, has_rows
from core.imports.undo.tables import changed
from core.merging.services.moving import follow_merges
from core.shared.bulk_writes import default_of
from core.visits.services.loading import renumber_visits

GONE, TAKEN = "gone", "taken"
# Of records that are brought back whole, as many ids are read at once.
PIECE = 10_000


def restore(cursor: CursorWrapper, run: ImportRun, record: Record, unmerged: Unmerged) -> None:
    if not has_rows(cursor, changed(record)):
        return
    if record.is_whole:
        _restore_whole(cursor, run, record, unmerged)
        renumber_visits(cursor, FORMER_NUMBERS)
    elif record.model is Client:
        free_former_numbers(cursor, changed(record))
        _restore_columns(cursor, record, unmerged)
        renumber_visits(
            cursor,
            f"SELECT c.id, c.after->>'ref_key' AS was, m.ref_key AS now FROM {changed(record)} c "
            "JOIN clients_client m USING (id) WHERE m.ref_key = c.before->>'ref_key'",
        )
    else:
        _restore_columns(cursor, record, unmerged)
    restored = f"(SELECT id FROM {changed(record)})"
    follow_merges(cursor, record.model, f"m.id IN {restored}")
    for part in record.parts:
        follow_merges(cursor, part.model, f"m.{part.owner} IN {restored}")


def _restore_whole(cursor: CursorWrapper, run: ImportRun, record: Record, unmerged: Unmerged) -> None:
    """In pieces, each of which is read at once: what visits were before is kept with all of their lines."""
    found = list(pieces(cursor, changed(record), PIECE))
    told = states(record, run.journal, changed(record), between=True, unmerged=unmerged)
    for ids in found:
        cursor.execute(
            f"UPDATE {changed(record)} c SET reason = %s FROM ({told}) AS s "
            "WHERE s.id = c.id AND s.state IS DISTINCT FROM c.digest",
            [CHANGED, *ids * told.count("BETWEEN")],
        )
        _keep_where_gone(cursor, record, record.model, _before(record, *ids))
        for part in record.parts:
            _keep_where_gone(cursor, record, part.model, _parts_before(record, part, *ids))
    ready = f"(SELECT id FROM {changed(record)} WHERE reason IS NULL)"
    # Of all, before any comes back.
    for part in record.parts:
        cursor.execute(f"DELETE FROM {part.table} WHERE {part.owner} IN {ready}")
    columns = [field for field in record.model._meta.concrete_fields if not field.primary_key]
    sets = ", ".join(f"{field.column} = {_stored(field)}" for field in columns)
    for ids in found:
        cursor.execute(
            f"UPDATE {record.table} m SET {sets} FROM {_before(record, *ids)} b WHERE m.id = b.of AND b.of IN {ready}"
        )
        for part in record.parts:
            fields = part.model._meta.concrete_fields
            names = ", ".join(str(field.column) for field in fields)
            cursor.execute(
                f"INSERT INTO {part.table} ({names}) SELECT {', '.join(map(_stored, fields))} "
                f"FROM {_parts_before(record, part, *ids)} b WHERE b.of IN {ready} ORDER BY b.id"
            )


def _before(record: Record, first: int, last: int) -> str:
    """Of the records with ids from first to last (`of`), what they were."""
    return (
        f"(SELECT c.id AS of, r.* FROM {changed(record)} c, jsonb_populate_record(NULL::{record.table}, c.before) r "
        f"WHERE c.id BETWEEN {first:d} AND {last:d})"
    )


def _parts_before(record: Record, part: Part, first: int, last: int) -> str:
    return (
        f"(SELECT c.id AS of, r.* FROM {changed(record)} c, "
        f"jsonb_populate_recordset(NULL::{part.table}, c.before->'parts'->'{part.table}') r "
        f"WHERE c.id BETWEEN {first:d} AND {last:d})"
    )


def _restore_columns(cursor: CursorWrapper, record: Record, unmerged: Unmerged) -> None:
    """Column by column; a record of which one has another value by now is kept in that, and so it is told."""
    table = changed(record)
    cursor.execute(f"SELECT DISTINCT jsonb_object_keys(before) FROM {table}")
    named = {name for (name,) in cursor.fetchall()}
    fields = [field for field in record.model._meta.concrete_fields if field.column in named]
    if not fields:
        return
    rows = (
        f"(SELECT c.id AS of, c.before AS was, c.after, r.* FROM {table} c, "
        f"jsonb_populate_record(NULL::{record.table}, c.before) r)"
    )
    sets = []
    for field in fields:
        column = field.column
        concerned = f"b.was ? '{column}'"
        for reason, free in _free(field, record, unmerged).items():
            cursor.execute(
                f"UPDATE {table} t SET reason = %s FROM {rows} b JOIN {record.table} m ON m.id = b.of "
                f"WHERE t.id = b.of AND t.reason IS NULL AND {concerned} AND NOT ({free})",
                [reason],
            )
        free = " AND ".join([concerned, *_free(field, record, unmerged).values()])
        sets.append(f"{column} = CASE WHEN {free} THEN b.{column} ELSE m.{column} END")
    cursor.execute(f"UPDATE {record.table} m SET {', '.join(sets)} FROM {rows} b WHERE m.id = b.of")


def _free(field: "Field", record: Record, unmerged: Unmerged) -> dict[str, str]:  # type: ignore[type-arg]
    """By the reason that speaks against it, what must hold for a column to get back its value."""
    column, value = field.column, without_merges(field, "m", unmerged)
    conditions = {CHANGED: f"coalesce(to_jsonb({value}), 'null') = b.after->'{column}'"}
    if isinstance(field, ForeignKey):
        conditions[GONE] = f"(b.{column} IS NULL OR {_exists(field, 'b')})"
    if field.unique:
        conditions[TAKEN] = f"NOT EXISTS (SELECT FROM {record.table} o WHERE o.{column} = b.{column} AND o.id <> m.id)"
    return conditions


def _keep_where_gone(cursor: CursorWrapper, record: Record, model: type[Model], rows: str) -> None:
    """What it referred to may have been removed since."""
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey) and field.related_model is not record.model:
            cursor.execute(
                f"UPDATE {changed(record)} c SET reason = %s FROM {rows} b WHERE c.id = b.of AND c.reason IS NULL "
                f"AND b.{field.column} IS NOT NULL AND NOT {_exists(field, 'b')}",
                [GONE],
            )


def _exists(field: "ForeignKey", row: str) -> str:  # type: ignore[type-arg]
    target = field.related_model._meta.db_table
    return f"EXISTS (SELECT FROM {target} o WHERE o.id = {row}.{field.column})"


def _stored(field: "Field") -> str:  # type: ignore[type-arg]
    """A column that has come since has its default."""
    value = f"b.{field.column}"
    if field.null or field.primary_key or field.get_default() is None:
        return value
    return f"coalesce({value}, {default_of(field)})"
