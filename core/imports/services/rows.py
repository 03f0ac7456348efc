"""Rows of a file on their way into the staging table: columns of cells, and what is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from django.utils.translation import gettext as _

from core.imports.services.columns import Columns
from core.imports.services.reading import Rows
from core.imports.services.values.memo import NULL, Problem, shortened

# Of a file that is refused anyway no more errors than these are kept; the others are counted.
KEPT_ERRORS = 10_000


@dataclass(frozen=True)
class RowError:
    line: int
    heading: str
    problem: Problem
    value: str


@dataclass
class RowErrors:
    """All that is wrong with rows, until it is moved to the table of errors."""

    keep_all: bool
    # Bad rows.
    rows: int = 0
    waiting: list[RowError] = field(default_factory=list)
    _kept: int = 0

    @property
    def is_full(self) -> bool:
        return not self.keep_all and self._kept >= KEPT_ERRORS

    def add(self, error: RowError) -> None:
        if not self.is_full:
            self.waiting.append(error)
            self._kept += 1

    def take(self) -> list[RowError]:
        taken, self.waiting = self.waiting, []
        return taken


@dataclass
class Chunk:
    """Rows that follow each other: `cells` by field, each as long as `lines`."""

    lines: Sequence[int]
    cells: Mapping[str, Sequence[str]]
    columns: Columns
    errors: RowErrors
    bad: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.lines)

    def flag(self, name: str, problems: Mapping[str, Problem], cells: Sequence[str] | None = None) -> None:
        """Note the cells of a field that its reader could not read."""
        if not problems:
            return
        cells = self.cells[name] if cells is None else cells
        if problems.keys().isdisjoint(cells):
            return
        for index, cell in enumerate(cells):
            if cell in problems:
                self.flag_row(index, name, problems[cell], cell)

    def flag_row(self, index: int, name: str, problem: Problem, value: str = "") -> None:
        heading = self.columns.heading_of(name)
        self.errors.add(RowError(self.lines[index], heading, problem, shortened(value)))
        if index not in self.bad:
            self.bad.add(index)
            self.errors.rows += 1

    def line_with(self, text: str) -> int:
        """The first line with a cell that begins so."""
        for line, *cells in zip(self.lines, *self.cells.values(), strict=True):
            if any(cell.strip().startswith(text) for cell in cells):
                return int(line)
        return self.lines[0]

    def require(self, name: str, values: Sequence[str]) -> None:
        """Note rows that lack a cell they need; `values` are what the cells were read as."""
        if NULL not in values:
            return
        problem = Problem("missing_value", _("There has to be a value."))
        for index, cell in enumerate(self.cells[name]):
            if not cell.strip():
                self.flag_row(index, name, problem)


def marks(chunk: Chunk) -> dict[str, Sequence[str]]:
    """The staged columns that tell rows and mark bad ones; a row is good where nothing is said."""
    lines: dict[str, Sequence[str]] = {"line": list(map(str, chunk.lines))}
    if not chunk.bad:
        return lines
    return {**lines, "bad": ["t" if index in chunk.bad else "f" for index in range(len(chunk))]}


def as_chunk(rows: Rows, columns: Columns, errors: RowErrors, *, width: int) -> Chunk:
    """Blank rows are left out, short ones filled up, longer ones noted."""
    long_rows: dict[int, int] = {}
    lines, cells = rows.lines, rows.cells
    by_field = _by_field(cells, columns) if set(map(len, cells)) == {width} else None
    if by_field is None or "" in by_field[_needed(columns)]:
        kept = [(line, row) for line, row in zip(lines, cells, strict=True) if any(map(str.strip, row))]
        lines = [line for line, _row in kept]
        cells = [_of_width(row, width, long_rows, index) for index, (_line, row) in enumerate(kept)]
        by_field = _by_field(cells, columns)
    chunk = Chunk(lines, by_field, columns, errors)
    message = _("The row has %(cells)d cells, the file %(width)d columns.")
    for index, found in long_rows.items():
        problem = Problem("too_many_cells", message % {"cells": found, "width": width})
        chunk.flag_row(index, "", problem)
    return chunk


def _needed(columns: Columns) -> str:
    """A field without which a row may be blank."""
    return next((column.field.name for column in columns.used if column.field.required), columns.used[0].field.name)


def _by_field(cells: list[list[str]], columns: Columns) -> dict[str, Sequence[str]]:
    names = [column.field.name for column in columns.used]
    indexes = [column.index for column in columns.used]
    if not cells:
        return dict.fromkeys(names, ())
    if len(indexes) == 1:
        return {names[0]: [row[indexes[0]] for row in cells]}
    return dict(zip(names, zip(*map(itemgetter(*indexes), cells), strict=True), strict=True))


def _of_width(row: list[str], width: int, long_rows: dict[int, int], index: int) -> list[str]:
    if len(row) > width:
        if any(map(str.strip, row[width:])):
            long_rows[index] = len(row)
        return row[:width]
    return row + [""] * (width - len(row))
