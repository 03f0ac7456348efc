"""Temporary tables of what an import made and changed, for as long as it is being taken back.

For each table `undo_made_…` (id, digest, owner, reason) and `undo_changed_…` (id, before, after, digest, owner,
reason): the `owner` is the record that a part belongs to, the `reason` says why one is kept.
"""

from django.db.backends.utils import CursorWrapper

from core.imports.models import ImportRun
from core.imports.undo.records import LAST_MERGE, RECORDS, Record, Unmerged

# Visits first, as whoever corrects one does; then as whoever records one, see `core.visits.services.references`.
_LOCKED = sorted(RECORDS, key=lambda record: (not record.is_whole, not record.owner, record.table))


def made(record: Record) -> str:
    return f"undo_made_{record.table}"


def changed(record: Record) -> str:
    return f"undo_changed_{record.table}"


def gather(cursor: CursorWrapper, run: ImportRun) -> Unmerged:
    """Of records that are still there. Returns where they have been moved by merges since."""
    for record in RECORDS:
        told = f"{f'r.{record.owner}' if record.owner else 'NULL::bigint'} AS owner, NULL::text AS reason"
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{made(record)}, pg_temp.{changed(record)}")
        cursor.execute(
            f"CREATE TEMP TABLE {made(record)} ON COMMIT DROP AS SELECT j.id, j.digest, {told} "
            "FROM imports_maderecords m, unnest(coalesce(m.ids, ARRAY(SELECT generate_series(m.first, m.first + "
            "cardinality(m.digests) - 1))), m.digests) AS j (id, digest) "
            f'JOIN {record.table} r ON r.id = j.id WHERE m.run_id = %s AND m."table" = %s',
            [run.pk, record.table],
        )
        cursor.execute(
            f"CREATE TEMP TABLE {changed(record)} ON COMMIT DROP AS SELECT r.id, j.before, j.after, j.digest, {told} "
            f"FROM imports_changedrecord j JOIN {record.table} r ON r.id = j.record_id "
            'WHERE j.run_id = %s AND j."table" = %s',
            [run.pk, record.table],
        )
        for table in (made(record), changed(record)):
            cursor.execute(f"CREATE INDEX ON {table} (id)")
            cursor.execute(f"ANALYZE {table}")
    return _gather_merges(cursor, run)


def _gather_merges(cursor: CursorWrapper, run: ImportRun) -> Unmerged:
    """Of a record that was moved twice, what it was before the first."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.undo_unmerged")
    cursor.execute(
        "CREATE TEMP TABLE undo_unmerged ON COMMIT DROP AS "
        'SELECT DISTINCT ON (r."table", r."column", moved.id) r."table", r."column", moved.id, r.before '
        "FROM merging_movedrecords r CROSS JOIN unnest(r.ids) AS moved (id) WHERE r.merge_id > %s "
        'ORDER BY r."table", r."column", moved.id, r.id',
        [int((run.journal or {}).get(LAST_MERGE, ["0"])[0])],
    )
    cursor.execute('CREATE INDEX ON undo_unmerged ("table", "column", id)')
    cursor.execute("ANALYZE undo_unmerged")
    cursor.execute('SELECT DISTINCT "table", "column" FROM undo_unmerged')
    return frozenset((table, column) for table, column in cursor.fetchall())


def lock(cursor: CursorWrapper, clients: str) -> None:
    """All that may go or change, and the `clients` whose facts will."""
    for record in _LOCKED:
        ids = f"SELECT id FROM {made(record)} UNION ALL SELECT id FROM {changed(record)}"
        if record.table == "clients_client":
            ids += f" UNION ALL {clients}"
        cursor.execute(
            f"SELECT count(*) FROM (SELECT id FROM {record.table} WHERE id IN ({ids}) ORDER BY id FOR UPDATE) AS locked"
        )
