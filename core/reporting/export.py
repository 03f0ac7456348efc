"""The report as CSV and XLSX: the figures of the page, in full precision."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from core.reporting.periods import Period
from core.reporting.presentation.rows import Row
from core.reporting.presentation.words import BASIS_TITLES, BREAKDOWN_TITLES, SCOPE_TITLES
from core.reporting.report import METRIC, METRIC_VERSION, Report
from core.reporting.statistics.funnel import Position
from core.shared.chain import current_chain
from core.shared.spreadsheets import guarded

Cell = str | int | float | None
_RATES = "0.0%"


def file_name(report: Report, extension: str) -> str:
    """Chain, metric, breakdown and period; for download headers, so ASCII."""
    question = report.question
    chain = re.sub(r"[^A-Za-z0-9_-]+", "-", current_chain().schema_name)
    return f"{chain}_{METRIC}_{question.by}_{question.start}_{question.end}.{extension}"


def header(report: Report) -> list[str]:
    titles = [
        _("Key"),
        str(BREAKDOWN_TITLES[report.question.by]),
        _("Clients"),
        _("Came back"),
        _("Rate"),
        _("95 % interval, low"),
        _("95 % interval, high"),
        _("Adjusted rate"),
        _("Adjusted, low"),
        _("Adjusted, high"),
        _("Back at the same store"),
        _("Back at another store of the same city tier"),
        _("Back elsewhere"),
        _("Rate of the year before"),
        _("Change"),
        _("Small sample"),
    ]
    if report.question.by == "staff":
        titles.append(_("Back with the same person"))
    if report.ranking:
        titles += [_("Shrunken rate"), _("Shrunken, low"), _("Shrunken, high"), _("Funnel")]
    return titles


def body(report: Report, rows: Sequence[Row], before: float | None) -> Iterator[list[Cell]]:
    ranked = {store.key: store for store in report.ranking.stores} if report.ranking else {}
    for row in rows:
        group = row.group
        cells: list[Cell] = [
            group.key,
            group.label,
            group.clients,
            group.repeat_clients,
            group.rate,
            *(group.ci95 or (None, None)),
            group.adjusted_rate,
            *(group.adjusted_ci95 or (None, None)),
            group.repeat_same_store,
            group.repeat_same_tier,
            group.repeat_elsewhere,
            row.before,
            row.change,
            _("yes") if group.small_sample else "",
        ]
        if report.question.by == "staff":
            cells.append(group.repeat_same_staff)
        if report.ranking and report.funnel and (store := ranked.get(group.key)):
            cells += [store.posterior_mean, *store.interval, _position(report.funnel.stores[group.key].position)]
        yield cells
    yield _total(report, before)


def _position(position: Position) -> str:
    words: dict[Position, str] = {
        "inside": _("inside"),
        "above_95": _("above the 95 % limits"),
        "below_95": _("below the 95 % limits"),
        "above_998": _("above the 99.8 % limits"),
        "below_998": _("below the 99.8 % limits"),
    }
    return words[position]


def _total(report: Report, before: float | None) -> list[Cell]:
    total = report.total
    change = total.rate - before if total.rate is not None and before is not None else None
    interval = total.ci95 or (None, None)
    label = _("All of these") if report.question.is_narrowed else _("Chain")
    return [
        "", label, total.clients, total.repeat_clients, total.rate, *interval,
        None, None, None, None, None, None, before, change, "",
    ]  # fmt: skip


def about(report: Report, notes: Sequence[str]) -> list[tuple[str, Cell]]:
    """What the figures are: goes below the table."""
    question = report.question
    filters = {
        _("Category"): question.category,
        _("Member tier"): question.member_tier,
        _("Region"): question.region,
        _("City tier"): question.city_tier,
        _("City"): question.city,
        _("Store"): question.store,
    }
    return [
        (_("Salon chain"), current_chain().name),
        (_("Metric"), _("%(metric)s, version %(version)s") % {"metric": METRIC, "version": METRIC_VERSION}),
        (_("Period"), Period(question.start, question.end).label),
        (_("Scope"), str(SCOPE_TITLES[question.scope])),
        (_("Count"), str(BASIS_TITLES[question.basis])),
        *((name, value) for name, value in filters.items() if value),
        *((_("Note"), note) for note in notes),
    ]


def as_csv(report: Report, rows: Sequence[Row], before: float | None, notes: Sequence[str]) -> bytes:
    """With a byte order mark, without which Excel misreads Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header(report))
    for cells in body(report, rows, before):
        writer.writerow(_csv_cells(cells))
    writer.writerow([])
    for pair in about(report, notes):
        writer.writerow(_csv_cells(pair))
    return text.getvalue().encode("utf-8-sig")


def _csv_cells(cells: Sequence[Cell]) -> list[Any]:
    """Rates to six places; numbers are never guarded, or a negative change would become a text."""
    return [round(cell, 6) if isinstance(cell, float) else guarded(cell) for cell in cells]


def as_xlsx(report: Report, rows: Sequence[Row], before: float | None, notes: Sequence[str]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Repurchase rate")[:31])
    sheet.freeze_panes = "C2"
    sheet.column_dimensions["B"].width = 28
    sheet.append([_bold(sheet, title) for title in header(report)])
    for cells in body(report, rows, before):
        sheet.append([_xlsx_cell(sheet, cell) for cell in cells])
    sheet.append([])
    for pair in about(report, notes):
        sheet.append([_xlsx_cell(sheet, cell) for cell in pair])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _bold(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, title)
    cell.font = Font(bold=True)
    return cell


def _xlsx_cell(sheet: Any, value: Cell) -> Any:
    # A workbook cannot hold control characters.
    text = guarded(value)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text) if isinstance(text, str) else text)
    if isinstance(value, float):
        cell.number_format = _RATES
    elif isinstance(value, str):
        cell.data_type = "s"
    return cell
