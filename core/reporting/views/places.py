"""Regions, cities and stores in one table, with the figures that someone chooses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
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
    PlaceRow,
    PlaceTable,
    Top,
    chain_trend,
    of_metric,
    place_table,
    trend_columns,
)
from core.reporting.place_table import place_trends as trends_of_places
from core.reporting.provinces import PROVINCES, has_provinces
from core.reporting.question import Question
from core.reporting.render import choices
from core.reporting.render.choices import Choice
from core.reporting.render.files import csv_of, xlsx_of
from core.reporting.render.place_rows import cells, file_rows
from core.reporting.render.provinces import province_grid
from core.reporting.render.sparkline import trend_of
from core.reporting.views import place_lines
from core.reporting.views.exports import download
from core.reporting.views.place_lines import changed
from core.reporting.views.requests import (
    Drawn,
    fragment,
    freshness_context,
    of_visible_stores,
    question_context,
    question_of,
    read,
    sparklines,
    typed_period,
)
from core.stores.declaration import SEE_STORE_FIGURES
from core.stores.selectors import has_groups

METRIC = METRICS["repurchase_rate"]
# Places side by side; letters of a search.
MOST_PICKED, LONGEST_SEARCH = 6, 100
# In the address, where no small lines are wanted.
NO_TREND = "none"


@dataclass(frozen=True)
class Asked:
    """What an address asks of the table."""

    question: Question
    data: Data
    top: Top
    columns: Sequence[PlaceColumn]
    # What the small lines are of, if there are any; the search, and the province that alone is shown.
    trend: PlaceColumn | None
    searched: str
    province: str

    @property
    def is_narrowed(self) -> bool:
        return bool(self.searched or self.province)


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
    question = of_visible_stores(request, question)
    columns = list(dict.fromkeys(chosen)) or [COLUMNS[key] for key in SHOWN_FIRST]
    top = next((one for one in _tops() if one == request.GET.get("top")), TOPS[0])
    province = request.GET.get("province", "")
    return Asked(
        question,
        data,
        top,
        columns,
        trend=_trend_column(request.GET.get("trend", ""), columns),
        searched=request.GET.get("q", "").strip()[:LONGEST_SEARCH],
        province=province if province in PROVINCES else "",
    )


def _trend_column(key: str, columns: Sequence[PlaceColumn]) -> PlaceColumn | None:
    """The one chosen, else the first rate that is shown, else the first figure."""
    offered = {column.key: column for column in trend_columns()}
    if key == NO_TREND:
        return None
    if key in offered:
        return offered[key]
    own = [column for column in columns if column.key in offered]
    return next((column for column in own if column.unit.is_estimated), own[0] if own else None)


def _tops() -> list[Top]:
    """A chain without store groups is not asked about them."""
    return [top for top in TOPS if top != "store_group" or has_groups()]


@needs(SEE_STORE_FIGURES)
@require_safe
def place_trends(request: HttpRequest) -> HttpResponse:
    """The small lines of the places that the page shows."""
    asked = _asked(request, *question_of(request, METRIC))
    column = asked.trend
    if column is None:
        return sparklines(request, [], title=_("Trend"))
    # Any column has the same places; this one is counted already where it is shown.
    table = place_table(replace(asked.question, compare="none"), asked.top, [COLUMNS[METRIC.code]], asked.data)
    rows = _found(table, asked)
    opened = place_lines.open_keys(request.GET, rows, everything=asked.is_narrowed)
    points = trends_of_places(asked.question, asked.top, column, asked.data)
    shown = [
        (place_lines.trend_id(row.path), row.name.label, points[row.path])
        for row in rows
        if row.path in points and place_lines.is_shown(row, opened)
    ]
    sees_all = asked.question.visible is None
    if not sees_all:
        shown += [("trend-total", _("My stores"), chain_trend(asked.question, column, asked.data))]
    if sees_all or not column.is_sum:
        everyone = replace(asked.question, visible=None)
        shown += [("trend-chain", _("Chain"), chain_trend(everyone, column, asked.data))]
    has_intervals = column.part == "value"
    drawn = [
        trend_of(
            own, column.of, column.unit, place=place, title=f"{name} · {column.title}", has_intervals=has_intervals
        )
        for place, name, own in shown
    ]
    return sparklines(request, drawn, title=str(column.title))


@needs(SEE_STORE_FIGURES)
@require_safe
def place_provinces(request: HttpRequest) -> HttpResponse:
    """The grid of provinces; a tile leads to its places in the table."""
    asked = _asked(request, *question_of(request, METRIC))
    column = _province_column(asked)
    question = replace(of_metric(asked.question, column.metric), by="city")
    page = reverse("stores:regions")

    def url_of(province: str) -> str:
        return page + changed(request.GET, province=[province], q=[], open=[], place=[])

    drawn = Drawn(question, asked.data, "provinces", str(column.title))
    grid = province_grid(question, asked.data, url_of=url_of, chosen=asked.province)
    return fragment(request, "province_grid", grid, drawn)


def _province_column(asked: Asked) -> PlaceColumn:
    """The rate of the small lines, else the repurchase rate."""
    own = asked.trend
    is_rate = own is not None and own.part == "value" and METRICS[own.metric].kind == "proportion"
    return own if own is not None and is_rate else COLUMNS[METRIC.code]


def _found(table: PlaceTable, asked: Asked) -> list[PlaceRow]:
    rows = place_lines.found(table.rows, asked.searched)
    return place_lines.in_province(rows, asked.province) if asked.province else rows


def _table_context(request: HttpRequest, asked: Asked, table: PlaceTable) -> dict[str, Any]:
    rows = place_lines.in_order(_found(table, asked), request.GET.get("sort", ""), asked.columns)
    keys = {place_lines.key_of(row.path) for row in table.rows}
    picked = [key for key in dict.fromkeys(request.GET.getlist("place")) if key in keys][:MOST_PICKED]
    opened = place_lines.open_keys(request.GET, rows, everything=asked.is_narrowed)
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
        "count": len({row.path[-1] for row in table.rows if len(row.path) == len(LEVELS[asked.top])}),
        "total_cells": cells(table.total, asked.columns) if hides_sums else [],
        "chain_cells": chain_cells,
        "reason": table.reason,
        "searched": asked.searched,
        "province": PROVINCES[asked.province].name if asked.province else "",
        "all_provinces": changed(request.GET, province=[]),
        "draws_provinces": has_provinces(asked.data),
        "trend": asked.trend,
        # What is open is said, so that the lines are those of the places on the page.
        "pieces_query": changed(request.GET, open=sorted(opened) or [""]),
        "picked": place_lines.side_by_side(table.rows, asked.columns, chain_cells, picked),
        "has_same_stores": any(column.part == "same_stores" for column in asked.columns),
        "has_changes": asked.question.compare != "none" and not table.reason,
    }


def _choices(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    question, known = asked.question, asked.data.completeness
    periods = choices.preset_periods(known.as_of, known.begins) if known.as_of and known.begins else []
    chosen = {column.key for column in asked.columns}
    kept = [
        (name, value)
        for name in ("from", "to", "compare", "basis", "top", "sort", "province")
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
        "trends": [
            ("", _("The first rate shown")),
            *((column.key, column.title) for column in trend_columns()),
            (NO_TREND, _("No trend")),
        ],
        "chosen_trend": request.GET.get("trend", ""),
        "province_title": _province_column(asked).title,
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
