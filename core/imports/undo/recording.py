"""Records what an import made and changed, at its end and in its transaction."""

from collections.abc import Iterator

from django.db.backends.utils import CursorWrapper

from core.imports.models import ImportRun
from core.imports.undo.records import LAST_MERGE, RECORDS, Record, states, told_columns
from core.merging.models import Merge
from core.shared.journal import noted_before, noted_made

# A row of the journal holds records whose ids lie as near as that: those of one import follow each other.
NEAR = 5_000
# Ids of which the records are looked at together, which bounds the memory that takes.
PIECE = 20 * NEAR
WAYS = ("nestloop", "bitmapscan")


def record_journal(cursor: CursorWrapper, run: ImportRun) -> None:
    """From what `core.shared.journal` has noted since the import began."""
    last = Merge.objects.order_by("pk").values_list("pk", flat=True).last()
    run.journal = {**told_columns(), LAST_MERGE: [str(last or 0)]}
    run.save(update_fields=["journal"])
    # What has parts comes after them: while it is noted as made, they are no records of their own.
    for record in RECORDS:
        cursor.execute(f"ANALYZE {noted_made(record.table)}")
        _record_made(cursor, run, record)
        _record_changed(cursor, run, record)


def _record_made(cursor: CursorWrapper, run: ImportRun, record: Record) -> None:
    made = noted_made(record.table)
    cursor.execute(f"DELETE FROM {made} WHERE id IS NULL")
    if record.part_of:
        owners = f"SELECT id FROM {noted_made(record.part_of)}"
        cursor.execute(
            f"DELETE FROM {made} j USING {record.table} r WHERE r.id = j.id AND r.{record.owner} IN ({owners})"
        )
    cursor.execute(f"CREATE INDEX ON {made} (id)")
    # The planner expects a handful of records made in this transaction, and would look each one up.
    for way in WAYS:
        cursor.execute(f"SET LOCAL enable_{way} = off")
    for ids in pieces(cursor, made):
        told = states(record, run.journal, f"{made} WHERE id BETWEEN %s AND %s", between=True)
        cursor.execute(
            'INSERT INTO imports_maderecords (run_id, "table", first, ids, digests) '
            "SELECT %s, %s, min(id), CASE WHEN count(*) <= max(id) - min(id) THEN array_agg(id ORDER BY id) END, "
            f"array_agg(state ORDER BY id) FROM ({told}) AS state GROUP BY id / {NEAR}",
            [run.pk, record.table, *ids * told.count("BETWEEN")],
        )
    for way in WAYS:
        cursor.execute(f"SET LOCAL enable_{way} TO DEFAULT")


def pieces(cursor: CursorWrapper, table: str, size: int = PIECE) -> Iterator[tuple[int, int]]:
    """First and last id of each piece that holds some."""
    cursor.execute(f"SELECT DISTINCT id / {size} FROM {table} ORDER BY 1")
    for (piece,) in cursor.fetchall():
        yield piece * size, piece * size + size - 1


def _record_changed(cursor: CursorWrapper, run: ImportRun, record: Record) -> None:
    """What was made and then changed was made."""
    before = noted_before(record.table)
    cursor.execute(f"DELETE FROM {before} WHERE id IN (SELECT id FROM {noted_made(record.table)})")
    if record.is_whole:
        cursor.execute(
            'INSERT INTO imports_changedrecord (run_id, "table", record_id, before, digest) '
            f"SELECT %s, %s, b.id, b.record, s.state FROM {before} AS b "
            f"JOIN ({states(record, run.journal, before)}) AS s USING (id)",
            [run.pk, record.table],
        )
        return
    cursor.execute(
        'INSERT INTO imports_changedrecord (run_id, "table", record_id, before, after) '
        f"SELECT %s, %s, b.id, d.before, d.after FROM {before} AS b JOIN {record.table} r USING (id) "
        "CROSS JOIN LATERAL (SELECT jsonb_object_agg(key, was.value) AS before, "
        "jsonb_object_agg(key, now.value) AS after FROM jsonb_each(b.record) AS was "
        "JOIN jsonb_each(to_jsonb(r)) AS now USING (key) WHERE was.value <> now.value) AS d "
        "WHERE d.before IS NOT NULL",
        [run.pk, record.table],
    )
