"""Sort a list by the heading someone followed: `?sort=name`, or `?sort=-name` the other way round."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)


def sort_rows(rows: QuerySet[M], request: HttpRequest, columns: Mapping[str, Sequence[str]]) -> QuerySet[M]:
    """Order the rows by the fields of the asked column, empty ones last; in their own order where none is asked for."""
    asked = request.GET.get("sort", "")
    fields = columns.get(asked.removeprefix("-"))
    if fields is None:
        return rows
    order: list[Any] = [
        F(field).desc(nulls_last=True) if asked.startswith("-") else F(field).asc(nulls_last=True) for field in fields
    ]
    return rows.order_by(*order, "pk")
