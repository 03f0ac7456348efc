"""Reads a text in which a quotation mark is never closed, so that it would swallow the rows below it."""

import csv
import re
from collections.abc import Iterator
from itertools import chain

from core.imports.services.files.limits import LONGEST_CELL
from core.imports.services.files.sieve import EXAMPLES, LONGEST_EXAMPLE

_DIGIT = re.compile(r"\d")
# Closes whatever quotation mark is open.
_CLOSING = '"\n'


def swallows_rows(row: list[str], delimiter: str, width: int) -> bool:
    """Whether a cell holds lines that look like rows of their own."""
    for cell in row:
        if "\n" not in cell and "\r" not in cell:
            continue
        for line in cell.splitlines()[1:]:
            if line.count(delimiter) == width - 1 and _alike(row, line.split(delimiter)):
                return True
    return False


class CarefulReader:
    """Like a reader of the `csv` module, line by line: a quotation mark that is not closed before the next line that
    looks like a row is a character like any other. Much slower, and only needed for a file that has one."""

    def __init__(self, lines: Iterator[str], delimiter: str, width: int, lines_before: int) -> None:
        self._lines = lines
        self._delimiter, self._width = delimiter, width
        self._waiting: list[str] = []
        self.line_num = lines_before
        # Rows with such a mark: how many, and the first of them.
        self.count = 0
        self.examples: list[tuple[int, str]] = []

    def __iter__(self) -> "CarefulReader":
        return self

    def __next__(self) -> list[str]:
        first = self._next_line()
        if first is None:
            raise StopIteration
        if '"' not in first:
            return self._parsed([first])
        pieces, size = [first], len(first)
        while not self._is_whole(pieces):
            following = self._next_line()
            while following is not None and '"' not in following and not self._is_row_below(first, following):
                pieces.append(following)
                size += len(following)
                if size > LONGEST_CELL:
                    raise csv.Error
                following = self._next_line()
            if following is None or self._is_row_below(first, following):
                return self._literally(pieces, following)
            pieces.append(following)
            size += len(following)
            if size > LONGEST_CELL + len(first):
                raise csv.Error
        return self._parsed(pieces)

    def _literally(self, pieces: list[str], following: str | None) -> list[str]:
        """The first line alone; the others are to be read anew."""
        back = [*pieces[1:], *([following] if following is not None else [])]
        self._waiting = [*back, *self._waiting]
        self.line_num -= len(back)
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append((self.line_num, pieces[0].strip()[:LONGEST_EXAMPLE]))
        return next(csv.reader([pieces[0]], delimiter=self._delimiter, quoting=csv.QUOTE_NONE))

    def _next_line(self) -> str | None:
        line = self._waiting.pop(0) if self._waiting else next(self._lines, None)
        if line is not None:
            self.line_num += 1
        return line

    def _parsed(self, pieces: list[str]) -> list[str]:
        return next(csv.reader(pieces, delimiter=self._delimiter), [])

    def _is_whole(self, pieces: list[str]) -> bool:
        reader = csv.reader(chain(pieces, [_CLOSING]), delimiter=self._delimiter)
        next(reader, None)
        return reader.line_num <= len(pieces)

    def _is_row_below(self, first: str, line: str) -> bool:
        """Both have as many cells as the table, and numbers in the same places."""
        cells = line.split(self._delimiter)
        return (
            len(cells) == self._width
            and first.count(self._delimiter) == self._width - 1
            and _alike(first.split(self._delimiter), cells)
        )


def _alike(row: list[str], cells: list[str]) -> bool:
    """Wherever the row has a number or a date, so do the cells, or nothing."""
    found = 0
    for one, other in zip(row, cells, strict=False):
        if _DIGIT.search(one[:LONGEST_EXAMPLE]) and other.strip():
            if not _DIGIT.search(other):
                return False
            found += 1
    return found > 0
