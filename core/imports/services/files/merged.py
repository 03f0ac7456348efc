"""Cells of a sheet that are merged over rows or columns."""

import re
from collections.abc import Sequence
from typing import IO, NamedTuple

from core.imports.services.files.limits import MOST_COLUMNS, MOST_MERGED
from core.imports.services.files.problems import FileProblem, gettext_noop
from core.imports.services.files.xml import too_large, unreadable

BLOCK, LONGEST = 1 << 20, 200
_MERGED = re.compile(rb'mergeCell\s[^<>]{0,99}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


class MergedCell(NamedTuple):
    """Rows and columns count from 1."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


def read_merged_cells(part: IO[bytes]) -> list[MergedCell]:
    """What is merged, in the order of the rows. It stands behind the rows, and has to be known before them."""
    found: set[MergedCell] = set()
    rest = b""
    while block := part.read(BLOCK):
        if b"mergeCell" in block or rest:
            block = rest + block
            for first_column, first_row, last_column, last_row in _MERGED.findall(block):
                corners = (int(first_row), column_number(first_column.decode()), int(last_row))
                found.add(MergedCell(*corners, column_number(last_column.decode())))
        if len(found) > MOST_MERGED:
            raise too_large()
        rest = block[-LONGEST:] if b"merge" in block[-LONGEST:] else b""
    return sorted(found)


class MergedOverRows:
    """The cells of a sheet that are merged over rows, while it is read from above. In columns that are counted once
    the rows below get a zero."""

    def __init__(self, merged: Sequence[MergedCell], counted_once: Sequence[int] = ()) -> None:
        self._counted_once = {index + 1 for index in counted_once}
        self._coming = [one for one in reversed(merged) if one.last_row > one.first_row]
        # By column: the cell's last row, and its text.
        self._open: dict[int, tuple[int, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._coming or self._open)

    def fill(self, row: int, cells: dict[int, str]) -> None:
        for column, (last, text) in list(self._open.items()):
            if row > last:
                del self._open[column]
            elif text:
                cells.setdefault(column, text)
        while self._coming and self._coming[-1].first_row <= row:
            one = self._coming.pop()
            if one.first_row == row:
                self.begin(one, cells.get(one.first_column, ""))

    def begin(self, one: MergedCell, text: str) -> None:
        """A cell whose first row is read."""
        if one.first_column <= MOST_COLUMNS:
            is_once = text and one.first_column in self._counted_once
            self._open[one.first_column] = (one.last_row, "0" if is_once else text)


def column_number(letters: str) -> int:
    if not (letters.isascii() and letters.isalpha()):
        raise unreadable()
    if len(letters) > 3:
        raise beyond_sheet()
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


def beyond_sheet() -> FileProblem:
    message = gettext_noop(
        "The workbook says that a cell lies beyond the last row or column a sheet has. Save the sheet as CSV."
    )
    return FileProblem("beyond_sheet", message)
