"""The report as CSV and XLSX: the figures of the page, in full precision."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics import METRICS
from core.reporting.metrics.units import RATE, Unit
from core.reporting.question import Question
from core.reporting.render.choices import BASIS_TITLES, SCOPE_TITLES
from core.reporting.render.table import Column, Row
from core.reporting.report import Report
from core.reporting.statistics.funnel import Position
from core.shared.chain import current_chain
from core.shared.spreadsheets import escape_formulas

Cell = str | int | float | Decimal | date | None


def file_name(question: Question, extension: str, part: str = "") -> str:
    """Chain, metric, breakdown and period; for download headers, so ASCII. `part`: what of the report it holds."""
    chain = re.sub(r"[^A-Za-z0-9_-]+", "-", current_chain().schema_name)
    words = [chain, question.metric, part or question.by, str(question.start), str(question.end)]
    return f"{'_'.join(words)}.{extension}"


def table(report: Report, shown: Sequence[Column], rows: Sequence[Row]) -> Iterator[list[Cell]]:
    """Headings, then a row for each of `rows`, the last of which is the total."""
    titles_of_stores, cells_of_stores = _of_stores(report)
    titles = [title for column in shown for title in _titles(column)]
    yield [_("Key"), str(DIMENSIONS[report.question.by].title), *titles, _("Small sample"), *titles_of_stores]
    for row in rows:
        cells = [cell for column in shown for cell in _cells(column, row)]
        of_store = cells_of_stores.get(row.key, [None] * len(titles_of_stores))
        yield [row.key, row.label, *cells, _("yes") if row.figures.small_sample and row.key else "", *of_store]


def _titles(column: Column) -> list[str]:
    title = str(column.title)
    if column.kind != "interval":
        return [title]
    return [_("%(title)s, low") % {"title": title}, _("%(title)s, high") % {"title": title}]


def _cells(column: Column, row: Row) -> list[Cell]:
    value = column.value(row)
    if column.kind in ("value", "change"):
        return [column.unit.in_file(value)]
    if column.kind == "interval":
        return list(value) if isinstance(value, tuple) else [None, None]
    return [] if isinstance(value, tuple) else [value]


def _of_stores(report: Report) -> tuple[list[str], dict[str, list[Cell]]]:
    """What the ranking and the funnel say of each store: titles, and cells by the store's key."""
    funnel, ranking = report.funnel, report.ranking
    if funnel is None or ranking is None:
        return [], {}
    positions: dict[Position, str] = {
        "inside": _("inside"),
        "above_95": _("above the 95 % limits"),
        "below_95": _("below the 95 % limits"),
        "above_998": _("above the 99.8 % limits"),
        "below_998": _("below the 99.8 % limits"),
    }
    titles = [_("Expected"), _("Funnel")]
    cells: dict[str, list[Cell]] = {
        key: [store.expected, positions[funnel.positions[key]] if key in funnel.positions else None]
        for key, store in funnel.stores.items()
    }
    if not ranking.distinguishable:
        return titles, cells
    ranked: dict[str, list[Cell]] = {
        store.key: [store.value, *store.interval, store.rank, *store.rank_interval]
        for store in ranking.stores
        if store.rank_interval
    }
    titles_of_ranks = [
        *(_("Stabilised rate"), _("Stabilised, low"), _("Stabilised, high")),
        *(_("Rank"), _("Rank, low"), _("Rank, high")),
    ]
    nothing: list[Cell] = [None] * len(titles_of_ranks)
    return [*titles, *titles_of_ranks], {key: [*own, *ranked.get(key, nothing)] for key, own in cells.items()}


def about(report: Report, notes: Sequence[str]) -> list[tuple[str, Cell]]:
    """What the figures are: goes below the table."""
    return about_question(report.question, notes)


def about_question(question: Question, notes: Sequence[str]) -> list[tuple[str, Cell]]:
    metric = METRICS[question.metric]
    filters = {
        _("Followed for"): _("%(days)s days") % {"days": question.within} if question.within else None,
        _("Category"): question.category,
        _("Member tier"): question.member_tier,
        _("Region"): question.region,
        _("City tier"): question.city_tier,
        _("City"): question.city,
        _("Store group"): question.store_group,
        _("Store"): question.store,
    }
    return [
        (_("Salon chain"), current_chain().name),
        (_("Metric"), _("%(metric)s, version %(version)s") % {"metric": metric.code, "version": metric.version}),
        (_("Period"), question.period.label),
        (_("Scope"), str(SCOPE_TITLES[question.scope])),
        (_("Count"), str(BASIS_TITLES[question.basis])),
        *((name, value) for name, value in filters.items() if value),
        *((_("Note"), note) for note in notes),
    ]


def as_csv(report: Report, shown: Sequence[Column], rows: Sequence[Row], notes: Sequence[str]) -> bytes:
    return csv_of([*table(report, shown, rows), [], *about(report, notes)])


def as_xlsx(report: Report, shown: Sequence[Column], rows: Sequence[Row], notes: Sequence[str]) -> bytes:
    metric = METRICS[report.question.metric]
    return xlsx_of(str(metric.title), [*table(report, shown, rows), [], *about(report, notes)], metric.unit)


def csv_of(rows: Iterable[Sequence[Cell]]) -> bytes:
    """With a byte order mark, without which Excel misreads Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows(map(_csv_cells, rows))
    return text.getvalue().encode("utf-8-sig")


def _csv_cells(cells: Sequence[Cell]) -> list[Any]:
    """Rates to six places; numbers are never guarded, or a negative change would become a text."""
    return [round(cell, 6) if isinstance(cell, float) else escape_formulas(cell) for cell in cells]


def xlsx_of(title: str, rows: Iterable[Sequence[Cell]], unit: Unit = RATE) -> bytes:
    """The first row is the headings; numbers with decimals are of the unit."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "C2"
    sheet.column_dimensions["B"].width = 28
    headings, *body = rows
    sheet.append([_bold(sheet, heading) for heading in headings])
    for cells in body:
        sheet.append([_xlsx_cell(sheet, cell, unit) for cell in cells])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _bold(sheet: Any, title: Cell) -> Any:
    cell = WriteOnlyCell(sheet, str(title))
    cell.font = Font(bold=True)
    return cell


def _xlsx_cell(sheet: Any, value: Cell, unit: Unit) -> Any:
    # A workbook cannot hold control characters.
    text = escape_formulas(value)
    cell = WriteOnlyCell(sheet)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text) if isinstance(text, str) else text
    if isinstance(value, Decimal):
        cell.number_format = "#,##0.00"
    elif isinstance(value, float):
        cell.number_format = unit.number_format
    elif isinstance(value, str):
        cell.data_type = "s"
    return cell
