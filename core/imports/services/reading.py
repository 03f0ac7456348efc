"""A file as a stream of rows: text with a delimiter, or a workbook's first sheet."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from core.imports.services import workbooks
from core.imports.services.columns import suggest
from core.imports.services.encodings import examine
from core.imports.services.options import WHITESPACE, ImportOptions
from core.shared.errors import AppError
from core.shared.spreadsheets import unguarded

CHUNK_ROWS = 4000
LONGEST_CELL = 131_072
_BREAK = re.compile(r"\r\n|\n|\r")
_SNIFFED_LINES = 20


@dataclass
class Rows:
    """Rows that follow each other in the file, and the line each begins on."""

    lines: Sequence[int]
    cells: list[list[str]]


class Source(Protocol):
    """A file to import. `headings` is empty for a file without a header; `width` is its number of columns."""

    headings: list[str]
    width: int
    # About how many lines there are, for the progress.
    total_lines: int
    # Dates come as dates, written 2018-03-04.
    has_real_dates: bool

    def chunks(self) -> Iterator[Rows]: ...


def open_source(path: Path, kind: str, options: ImportOptions) -> Source:
    """Raises AppError for a file that cannot be read, or that holds no row."""
    if not path.is_file():
        raise AppError("no_file", _("There is no file %s.") % path, field="file")
    if workbooks.is_workbook(path):
        headings, width, rows = workbooks.open_workbook(path, header=options.header)
        return WorkbookSource(path, headings, width, rows, header=options.header)
    return TextSource(path, kind, options)


class WorkbookSource:
    has_real_dates = True

    def __init__(self, path: Path, headings: list[str], width: int, rows: int, *, header: bool) -> None:
        self._path = path
        self._header = header
        self.headings = headings
        self.width = width
        self.total_lines = rows

    def chunks(self) -> Iterator[Rows]:
        rows = workbooks.rows_of(self._path, width=self.width)
        if self._header:
            _skip_blank(rows)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            yield Rows([number for number, _cells in chunk], [cells for _number, cells in chunk])


def _skip_blank(rows: Iterator[tuple[int, list[str]]]) -> None:
    """Past the header, which is the first row that is not blank."""
    for _number, cells in rows:
        if any(cells):
            return


class TextSource:
    has_real_dates = False

    def __init__(self, path: Path, kind: str, options: ImportOptions) -> None:
        self._path = path
        self._header = options.header
        text = examine(path)
        self._encoding = text.encoding
        self._has_apostrophes = text.has_apostrophes
        self.total_lines = max(text.lines, 1)
        self._delimiter = options.delimiter or self._sniffed(kind, options)
        first = self._first_row()
        self.headings = _headings(first) if options.header else []
        self.width = len(first)

    def chunks(self) -> Iterator[Rows]:
        with self._path.open(encoding=self._encoding, newline="") as file:
            rows = _parsed(file, self._delimiter)
            line = 1
            if self._header:
                header, line = _header(rows)
                del header
            while True:
                cells = _take(rows, line)
                if not cells:
                    return
                numbers = _line_numbers(cells, line, after=rows.line_num)
                line = rows.line_num + 1
                yield Rows(numbers, _unmarked(cells) if self._has_apostrophes else cells)

    def _first_row(self) -> list[str]:
        with self._path.open(encoding=self._encoding, newline="") as file:
            first, _next_line = _header(_parsed(file, self._delimiter))
        if not first:
            raise AppError("empty_file", _("The file is empty."), field="file")
        return first

    def _sniffed(self, kind: str, options: ImportOptions) -> str:
        """The delimiter under which the first lines make the best table: fields known by name, then as many columns."""
        with self._path.open(encoding=self._encoding, newline="") as file:
            sample = [line[:LONGEST_CELL] for line in islice(file, _SNIFFED_LINES)]

        def merit(delimiter: str) -> tuple[int, int]:
            try:
                rows = [row for row in csv.reader(sample, delimiter=delimiter) if any(row)]
            except csv.Error:
                return (0, 0)
            if not rows:
                return (0, 0)
            known = 0
            if options.header:
                known = sum(bool(name) for name in suggest(kind, _headings(rows[0]), options.mapping))
            return (known, min(len(row) for row in rows))

        return max(",;\t|", key=merit)


def _headings(row: list[str]) -> list[str]:
    return [unguarded(cell.strip()) for cell in row]


def _unmarked(rows: list[list[str]]) -> list[list[str]]:
    """Without the apostrophes that mark a text as no formula, as in a file of rejects. Few rows have any: the others
    must cost nothing."""
    return [list(map(unguarded, row)) if "'" in "".join(row) else row for row in rows]


class _WordReader:
    """Splits at runs of white space; has a csv reader's manners."""

    def __init__(self, file: Iterable[str]) -> None:
        self._file = iter(file)
        self.line_num = 0

    def __iter__(self) -> "Iterator[list[str]]":
        return self

    def __next__(self) -> list[str]:
        line = next(self._file)
        self.line_num += 1
        return line.split()


class _RowReader(Protocol):
    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


def _parsed(file: Iterable[str], delimiter: str) -> _RowReader:
    if delimiter == WHITESPACE:
        return _WordReader(file)
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(file, delimiter=delimiter)


def _header(rows: _RowReader) -> tuple[list[str], int]:
    """The first row that is not blank, and the line after it."""
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                return row, rows.line_num + 1
    except csv.Error as error:
        raise _too_long(1) from error
    return [], rows.line_num + 1


def _take(rows: _RowReader, line: int) -> list[list[str]]:
    try:
        return list(islice(rows, CHUNK_ROWS))
    except csv.Error as error:
        raise _too_long(max(line, rows.line_num)) from error


def _too_long(line: int) -> AppError:
    message = _(
        "Up to line %(line)d, a cell holds more than %(limit)s characters. "
        "Is a quotation mark there that is not closed?"
    )
    return AppError("cell_too_long", message % {"line": line, "limit": f"{LONGEST_CELL:,}"}, field="file", line=line)


def _line_numbers(cells: list[list[str]], line: int, *, after: int) -> Sequence[int]:
    """The line each row begins on; quoted line breaks make a row longer than one."""
    if after - line + 1 == len(cells):
        return range(line, after + 1)
    numbers = []
    for row in cells:
        numbers.append(line)
        line += 1 + sum(len(_BREAK.findall(cell)) for cell in row if "\n" in cell or "\r" in cell)
    return numbers
