"""Rows of a file of records that name one that was merged into another, or name one as it was called before."""

from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper
from django.utils.translation import ngettext

from core.imports.services.context import ImportContext
from core.imports.services.results import Finding
from core.shared.merged import Mergeable, is_merged

ROWS = "import_record"


def count_as_kept(
    context: ImportContext, model: type[Mergeable], *, match: str, keys: Mapping[str, str], known: Mapping[str, str]
) -> None:
    """Such a row `i` is of the record `k` that is kept. Of a merged one, it tells what is not known of that yet; where
    the file has another row of the kept record, that one counts.

    `match` joins a row with the record `m` that it names. By staged column, `keys` says which column of `k` names it,
    and `known` on which condition `k` has a value already.
    """
    if is_merged(model):
        is_of_merged = _point_to_kept(context.cursor, model, match, keys, known)
        if is_of_merged:
            message = ngettext(
                "%d row names a record that was merged into another: it counts as that one, and fills in only what is "
                "not known there.",
                "%d rows name records that were merged into others: they count as those, and fill in only what is not "
                "known there.",
                is_of_merged,
            )
            context.findings.append(Finding("note", "merged_records", message % is_of_merged, rows=is_of_merged))


def _point_to_kept(
    cursor: CursorWrapper, model: type[Mergeable], match: str, keys: Mapping[str, str], known: Mapping[str, str]
) -> int:
    """Returns how many rows name merged records."""
    table = model._meta.db_table
    sets = [f"{column} = k.{of_kept}" for column, of_kept in keys.items()]
    sets += [
        f"{column} = CASE WHEN n.is_second OR n.is_of_merged AND ({condition}) THEN NULL ELSE i.{column} END"
        for column, condition in known.items()
    ]
    # Two rows may have one line: those of clients who brought others are made of theirs.
    cursor.execute(
        f"""WITH named AS (
                SELECT i.ctid AS place, k.id AS kept_id, m.id <> k.id AS is_other,
                       m.id <> k.id AND NOT m.is_former AS is_of_merged,
                       row_number() OVER (PARTITION BY k.id ORDER BY m.id <> k.id, NOT m.is_former, i.line) > 1
                       AS is_second
                FROM {ROWS} i JOIN {table} m ON {match} JOIN {table} k ON k.id = coalesce(m.merged_into_id, m.id)
                WHERE NOT i.bad AND k.id IN (SELECT merged_into_id FROM {table} WHERE merged_into_id IS NOT NULL)
            ), pointed AS (
                UPDATE {ROWS} i SET {", ".join(sets)} FROM named n JOIN {table} k ON k.id = n.kept_id
                WHERE i.ctid = n.place AND n.is_other RETURNING n.is_of_merged
            )
            SELECT count(*) FILTER (WHERE is_of_merged) FROM pointed"""  # noqa: S608
    )
    return int(cursor.fetchone()[0])
