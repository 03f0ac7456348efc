"""Has records name another than they did, and notes which: in all tables, by the models' own references.

Where a rule of the table lets the other have one such record alone and it has it, the record stays where it is.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import ForeignKey, Model, UniqueConstraint

from core.merging.models import Merge
from core.shared.declarations import declared
from core.shared.merged import Mergeable, is_merged, references_to


def moving_references(model: type[Model]) -> "Iterator[ForeignKey[Any, Any]]":
    """Those that follow a record into another. Apps declare as `STAYS_WHEN_MERGED` what belongs to a record as files
    know it, such as `stores.StoreLocation.store`."""
    staying = set(declared("STAYS_WHEN_MERGED", str))
    yield from (field for field in references_to(model) if f"{field.model._meta.label}.{field.name}" not in staying)


def move(
    cursor: CursorWrapper,
    merge: Merge,
    field: "ForeignKey[Any, Any]",
    *,
    before: int,
    after: int | None,
    where: str = "true",
) -> int:
    """Records `m` whose field leads to `before`, as far as `where` says. Returns how many."""
    table, column = field.model._meta.db_table, field.column
    cursor.execute(
        f"WITH moved AS (UPDATE {table} m SET {column} = %s WHERE m.{column} = %s AND {where} "  # noqa: S608
        f"AND {is_free(field, 'NULL' if after is None else f'{after:d}')} RETURNING m.id) "
        'INSERT INTO merging_movedrecords (merge_id, "table", "column", before, after, ids) '
        "SELECT %s, %s, %s, %s, %s, array_agg(id ORDER BY id) FROM moved HAVING count(*) > 0 "
        "RETURNING cardinality(ids)",
        [after, before, merge.pk, table, column, before, after],
    )
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def is_free(field: "ForeignKey[Any, Any]", after: str) -> str:
    """A condition on a record `m`: no rule of its table is broken once its field leads to `after`."""
    table, column = field.model._meta.db_table, field.column
    conditions = [
        f"NOT EXISTS (SELECT FROM {table} o WHERE o.{column} = {after}{''.join(others)})" for others in _rules(field)
    ]
    return " AND ".join(["true", *conditions])


def _rules(field: "ForeignKey[Any, Any]") -> Iterator[list[str]]:
    """What else has to be alike for the table to take one alone."""
    if field.unique:
        yield []
    meta = field.model._meta
    together: list[tuple[Sequence[str], bool]] = [(names, True) for names in meta.unique_together]
    together += [
        (constraint.fields, constraint.nulls_distinct is not False)
        for constraint in meta.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    for names, nulls_distinct in together:
        if field.name in names:
            same = "=" if nulls_distinct else "IS NOT DISTINCT FROM"
            columns = [meta.get_field(name).column for name in names if name != field.name]  # type: ignore[union-attr]
            yield [f" AND o.{one} {same} m.{one}" for one in columns]


def follow_merges(cursor: CursorWrapper, model: type[Model], where: str) -> None:
    """Records `m` that name a merged one, since they were made as they had been before, name what it leads to; they
    go back with the others when the merge is taken back."""
    for field in model._meta.concrete_fields:
        if not (isinstance(field, ForeignKey) and issubclass(field.related_model, Mergeable)):
            continue
        if field not in moving_references(field.related_model):
            continue
        table, target = model._meta.db_table, field.related_model
        if not is_merged(target):
            continue
        column = field.column
        cursor.execute(
            f"WITH moved AS (UPDATE {table} m SET {column} = g.merged_into_id "  # noqa: S608
            f"FROM {target._meta.db_table} g WHERE g.id = m.{column} AND g.merged_into_id IS NOT NULL AND {where} "
            f"AND {is_free(field, 'g.merged_into_id')} RETURNING m.id, g.id AS before, g.merged_into_id AS after) "
            'INSERT INTO merging_movedrecords (merge_id, "table", "column", before, after, ids) '
            "SELECT x.id, %s, %s, d.before, d.after, array_agg(d.id ORDER BY d.id) FROM moved d "
            "JOIN merging_merge x ON x.kind = %s AND x.gone_id = d.before AND x.undone_at IS NULL GROUP BY 1, 4, 5",
            [table, column, target._meta.model_name],
        )
