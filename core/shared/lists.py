"""Long lists: a page at a time, sorted by the heading someone followed (`?sort=name`, `?sort=-name`)."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)
Columns = Mapping[str, Sequence[str]]


def page_of(rows: QuerySet[M], request: HttpRequest, size: int, columns: Columns) -> Page[M]:
    """The page in `?page=`, sorted by the column in `?sort=`."""
    return Paginator(sort_rows(rows, request, columns), size).get_page(request.GET.get("page"))


def sort_rows(rows: QuerySet[M], request: HttpRequest, columns: Columns) -> QuerySet[M]:
    """Order the rows by the fields of the column in `?sort=`, empty ones last; in their own order without one."""
    sort = request.GET.get("sort", "")
    fields = columns.get(sort.removeprefix("-"))
    if fields is None:
        return rows
    is_descending = sort.startswith("-")
    expressions = [F(field) for field in fields]
    order: list[Any] = [one.desc(nulls_last=True) if is_descending else one.asc(nulls_last=True) for one in expressions]
    return rows.order_by(*order, "pk")
