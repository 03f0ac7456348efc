"""Takes away what an import made, where it is still as the import left it and nothing else refers to it."""

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper

from core.imports.models import ImportRun
from core.imports.undo.recording import pieces
from core.imports.undo.records import RECORDS, Record, Unmerged, states
from core.imports.undo.tables import made
from core.shared.merged import Mergeable, references_to

CHANGED, USED = "changed", "used"


def compare_made(cursor: CursorWrapper, run: ImportRun, unmerged: Unmerged) -> None:
    """Marks what has been changed since; all of it is locked. In pieces, which bounds the memory that takes."""
    for record in RECORDS:
        if has_rows(cursor, made(record)):
            listed = f"{made(record)} WHERE id BETWEEN %s AND %s"
            now = states(record, run.journal, listed, between=True, unmerged=unmerged)
            for ids in pieces(cursor, made(record)):
                cursor.execute(
                    f"UPDATE {made(record)} m SET reason = %s FROM ({now}) AS s "
                    "WHERE s.id = m.id AND s.state IS DISTINCT FROM m.digest",
                    [CHANGED, *ids * now.count("BETWEEN")],
                )


def remove_made(cursor: CursorWrapper, record: Record) -> None:
    if not has_rows(cursor, made(record)):
        return
    if issubclass(record.model, Mergeable):
        # It comes back when the merge is taken back.
        cursor.execute(
            f"UPDATE {made(record)} m SET reason = %s FROM {record.table} r "
            "WHERE r.id = m.id AND r.merged_into_id IS NOT NULL AND m.reason IS NULL",
            [USED],
        )
    for table, column in _referring(record):
        itself = f" AND r.id NOT IN (SELECT id FROM {made(record)} WHERE reason IS NULL)"
        # One that is kept may in turn keep another of the same table.
        while True:
            cursor.execute(
                f"UPDATE {made(record)} m SET reason = %s WHERE reason IS NULL AND EXISTS ("
                f"SELECT FROM {table} r WHERE r.{column} = m.id{itself if table == record.table else ''})",
                [USED],
            )
            if not cursor.rowcount or table != record.table:
                break
    gone = f"(SELECT id FROM {made(record)} WHERE reason IS NULL)"
    for part in record.parts:
        cursor.execute(f"DELETE FROM {part.table} WHERE {part.owner} IN {gone}")
    cursor.execute(f"DELETE FROM {record.table} WHERE id IN {gone}")


def has_rows(cursor: CursorWrapper, table: str) -> bool:
    cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
    return bool(cursor.fetchone()[0])


def _referring(record: Record) -> Iterator[tuple[str, str]]:
    """Tables and columns that point to such records, their own parts excepted; its own table last."""
    parts = {(part.table, part.owner) for part in record.parts}
    found = {(field.model._meta.db_table, str(field.column)) for field in references_to(record.model)}
    yield from sorted(found - parts, key=lambda one: (one[0] == record.table, one))
