"""Rows that leave their first columns blank because they go on from the row above, as merged cells saved as text do."""

from collections.abc import Sequence

from core.imports.services.files.batches import RowBatch, batch_of
from core.imports.services.files.groups import Line
from core.imports.services.files.sieve import EXAMPLES, Sieve, is_number, shown

FILLED = "filled_rows"


class FillDown:
    """Reads rows from above, in their order. `columns` say which visit a row is of; those of its day and receipt,
    `own`, are blank in rows that go on."""

    def __init__(self, columns: Sequence[int], own: Sequence[int], width: int) -> None:
        self._columns, self._own, self._width = frozenset(columns), tuple(own), width
        self._above: list[str] = []
        self._rows = 0
        self._examples: list[tuple[int, str]] = []

    def begin(self) -> "FillDown":
        """For one more reading of the rows."""
        return FillDown(tuple(self._columns), self._own, self._width)

    def goes_on(self, row: Sequence[str]) -> bool:
        """It says no day nor receipt, but something in words that is none of these columns: a sum says no such
        thing."""
        if any(len(row) > index and row[index].strip() for index in self._own):
            return False
        others = (cell.strip() for index, cell in enumerate(row) if index not in self._columns)
        return any(cell and not is_number(cell) for cell in others)

    def fill(self, batch: RowBatch) -> RowBatch:
        cells = [self._filled(line, row) for line, row in zip(batch.lines, batch.cells, strict=True)]
        return batch_of(list(batch.lines), cells)

    def _filled(self, line: int, row: list[str]) -> list[str]:
        # What lines above rows say of them stands behind the file's own columns.
        if self._above and self._above[self._width :] == row[self._width :] and self.goes_on(row):
            self._rows += 1
            if len(self._examples) < EXAMPLES:
                self._examples.append((line, shown(row)))
            pairs = enumerate(zip(row, self._above, strict=False))
            return [above if index in self._columns and not cell.strip() else cell for index, (cell, above) in pairs]
        if any(len(row) > index and row[index].strip() for index in self._own):
            self._above = row
        return row

    def filled(self) -> list[tuple[str, int, list[tuple[int, str]]]]:
        return [(FILLED, self._rows, self._examples)] if self._rows else []


def find_rows_that_go_on(rows: Sequence[Line], fill: FillDown, sieve: Sieve) -> list[Line]:
    """Of the first rows those below a whole one."""
    if not rows or fill.goes_on(rows[0][1]):
        return []
    return [(line, cells) for line, cells in rows if fill.goes_on(cells) and sieve.reason(cells) is None]
