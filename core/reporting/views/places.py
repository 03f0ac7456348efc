"""Regions, cities and stores in one table, with the figures that someone chooses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics import METRICS
from core.reporting.place_table import (
    COLUMNS,
    LEVELS,
    SHOWN_FIRST,
    TOPS,
    PlaceColumn,
    PlaceTable,
    Top,
    place_table,
)
from core.reporting.question import Question
from core.reporting.render import choices
from core.reporting.render.choices import Choice
from core.reporting.render.files import csv_of, xlsx_of
from core.reporting.render.place_rows import cells, file_rows
from core.reporting.views import place_lines
from core.reporting.views.exports import download
from core.reporting.views.place_lines import changed
from core.reporting.views.requests import (
    freshness_context,
    of_visible_stores,
    question_context,
    question_of,
    read,
    typed_period,
)
from core.stores.declaration import SEE_STORE_FIGURES
from core.stores.selectors import has_groups

METRIC = METRICS["repurchase_rate"]
# Places side by side; letters of a search.
MOST_PICKED, LONGEST_SEARCH = 6, 100


@dataclass(frozen=True)
class Asked:
    """What an address asks of the table."""

    question: Question
    data: Data
    top: Top
    columns: Sequence[PlaceColumn]


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
    headings = [str(DIMENSIONS[level].title) for level in LEVELS[asked.top]]
    rows = file_rows(table, asked.columns, headings, hides_sums=asked.question.visible is not None)
    content = csv_of(rows) if extension == "csv" else xlsx_of(_("Places"), rows)
    return download(request, content, f"places_{asked.question.start}_{asked.question.end}.{extension}", extension)


def _asked(request: HttpRequest, question: Question, data: Data) -> Asked:
    chosen = [COLUMNS[key] for key in request.GET.getlist("column") if key in COLUMNS]
    top = request.GET.get("top", "")
    question = of_visible_stores(request, question)
    columns = list(dict.fromkeys(chosen)) or [COLUMNS[key] for key in SHOWN_FIRST]
    return Asked(question, data, next((one for one in _tops() if one == top), TOPS[0]), columns)


def _tops() -> list[Top]:
    """A chain without store groups is not asked about them."""
    return [top for top in TOPS if top != "store_group" or has_groups()]


def _table_context(request: HttpRequest, asked: Asked, table: PlaceTable) -> dict[str, Any]:
    searched = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = place_lines.found(table.rows, searched)
    rows = place_lines.in_order(found, request.GET.get("sort", ""), asked.columns)
    keys = {place_lines.key_of(row.path) for row in table.rows}
    picked = [key for key in dict.fromkeys(request.GET.getlist("place")) if key in keys][:MOST_PICKED]
    opened = place_lines.open_keys(request.GET, rows, everything=bool(searched))
    hides_sums = asked.question.visible is not None
    chain_cells = cells(table.chain, asked.columns, hides_sums=hides_sums)
    return {
        "question": asked.question,
        "top": asked.top,
        "top_title": DIMENSIONS[asked.top].title,
        "columns": asked.columns,
        "lines": place_lines.lines(
            rows, asked.columns, asked.question, asked.top, query=request.GET, opened=opened, picked=picked
        ),
        "count": len(table.rows),
        "total_cells": cells(table.total, asked.columns) if hides_sums else [],
        "chain_cells": chain_cells,
        "reason": table.reason,
        "searched": searched,
        "picked": place_lines.side_by_side(table.rows, asked.columns, chain_cells, picked),
        "has_changes": asked.question.compare != "none" and not table.reason,
    }


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
                changed(request.GET, **{"from": [str(one.start)], "to": [str(one.end)], "through": []}),
                one == question.period,
                note,
            )
            for title, one, note in periods
        ],
        "tops": [
            Choice(DIMENSIONS[top].title, changed(request.GET, top=[top], open=[], place=[]), top == asked.top)
            for top in _tops()
        ],
        "comparisons": [
            Choice(title, changed(request.GET, compare=[value]), value == question.compare)
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
        "files_query": changed(request.GET),
        "most_picked": MOST_PICKED,
        "sees_all": asked.question.visible is None,
    }
