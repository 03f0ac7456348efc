"""Sort a list by the heading someone followed: `?sort=name`, or `?sort=-name` the other way round."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)


def sort_rows(rows: QuerySet[M], request: HttpRequest, columns: Mapping[str, Sequence[str]]) -> QuerySet[M]:
    """Order the rows by the fields of the column in `?sort=`, empty ones last; in their own order without one."""
    sort = request.GET.get("sort", "")
    fields = columns.get(sort.removeprefix("-"))
    if fields is None:
        return rows
    is_descending = sort.startswith("-")
    expressions = [F(field) for field in fields]
    order: list[Any] = [one.desc(nulls_last=True) if is_descending else one.asc(nulls_last=True) for one in expressions]
    return rows.order_by(*order, "pk")
