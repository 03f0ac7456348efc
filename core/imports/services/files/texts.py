"""A text file as rows of cells."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from core.imports.services.files.encodings import Examined, examine
from core.imports.services.files.limits import (
    CHUNK_ROWS,
    CHUNK_SIZE,
    LONGEST_CELL,
    MOST_BLANK_ROWS,
    MOST_COLUMNS,
)
from core.imports.services.files.problems import FileProblem, empty_file, gettext_noop, too_wide
from core.shared.spreadsheets import unescape_formulas

if TYPE_CHECKING:
    from _csv import Reader

WHITESPACE = "whitespace"
DELIMITERS = ",;\t|"
_BREAK = re.compile(r"\r\n|\n|\r")
_SAMPLED_LINES = 20
Cells = list[list[str]]


class TextFile:
    def __init__(self, path: Path, known: Sequence[Any] | None) -> None:
        """`known` is what an earlier `examine` has found."""
        self._path = path
        self._found = Examined(*known) if known else None
        self._file: IO[str] | None = None

    def examine(self) -> dict[str, Any]:
        if self._found is None:
            self._found = examine(self._path)
        return {"workbook": False, "known": list(self._found), "lines": max(self._found.lines, 1)}

    def sample(self) -> dict[str, tuple[list[str], int]]:
        """For each delimiter the first row that is not blank, and the width of the narrowest of the first rows."""
        with self._text() as file:
            lines = [line[:LONGEST_CELL] for line in islice(file, _SAMPLED_LINES)]
        samples = {}
        for delimiter in DELIMITERS:
            try:
                rows = [row for row in csv.reader(lines, delimiter=delimiter) if any(row)]
            except csv.Error:
                continue
            if rows:
                samples[delimiter] = ([_heading(cell) for cell in rows[0][:MOST_COLUMNS]], min(map(len, rows)))
        return samples

    def open(self, *, header: bool, delimiter: str) -> dict[str, Any]:
        if self._file is not None:
            self._file.close()
        self._file = self._text()
        self._rows = _parsed(self._file, delimiter)
        self._line = 1
        first = self._header()
        if not header:
            # To be read again, as data.
            self._file.close()
            self._file = self._text()
            self._rows, self._line = _parsed(self._file, delimiter), 1
        return {"headings": [_heading(cell) for cell in first] if header else [], "width": len(first)}

    def chunks(self) -> Iterator[tuple[list[int], Cells]]:
        blank = 0
        while rows := self._take():
            numbers = _line_numbers(rows, self._line, after=self._rows.line_num)
            self._line = self._rows.line_num + 1
            filled = [(line, row) for line, row in zip(numbers, rows, strict=True) if any(map(str.strip, row))]
            blank = 0 if filled else blank + len(rows)
            _refuse_many_blank(blank, before=self._line)
            cells = [_bounded(row, line) for line, row in filled]
            yield [line for line, _row in filled], self._unmarked(cells)

    def _text(self) -> IO[str]:
        encoding = self._found.encoding if self._found else None
        return self._path.open(encoding=encoding, newline="")

    def _header(self) -> list[str]:
        """The first row that is not blank."""
        blank = 0
        try:
            for row in self._rows:
                self._line = self._rows.line_num + 1
                if any(map(str.strip, row)):
                    return _bounded(row, self._rows.line_num)
                blank += 1
                _refuse_many_blank(blank, before=self._line)
        except csv.Error as error:
            raise _too_long(1) from error
        raise empty_file()

    def _take(self) -> Cells:
        """The next rows, until they are many or large."""
        taken, size = [], 0
        try:
            for row in self._rows:
                taken.append(row)
                size += sum(map(len, row)) + 8 * len(row)
                if size > CHUNK_SIZE or len(taken) == CHUNK_ROWS:
                    break
        except csv.Error as error:
            raise _too_long(max(self._line, self._rows.line_num)) from error
        return taken

    def _unmarked(self, rows: Cells) -> Cells:
        """Without the apostrophes that mark a text as no formula, as in a file of rejects. Few rows have any: the
        others must cost nothing."""
        if self._found is None or not self._found.has_apostrophes:
            return rows
        return [list(map(unescape_formulas, row)) if "'" in "".join(row) else row for row in rows]


def _parsed(file: Iterable[str], delimiter: str) -> "Reader":
    csv.field_size_limit(LONGEST_CELL)
    if delimiter == WHITESPACE:
        return csv.reader(("\t".join(line.split()) for line in file), delimiter="\t", quoting=csv.QUOTE_NONE)
    return csv.reader(file, delimiter=delimiter)


def _heading(cell: str) -> str:
    return unescape_formulas(cell.strip())


def _bounded(row: list[str], line: int) -> list[str]:
    """Blank cells beyond the last column that is read are dropped."""
    if len(row) <= MOST_COLUMNS:
        return row
    if any(map(str.strip, row[MOST_COLUMNS:])):
        raise too_wide(line)
    return row[:MOST_COLUMNS]


def _refuse_many_blank(blank: int, *, before: int) -> None:
    if blank > MOST_BLANK_ROWS:
        message = gettext_noop("More than %(limit)s rows before line %(line)d are blank. Delete them.")
        limit = f"{MOST_BLANK_ROWS:,}"
        raise FileProblem("too_many_blank_rows", message, {"limit": limit, "line": before}, line=before)


def _too_long(line: int) -> FileProblem:
    message = gettext_noop(
        "Up to line %(line)d, a cell holds more than %(limit)s characters. "
        "Is a quotation mark there that is not closed?"
    )
    return FileProblem("cell_too_long", message, {"line": line, "limit": f"{LONGEST_CELL:,}"}, line=line)


def _line_numbers(cells: Cells, line: int, *, after: int) -> Sequence[int]:
    """The line each row begins on; quoted line breaks make a row longer than one."""
    if after - line + 1 == len(cells):
        return range(line, after + 1)
    numbers = []
    for row in cells:
        numbers.append(line)
        line += 1 + sum(len(_BREAK.findall(cell)) for cell in row if "\n" in cell or "\r" in cell)
    return numbers
