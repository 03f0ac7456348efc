"""A text file as rows of cells."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from core.imports.services.files.batches import Cells
from core.imports.services.files.encodings import Examined, examine
from core.imports.services.files.limits import (
    CHUNK_ROWS,
    CHUNK_SIZE,
    LONGEST_CELL,
    MOST_BLANK_ROWS,
    MOST_COLUMNS,
)
from core.imports.services.files.problems import FileProblem, empty_file, gettext_noop, too_wide
from core.imports.services.files.quotes import CarefulReader, swallows_rows
from core.imports.services.files.sieve import NO_RESULT, OPEN_QUOTE, Sieve
from core.shared.spreadsheets import unescape_formulas

if TYPE_CHECKING:
    from _csv import Reader

WHITESPACE = "whitespace"
DELIMITERS = [",", ";", "\t", "|"]
# What a line that holds nothing may consist of.
_BLANK = ',;\t| \r\n"\ufeff'
_BREAK = re.compile(r"\r\n|\n|\r")
# What tells where the table is.
SAMPLED_ROWS, SAMPLED_LINES, SAMPLED_CHARACTERS = 50, 200, 4 << 20
# More than a heading has; of a cell that is shown.
LONGEST_SAMPLE = 300
# Rows that are taken at once, where as many before were no larger than that.
MOST_ROWS_AT_ONCE, SMALL = 50, 1 << 16


_MARK = re.compile("'|=\"")


class TextFile:
    def __init__(self, path: Path, known: Sequence[Any] | None, encoding: str | None = None) -> None:
        """`known` is what an earlier `examine` has found, `encoding` what the user says."""
        self._path, self._said = path, encoding
        self._found = Examined(*known) if known else None
        self._file: IO[str] | None = None
        self.sieve = Sieve([])
        self.formulas: dict[int, tuple[int, int]] = {}

    def examine(self) -> dict[str, Any]:
        if self._found is None:
            self._found = examine(self._path, self._said)
        likely = self._found.likely
        return {
            "format": "text",
            "known": list(self._found[:3]),
            "lines": max(self._found.lines, 1),
            "likely": [likely.is_open, likely.readings] if likely else None,
        }

    def sample(self, delimiters: Sequence[str], _sheet: object) -> list[dict[str, Any]]:
        """The first rows that are not blank, with each delimiter that can be."""
        with self._text() as file:
            first, lines = _first_lines(file)
        samples = []
        for delimiter in delimiters:
            try:
                rows = _sampled(_parsed(lines, delimiter), first)
            except csv.Error:
                continue
            samples.append({"delimiter": delimiter, "rows": rows, "merged": []})
        if not samples:
            raise _too_long(first)
        return samples

    def open(self, layout: dict[str, Any]) -> dict[str, Any]:
        if self._file is not None:
            self._file.close()
        self._file = self._text()
        self._delimiter, self._width = layout["delimiter"], layout["width"]
        self._rows: Reader | CarefulReader = _parsed(self._file, self._delimiter)
        self._line = 1
        headings = []
        try:
            while self._line < layout["first_line"]:
                row = _bounded(next(self._rows), self._line)
                if self._line in layout["heading_lines"]:
                    headings.append(row)
                self._line = self._rows.line_num + 1
        except StopIteration:
            pass
        except csv.Error as error:
            raise _too_long(1) from error
        self.sieve = Sieve(headings, layout["last_line"])
        return {"lines": 0, "merged": {}, "is_1904": None}

    def chunks(self) -> Iterator[tuple[Sequence[int], Cells]]:
        blank = 0
        while not self.sieve.has_ended and (rows := self._take_whole()):
            numbers = _line_numbers(rows, self._line, after=self._rows.line_num)
            self._line = self._rows.line_num + 1
            lines, cells = _without_blank(numbers, rows)
            blank = 0 if cells else blank + len(rows)
            _refuse_many_blank(blank, before=self._line)
            if max(map(len, cells), default=0) > MOST_COLUMNS:
                cells = list(map(_bounded, cells, lines))
            yield self.sieve.strain(lines, self._unmarked(cells))

    def _text(self) -> IO[str]:
        encoding = self._found.encoding if self._found else None
        return self._path.open(encoding=encoding, newline="")

    def take_left_out(self) -> list[tuple[str, int, list[tuple[int, str]]]]:
        left_out = self.sieve.take_left_out()
        if isinstance(self._rows, CarefulReader) and self._rows.count:
            left_out.append((OPEN_QUOTE, self._rows.count, self._rows.examples))
        return left_out

    def _take_whole(self) -> Cells:
        """The next rows; read carefully from here on, where a quotation mark seems to swallow rows."""
        careful = self._delimiter != WHITESPACE and not isinstance(self._rows, CarefulReader)
        try:
            rows = self._take()
        except FileProblem:
            if not careful:
                raise
        else:
            has_breaks = self._rows.line_num - self._line + 1 != len(rows)
            if not (careful and has_breaks and any(swallows_rows(row, self._delimiter, self._width) for row in rows)):
                return rows
        if self._file is not None:
            self._file.close()
        self._file = self._text()
        before = self._line - 1
        self._rows = CarefulReader(islice(self._file, before, None), self._delimiter, self._width, before)
        return self._take()

    def _take(self) -> Cells:
        """The next rows, until they are many or large."""
        taken: Cells = []
        size, step = 0, 1
        try:
            # A few at a time, as long as they are small.
            while size <= CHUNK_SIZE and (rows := list(islice(self._rows, min(step, CHUNK_ROWS - len(taken))))):
                taken += rows
                added = len("".join(chain.from_iterable(rows))) + 8 * sum(map(len, rows))
                size += added
                step = min(2 * step, MOST_ROWS_AT_ONCE) if added < SMALL else 1
        except csv.Error as error:
            raise _too_long(max(self._line, self._rows.line_num)) from error
        return taken

    def _unmarked(self, rows: Cells) -> Cells:
        """Without the apostrophes that mark a text as no formula, as in a file of rejects, and what marks ="0042" as
        one. Few rows have any: the others must cost nothing."""
        if self._found is None or not self._found.has_apostrophes:
            return rows
        return [list(map(_unmarked_cell, row)) if _MARK.search("\0".join(row)) else row for row in rows]


def _unmarked_cell(cell: str) -> str:
    if cell.startswith('="') and cell.endswith('"') and '"' not in cell[2:-1]:
        return cell[2:-1]
    return unescape_formulas(cell)


def _parsed(file: Iterable[str], delimiter: str) -> "Reader":
    csv.field_size_limit(LONGEST_CELL)
    if delimiter == WHITESPACE:
        return csv.reader(("\t".join(line.split()) for line in file), delimiter="\t", quoting=csv.QUOTE_NONE)
    return csv.reader(file, delimiter=delimiter)


def _first_lines(file: IO[str]) -> tuple[int, list[str]]:
    """The lines from the first one that holds something, and its number."""
    number = 0
    for number, line in enumerate(file, 1):
        if line.strip(_BLANK):
            lines = [line[:LONGEST_CELL]]
            size = len(line)
            for following in islice(file, SAMPLED_LINES):
                size += len(following)
                if size > SAMPLED_CHARACTERS:
                    break
                lines.append(following[:LONGEST_CELL])
            return number, lines
        _refuse_many_blank(number, before=number + 1)
    raise empty_file()


def _sampled(reader: "Reader", first: int) -> list[tuple[int, list[str]]]:
    rows = []
    line = first
    for row in reader:
        if any(map(str.strip, row)):
            rows.append((line, [sampled_cell(cell) for cell in row[: MOST_COLUMNS + 1]]))
        line = first + reader.line_num
        if len(rows) == SAMPLED_ROWS:
            break
    return rows


def sampled_cell(cell: str) -> str:
    return "" if cell == NO_RESULT else _unmarked_cell(cell[:LONGEST_SAMPLE].strip())


def _bounded(row: list[str], line: int) -> list[str]:
    """Blank cells beyond the last column that is read are dropped."""
    if len(row) <= MOST_COLUMNS:
        return row
    if any(map(str.strip, row[MOST_COLUMNS:])):
        raise too_wide(line)
    return row[:MOST_COLUMNS]


def _without_blank(lines: Sequence[int], rows: Cells) -> tuple[Sequence[int], Cells]:
    if all(row and row[0].strip() for row in rows):
        return lines, rows
    filled = [bool(row) and any(map(str.strip, row)) for row in rows]
    return list(compress(lines, filled)), list(compress(rows, filled))


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
