"""Rows on their way from the child to its parent: a text for each column, as one for each cell takes twice the time."""

from collections.abc import Sequence
from dataclasses import dataclass

# Hardly any cell holds it.
SEPARATOR = "\x1f"
Cells = list[list[str]]


@dataclass(frozen=True)
class RowBatch:
    """Consecutive rows of the file without blank ones, and the line each begins on."""

    lines: Sequence[int]
    # The cells of each column, one behind the other. None where rows differ in length, or a cell holds what parts them:
    # then they come as `rows`.
    columns: Sequence[str] | None
    rows: Cells

    @property
    def cells(self) -> Cells:
        """Row by row."""
        if self.columns is None:
            return self.rows
        return list(map(list, zip(*map(self.column, range(len(self.columns))), strict=True)))

    def column(self, index: int) -> list[str]:
        return self.columns[index].split(SEPARATOR) if self.columns is not None else [row[index] for row in self.rows]


def batch_of(lines: Sequence[int], cells: Cells) -> RowBatch:
    widths = set(map(len, cells))
    if len(widths) == 1 and 0 not in widths:
        columns = list(map(SEPARATOR.join, zip(*cells, strict=True)))
        if sum(column.count(SEPARATOR) for column in columns) == len(columns) * (len(cells) - 1):
            return RowBatch(lines, columns, [])
    return RowBatch(lines, None, cells)
