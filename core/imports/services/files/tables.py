"""What the readers of sheets have in common: rows of cells, as many at once as go to the parent."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from core.imports.services.files import limits
from core.imports.services.files.hidden import HiddenRows
from core.imports.services.files.merged import MergedCell
from core.imports.services.files.sheets import Row
from core.imports.services.files.sieve import NO_RESULT, Cells, Sieve

Batches = Iterator[list[Row]]
# Blocks looked through for one chunk; a sheet of blank cells would be looked through to its end.
MOST_BATCHES = 2000


class TableReader:
    """A file of one or several sheets; a subclass knows how to read them."""

    def __init__(self) -> None:
        self.sieve = Sieve([])
        # Columns in which a cell merged over rows counts once, see `Layout`.
        self.counted_once: list[int] = []
        self.merged: Sequence[MergedCell] = ()
        self.hidden = HiddenRows()
        # Where formulas have no result: column → how many, and the first line.
        self.formulas: dict[int, tuple[int, int]] = {}

    def examine(self) -> dict[str, Any]:
        raise NotImplementedError

    def sample(self, delimiters: object, name: str | None) -> list[dict[str, Any]]:
        """The sheets, with the first rows of those that may be meant: the visible ones, or that of the name."""
        raise NotImplementedError

    def batches(self, sheet: str | None) -> Batches:
        raise NotImplementedError

    def merged_below(self, first_line: int) -> dict[int, int]:
        """Cells merged over rows from that line on: column → how many."""
        return dict(Counter(one.first_column - 1 for one in self.merged if one.last_row > one.first_row >= first_line))

    def take_left_out(self) -> list[tuple[str, int, list[tuple[int, str]]]]:
        """With the rows that are not shown, which are read like the others."""
        last = self._layout["last_line"] or limits.SHEET_ROWS
        return [*self.sieve.take_left_out(), *self.hidden.told(self._layout["first_line"], last)]

    @property
    def is_1904(self) -> bool | None:
        """Whether the workbook counts its days from 1904; None where nothing says it."""
        return None

    @property
    def declared_rows(self) -> int:
        """About how many rows the sheet has; 0 where it does not say so."""
        return 0

    @property
    def lacks_results(self) -> bool:
        """Whether there have been cells whose formula has no result."""
        return False

    def open(self, layout: dict[str, Any]) -> dict[str, Any]:
        self._layout = layout
        self._width = layout["width"]
        self.counted_once = layout["counted_once"]
        self._batches = self.batches(layout["sheet"])
        self._waiting: list[Row] = []
        headings = []
        for batch in self._batches:
            headings += [cells for line, cells in batch if line in layout["heading_lines"]]
            self._waiting = [row for row in batch if row[0] >= layout["first_line"]]
            if self._waiting:
                break
        self.sieve = Sieve(headings, layout["last_line"])
        merged = self.merged_below(layout["first_line"])
        return {"lines": self.declared_rows, "merged": merged, "is_1904": self.is_1904}

    def chunks(self) -> Iterator[tuple[Sequence[int], Cells]]:
        lines: list[int] = []
        cells: list[list[str]] = []
        size = 0
        for number, batch in enumerate(self._all(), 1):
            for line, row in batch:
                lines.append(line)
                cells.append(row + [""] * (self._width - len(row)))
                size += sum(map(len, row)) + 8 * len(row)
                if size > limits.CHUNK_SIZE or len(cells) == limits.CHUNK_ROWS:
                    yield self._records(lines, cells)
                    lines, cells, size = [], [], 0
            if number % MOST_BATCHES == 0:
                yield self._records(lines, cells)
                lines, cells, size = [], [], 0
            if self.sieve.has_ended:
                return
        yield self._records(lines, cells)

    def _records(self, lines: list[int], rows: Cells) -> tuple[Sequence[int], Cells]:
        kept, cells = self.sieve.strain(lines, rows)
        if self.lacks_results:
            for line, row in zip(kept, cells, strict=True):
                if NO_RESULT in row:
                    self._note_formulas(line, row)
        return kept, cells

    def _note_formulas(self, line: int, row: list[str]) -> None:
        is_record = any(cell not in {"", NO_RESULT} for cell in row)
        for column, cell in enumerate(row):
            if cell == NO_RESULT:
                row[column] = ""
                count, first = self.formulas.get(column, (0, line))
                if is_record:
                    self.formulas[column] = (count + 1, first)

    def _all(self) -> Batches:
        yield self._waiting
        yield from self._batches
