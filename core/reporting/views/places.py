"""Regions, cities and stores in one table, with the figures that someone chooses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics import METRICS
from core.reporting.place_table import (
    COLUMNS,
    SHOWN_FIRST,
    TOPS,
    PlaceColumn,
    PlaceRow,
    PlaceTable,
    Top,
    place_table,
)
from core.reporting.question import Question
from core.reporting.render import choices, links
from core.reporting.render.charts.theme import tier_token
from core.reporting.render.choices import Choice
from core.reporting.render.files import csv_of, xlsx_of
from core.reporting.render.place_rows import PlaceCell, cells, file_rows
from core.reporting.views.exports import download
from core.reporting.views.requests import (
    freshness_context,
    of_visible_stores,
    question_context,
    question_of,
    read,
    typed_period,
)
from core.stores.declaration import SEE_STORE_FIGURES
from core.stores.selectors import city_tiers

METRIC = METRICS["repurchase_rate"]
# Places side by side; rows with which all are open at first; letters of a search.
MOST_PICKED, OPEN_AT_FIRST, LONGEST_SEARCH = 6, 60, 100
_BETWEEN = "\N{SYMBOL FOR UNIT SEPARATOR}"


@dataclass(frozen=True)
class Asked:
    """What an address asks of the table."""

    question: Question
    data: Data
    top: Top
    columns: Sequence[PlaceColumn]


@dataclass(frozen=True)
class Line:
    row: PlaceRow
    key: str
    cells: Sequence[PlaceCell]
    # What is inside: its number of places, whether it is shown, and the address that opens or closes it.
    inside: int
    is_open: bool
    toggle: str
    link: str
    token: str
    is_picked: bool


@needs(SEE_STORE_FIGURES)
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    requested = read(request, METRIC)
    if requested.question is None:
        if requested.data.completeness.as_of is None:
            return redirect("stores:list")
        context = {"form": requested.form, **typed_period(requested.form)}
        return render(request, "reporting/places.html", context, status=400)
    asked = _asked(request, requested.question, requested.data)
    table = place_table(asked.question, asked.top, asked.columns, asked.data)
    shown = replace(requested, question=asked.question)
    clients = table.total["clients"].value if "clients" in table.total else len(table.rows)
    context = {
        **question_context(shown, METRIC),
        **freshness_context(asked.question, asked.data, int(clients or 0)),
        **_table_context(request, asked, table),
        **_choices(request, asked),
    }
    return render(request, "reporting/places.html", context)


@needs(SEE_STORE_FIGURES)
@require_safe
def places_file(request: HttpRequest, extension: str) -> HttpResponse:
    """All rows, whichever are open."""
    asked = _asked(request, *question_of(request, METRIC))
    table = place_table(asked.question, asked.top, asked.columns, asked.data)
    headings = [str(DIMENSIONS[level].title) for level in (asked.top, "city", "store")]
    rows = file_rows(table, asked.columns, headings, hides_sums=asked.question.visible is not None)
    content = csv_of(rows) if extension == "csv" else xlsx_of(_("Places"), rows)
    return download(request, content, f"places_{asked.question.start}_{asked.question.end}.{extension}", extension)


def _asked(request: HttpRequest, question: Question, data: Data) -> Asked:
    chosen = [COLUMNS[key] for key in request.GET.getlist("column") if key in COLUMNS]
    top = request.GET.get("top", "")
    question = of_visible_stores(request, question)
    columns = list(dict.fromkeys(chosen)) or [COLUMNS[key] for key in SHOWN_FIRST]
    return Asked(question, data, next((one for one in TOPS if one == top), TOPS[0]), columns)


def _table_context(request: HttpRequest, asked: Asked, table: PlaceTable) -> dict[str, Any]:
    searched = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    rows = _sorted(_found(table.rows, searched), request.GET.get("sort", ""), asked.columns)
    keys = {_key(row) for row in table.rows}
    picked = [key for key in dict.fromkeys(request.GET.getlist("place")) if key in keys][:MOST_PICKED]
    open_keys = _open(request.GET, rows, everything=bool(searched))
    lines = _lines(request, asked, rows, open_keys, picked)
    hides_sums = asked.question.visible is not None
    return {
        "question": asked.question,
        "top_title": DIMENSIONS[asked.top].title,
        "columns": asked.columns,
        "lines": lines,
        "count": len(table.rows),
        "total_cells": cells(table.total, asked.columns) if hides_sums else [],
        "chain_cells": cells(table.chain, asked.columns, hides_sums=hides_sums),
        "reason": table.reason,
        "searched": searched,
        "picked": _side_by_side(table, asked.columns, picked, hides_sums=hides_sums),
        "has_changes": asked.question.compare != "none" and not table.reason,
    }


def _key(row: PlaceRow) -> str:
    return _BETWEEN.join(row.path)


def _found(rows: Sequence[PlaceRow], searched: str) -> list[PlaceRow]:
    """Places whose name or key holds it, what they are in and what is in them."""
    if not searched:
        return list(rows)
    wanted = searched.casefold()
    hits = [row.path for row in rows if wanted in f"{row.name.label} {row.name.key}".casefold()]
    return [row for row in rows if any(_is_inside(row.path, hit) or _is_inside(hit, row.path) for hit in hits)]


def _is_inside(path: tuple[str, ...], outer: tuple[str, ...]) -> bool:
    return path[: len(outer)] == outer


def _sorted(rows: list[PlaceRow], sort: str, columns: Sequence[PlaceColumn]) -> list[PlaceRow]:
    """Places of one place among themselves; those without a value last. The order they come in without a column."""
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    if key not in {"name", *(column.key for column in columns)}:
        return rows
    inside: dict[tuple[str, ...], list[PlaceRow]] = {}
    for row in rows:
        inside.setdefault(row.path[:-1], []).append(row)

    def rank(row: PlaceRow) -> tuple[bool, Any]:
        if key == "name":
            return False, row.name.label.casefold()
        value = row.values[key].value if key in row.values else None
        return value is None, 0 if value is None else -value if descending else value

    def below(outer: tuple[str, ...]) -> list[PlaceRow]:
        ordered = sorted(inside.get(outer, ()), key=rank, reverse=descending and key == "name")
        return [one for row in ordered for one in (row, *below(row.path))]

    return below(())


def _open(query: QueryDict, rows: Sequence[PlaceRow], *, everything: bool) -> set[str]:
    """Whose places are shown: those in the address; all where there are few rows, or some were searched for."""
    if everything or ("open" not in query and len(rows) <= OPEN_AT_FIRST):
        return {_key(row) for row in rows}
    return set(query.getlist("open"))


def _lines(
    request: HttpRequest, asked: Asked, rows: Sequence[PlaceRow], open_keys: set[str], picked: Sequence[str]
) -> list[Line]:
    counts: dict[tuple[str, ...], int] = {}
    for row in rows:
        counts[row.path[:-1]] = counts.get(row.path[:-1], 0) + 1
    tiers, store_page = city_tiers(), links.store_pages(asked.question)
    shown = [row for row in rows if all(_BETWEEN.join(row.path[:end]) in open_keys for end in range(1, len(row.path)))]
    outer = {_key(row) for row in rows if len(row.path) < len((asked.top, "city", "store"))}
    lines = []
    for row in shown:
        key, inside = _key(row), counts.get(row.path, 0)
        is_open = bool(inside) and key in open_keys
        toggled = (open_keys & outer) ^ {key}
        lines.append(
            Line(
                row=row,
                key=key,
                cells=cells(row.values, asked.columns),
                inside=inside,
                is_open=is_open,
                toggle=_query(request, open=sorted(toggled) or [""]) if inside else "",
                link="" if inside or not row.path[-1] else store_page(row.path[-1]),
                token=tier_token(row.name.city_tier, tiers) if asked.top == "city_tier" and not row.level else "",
                is_picked=key in picked,
            )
        )
    return lines


def _side_by_side(
    table: PlaceTable, columns: Sequence[PlaceColumn], picked: Sequence[str], *, hides_sums: bool
) -> dict[str, Any]:
    """A column a place, in the order they were chosen, and a row a figure."""
    by_key = {_key(row): row for row in table.rows}
    chosen = [by_key[key] for key in picked]
    by_place = [cells(row.values, columns) for row in chosen]
    chain = cells(table.chain, columns, hides_sums=hides_sums)
    rows = [(one.title, [own[place] for own in by_place], [chain[place]]) for place, one in enumerate(columns)]
    return {"places": chosen, "rows": rows} if chosen else {}


def _query(request: HttpRequest, **changed: list[str]) -> str:
    query = request.GET.copy()
    for name, values in changed.items():
        query.setlist(name, values)
    return f"?{query.urlencode()}"


def _choices(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    question, known = asked.question, asked.data.completeness
    periods = choices.preset_periods(known.as_of, known.begins) if known.as_of and known.begins else []
    chosen = {column.key for column in asked.columns}
    kept = [
        (name, value)
        for name in ("from", "to", "compare", "basis", "top", "sort")
        for value in request.GET.getlist(name)
    ]
    return {
        "periods": [
            Choice(
                title,
                _query(request, **{"from": [str(one.start)], "to": [str(one.end)], "through": []}),
                one == question.period,
                note,
            )
            for title, one, note in periods
        ],
        "tops": [
            Choice(DIMENSIONS[top].title, _query(request, top=[top], open=[], place=[]), top == asked.top)
            for top in TOPS
        ],
        "comparisons": [
            Choice(title, _query(request, compare=[value]), value == question.compare)
            for value, title in choices.COMPARISON_TITLES.items()
        ],
        "offered": [(column, column.key in chosen) for column in COLUMNS.values()],
        "kept": kept,
        "kept_open": request.GET.getlist("open"),
        "hidden": [
            (name, value)
            for name, values in request.GET.lists()
            for value in values
            if name not in ("from", "to", "through")
        ],
        "files_query": _query(request),
        "most_picked": MOST_PICKED,
        "sees_all": asked.question.visible is None,
    }
