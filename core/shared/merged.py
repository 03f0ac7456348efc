"""Records that were merged into another of their kind, because they are one.

The merged one stays in its table, as what files call it: imports go on telling its rows from those of the other, and
the merge can be taken back. It is seen nowhere else: `objects` leaves it out, `known` has
all.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import models
from django.db.backends.utils import CursorWrapper
from django.db.models import ForeignKey, Model, OneToOneRel
from django.db.models.fields.reverse_related import ManyToOneRel

M_co = TypeVar("M_co", bound=Model, covariant=True)


class PresentManager(models.Manager[M_co]):
    def get_queryset(self) -> models.QuerySet[M_co]:
        return super().get_queryset().filter(merged_into=None)


class Mergeable(models.Model):
    # What it leads to is never merged itself. The database does not check it, as nothing that has records is deleted.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="+", db_constraint=False, db_index=False
    )
    # No record that ever was, but a code that the other had: files that name it mean the other itself.
    is_former = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        abstract = True


def is_merged(model: type[Mergeable]) -> bool:
    """Whether any such record was merged into another."""
    return models.QuerySet(model).exclude(merged_into=None).exists()


def references_to(model: type[Model]) -> "Iterator[ForeignKey[Any, Any]]":
    """The fields of all tables that point to such records, in one order."""
    relations = [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, (ManyToOneRel, OneToOneRel)) and relation.related_model._meta.managed
    ]
    relations.sort(key=lambda one: (one.related_model._meta.db_table, one.field.name))
    yield from (relation.field for relation in relations)


def kept(model: type[Mergeable], value: str) -> str:
    """An expression: the id of the record that `value`, an id, leads to."""
    if not is_merged(model):
        return value
    return f"(SELECT coalesce(k.merged_into_id, k.id) FROM {model._meta.db_table} k WHERE k.id = {value})"  # noqa: S608


def kept_ids(model: type[Mergeable]) -> dict[int, int]:
    """By the id of each merged record, that of the one it leads to."""
    return dict(models.QuerySet(model).exclude(merged_into=None).values_list("pk", "merged_into_id"))


def follow_merged(cursor: CursorWrapper, model: type[Mergeable], table: str, column: str) -> None:
    """Rows of a staging table that name a merged record name what it leads to."""
    if is_merged(model):
        cursor.execute(
            f"UPDATE {table} i SET {column} = k.merged_into_id FROM {model._meta.db_table} k "  # noqa: S608
            f"WHERE k.id = i.{column} AND k.merged_into_id IS NOT NULL"
        )


def keep_code(record: Mergeable, **values: Any) -> None:
    """Files that name the record as it was called before mean it still: `values` are of a row of the table. Within the
    transaction of the change."""
    row = type(record)(**values)
    row.merged_into, row.is_former = record, True
    row.save()


def free_code(record: Mergeable, **code: Any) -> None:
    """What it was called before can be its own again."""
    models.QuerySet(type(record)).filter(merged_into=record, is_former=True, **code).delete()


def is_named(record: Mergeable) -> bool:
    """Whether anything names it that does not go with it."""
    for field in references_to(type(record)):
        if field.remote_field.on_delete is models.CASCADE:
            continue
        rows: models.QuerySet[Any, Any] = models.QuerySet(field.model).filter(**{field.name: record.pk})
        if issubclass(field.model, Mergeable):
            rows = rows.filter(is_former=False)
        if rows.exists():
            return True
    return False


def delete_unnamed(record: Mergeable) -> None:
    """With what it was called before. What others were called before names what they name now."""
    for field in references_to(type(record)):
        if issubclass(field.model, Mergeable) and field.name != "merged_into":
            rows: models.QuerySet[Any, Any] = models.QuerySet(field.model)
            now = rows.filter(pk=models.OuterRef("merged_into")).values(field.attname)[:1]
            rows.filter(**{field.name: record.pk}, is_former=True).update(**{field.attname: models.Subquery(now)})
    models.QuerySet(type(record)).filter(merged_into=record, is_former=True).delete()
    record.delete()
