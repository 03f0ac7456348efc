"""Chunks of rows on their way to the staging table, as columns of cells, with the errors found in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from django.utils.translation import gettext as _

from core.imports.services.aside import AsideCells
from core.imports.services.columns import Columns
from core.imports.services.files.batches import RowBatch
from core.imports.services.values.codes import folded_name
from core.imports.services.values.memo import NOTHING, NULL, Problem, shortened
from core.imports.services.values.texts import joined_name

# A file that is refused anyway keeps this many errors; further ones are only counted.
MAX_ERRORS = 10_000


@dataclass(frozen=True)
class RowError:
    line: int
    heading: str
    problem: Problem
    value: str


@dataclass
class RowErrors:
    """Errors of rows, buffered until they are copied to the error table, and the cells beside the point."""

    keep_all: bool
    aside: AsideCells = field(default_factory=AsideCells)
    # The number of bad rows.
    rows: int = 0
    waiting: list[RowError] = field(default_factory=list)
    _count: int = 0

    @property
    def is_full(self) -> bool:
        return not self.keep_all and self._count >= MAX_ERRORS

    def add(self, error: RowError) -> None:
        if not self.is_full:
            self.waiting.append(error)
            self._count += 1

    def take(self) -> list[RowError]:
        taken, self.waiting = self.waiting, []
        return taken


@dataclass
class Chunk:
    """Consecutive rows: the cells of each field, as many as `lines`."""

    lines: Sequence[int]
    cells: Mapping[str, Sequence[str]]
    columns: Columns
    errors: RowErrors
    bad: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.lines)

    def flag(self, name: str, problems: Mapping[str, Problem], cells: Sequence[str] | None = None) -> None:
        """Adds an error for each cell of the field that its reader could not read; one beside the point is noted."""
        if not problems:
            return
        cells = self.cells[name] if cells is None else cells
        if problems.keys().isdisjoint(cells):
            return
        column = self.columns.by_field.get(name)
        aside = column is not None and column.field.is_aside
        for index, cell in enumerate(cells):
            if cell not in problems:
                continue
            if aside or problems[cell].value != NULL:
                self.errors.aside.add(self.columns.heading_of(name), self.lines[index], problems[cell], cell)
            else:
                self.flag_row(index, name, problems[cell], cell)

    def flag_row(self, index: int, name: str, problem: Problem, value: str = "") -> None:
        heading = self.columns.heading_of(name)
        self.errors.add(RowError(self.lines[index], heading, problem, shortened(value)))
        if index not in self.bad:
            self.bad.add(index)
            # One row may stand as several lines, one behind the other.
            is_next = index > 0 and self.lines[index - 1] == self.lines[index] and index - 1 in self.bad
            self.errors.rows += 0 if is_next else 1

    def picked(self, indexes: Sequence[int]) -> "Chunk":
        """These rows of it; one of them several times where its index is there several times."""
        cells = {name: [column[index] for index in indexes] for name, column in self.cells.items()}
        bad = {new for new, old in enumerate(indexes) if old in self.bad}
        return replace(self, lines=[self.lines[index] for index in indexes], cells=cells, bad=bad)

    def require(self, name: str, values: Sequence[str]) -> None:
        """Adds an error for each row without a value; `values` are the cells as read."""
        if NULL not in values:
            return
        for index, cell in enumerate(self.cells[name]):
            if values[index] == NULL and cell.strip().casefold() in NOTHING:
                self.flag_row(index, name, missing_value())


def missing_value() -> Problem:
    return Problem("missing_value", _("There has to be a value."))


def row_columns(chunk: Chunk) -> dict[str, Sequence[str]]:
    """The staging columns `line` and, if a row of the chunk is bad, `bad`, whose default is false."""
    lines: dict[str, Sequence[str]] = {"line": list(map(str, chunk.lines))}
    if not chunk.bad:
        return lines
    return {**lines, "bad": ["t" if index in chunk.bad else "f" for index in range(len(chunk))]}


def make_chunk(rows: RowBatch, columns: Columns, errors: RowErrors, *, width: int) -> Chunk:
    """Drops blank rows, pads short ones and adds an error for longer ones."""
    long_rows: dict[int, int] = {}
    lines = rows.lines
    by_field = _whole_columns(rows, columns, width)
    if by_field is None or "" in by_field[_required_field(columns)]:
        lines, cells = (lines, rows.cells) if not columns.leave_out else _without_left_out(rows, columns)
        rows_with_text = [(line, row) for line, row in zip(lines, cells, strict=True) if any(map(str.strip, row))]
        lines = [line for line, _row in rows_with_text]
        cells = [_fit_width(row, width, long_rows, index) for index, (_line, row) in enumerate(rows_with_text)]
        by_field = _by_field(cells, columns)
    chunk = Chunk(lines, by_field, columns, errors)
    message = _("The row has %(cells)d cells, the file %(width)d columns.")
    for index, cell_count in long_rows.items():
        problem = Problem("too_many_cells", message % {"cells": cell_count, "width": width})
        chunk.flag_row(index, "", problem)
    return chunk


def _whole_columns(rows: RowBatch, columns: Columns, width: int) -> dict[str, Sequence[str]] | None:
    """Where no row has to be looked at by itself."""
    if columns.leave_out or rows.columns is None or len(rows.columns) != width:
        return None
    by_field: dict[str, Sequence[str]] = {
        column.field.name: _joined(*map(rows.column, column.parts)) if column.parts else rows.column(column.index)
        for column in columns.in_file
    }
    return {**by_field, **{name: [value] * len(rows.lines) for name, value in columns.constants.items()}}


def _without_left_out(rows: RowBatch, columns: Columns) -> tuple[list[int], list[list[str]]]:
    wanted = []
    for line, row in zip(rows.lines, rows.cells, strict=True):
        if any(index < len(row) and folded_name(row[index]) in words for index, words in columns.leave_out.items()):
            columns.rows_left_out += 1
        else:
            wanted.append((line, row))
    return [line for line, _row in wanted], [row for _line, row in wanted]


def _required_field(columns: Columns) -> str:
    """A required field: a row that has it is not blank."""
    in_file = columns.in_file
    return next((column.field.name for column in in_file if column.field.required), in_file[0].field.name)


def _by_field(cells: list[list[str]], columns: Columns) -> dict[str, Sequence[str]]:
    names = [column.field.name for column in columns.in_file]
    indexes = [column.index for column in columns.in_file]
    constants = {name: [value] * len(cells) for name, value in columns.constants.items()}
    if not cells:
        return {**dict.fromkeys(names, ()), **constants}
    joined = {
        column.field.name: _joined(*([row[index] for row in cells] for index in column.parts))
        for column in columns.in_file
        if column.parts
    }
    if len(indexes) == 1:
        return {names[0]: [row[indexes[0]] for row in cells], **constants, **joined}
    return {**dict(zip(names, zip(*map(itemgetter(*indexes), cells), strict=True), strict=True)), **constants, **joined}


def _joined(*columns: Sequence[str]) -> list[str]:
    """Of the columns of first and last names, or one of the two."""
    return list(map(joined_name, *columns))


def _fit_width(row: list[str], width: int, long_rows: dict[int, int], index: int) -> list[str]:
    if len(row) > width:
        if any(map(str.strip, row[width:])):
            long_rows[index] = len(row)
        return row[:width]
    return row + [""] * (width - len(row))
