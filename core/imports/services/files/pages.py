"""The tables of a web page: what many tills call an Excel export."""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

from core.imports.services.files.encodings import Examined, examine
from core.imports.services.files.formats import START
from core.imports.services.files.hidden import HiddenRows
from core.imports.services.files.limits import LONGEST_CELL, LONGEST_LINE, MOST_COLUMNS, MOST_MERGED
from core.imports.services.files.merged import MergedCell
from core.imports.services.files.problems import FileProblem, empty_file, gettext_noop, line_too_long, too_wide
from core.imports.services.files.sheets import Row
from core.imports.services.files.strings import refuse_long_cell
from core.imports.services.files.tables import Batches, TableReader
from core.imports.services.files.texts import SAMPLED_ROWS, sampled_cell
from core.shared.spreadsheets import unescape_formulas

BLOCK = 1 << 16
# How much of the page is looked through for its tables.
SAMPLED_SIZE = 8 << 20
MOST_TABLES = 50
LONGEST_TAG = 1 << 20
LONGEST_STYLE = 1000
_CHARSET = re.compile(rb"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
# What pages call them, and what they are.
CHARSETS = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030",
    "big5": "big5hkscs", "shift_jis": "cp932", "sjis": "cp932", "euc-jp": "euc_jp", "euc-kr": "cp949",
    "windows-1252": "cp1252", "iso-8859-1": "cp1252",
}  # fmt: skip


class _Found(NamedTuple):
    """A row of one of the tables."""

    table: str
    line: int
    cells: list[str]
    is_hidden: bool


class PageFile(TableReader):
    def __init__(self, path: Path, known: Any) -> None:
        super().__init__()
        self._path = path
        self._encoding = known[0] if known else None
        # Found in the sample already, on the first pages of megabytes.
        self._merged: list[MergedCell] = []
        self.merged = self._merged

    def examine(self) -> dict[str, Any]:
        self._encoding = self._encoding or _encoding_of(self._path)
        return {"format": "page", "known": [self._encoding], "lines": 1}

    def sample(self, delimiters: object, name: str | None) -> list[dict[str, Any]]:
        del delimiters
        tables: dict[str, list[Row]] = {}
        for table, line, cells, _is_hidden in self._rows(SAMPLED_SIZE):
            rows = tables.setdefault(table, [])
            if len(rows) < SAMPLED_ROWS:
                rows.append((line, list(map(sampled_cell, cells))))
        if not tables:
            raise empty_file()
        return [
            {"sheet": table, "is_hidden": False, "rows": rows if name in {None, table} else [], "merged": []}
            for table, rows in list(tables.items())[:MOST_TABLES]
        ]

    def batches(self, sheet: str | None) -> Batches:
        batch: list[Row] = []
        self.hidden = HiddenRows()
        for table, line, cells, is_hidden in self._rows(None):
            if table == sheet:
                batch.append((line, cells))
                if is_hidden:
                    self.hidden.note(line, cells)
            if len(batch) >= SAMPLED_ROWS:
                yield batch
                batch = []
        yield batch

    def _rows(self, most: int | None) -> Iterator[_Found]:
        parser = _TableParser(self._merged, self.counted_once)
        read = 0
        with self._path.open(encoding=self._encoding) as file:
            try:
                while (block := file.read(BLOCK)) and (most is None or read < most):
                    read += len(block)
                    parser.feed(block)
                    if len(parser.rawdata) > LONGEST_TAG:
                        raise FileProblem(
                            "unreadable_page", gettext_noop("The tables of this web page cannot be read.")
                        )
                    yield from parser.take()
                parser.close()
            except UnicodeDecodeError as error:
                message = gettext_noop("The web page is not written in the encoding it names. Save it again as .xlsx.")
                raise FileProblem("bad_encoding", message) from error
        yield from parser.take()


class _Table:
    """A table that is open: its rows so far, and the cells that reach into further rows."""

    def __init__(self, name: str, merged: list[MergedCell], counted_once: Sequence[int]) -> None:
        self.name = name
        self._merged, self._counted_once = merged, counted_once
        self.line = 0
        self.is_hidden = False
        self.cells: list[str] | None = None
        # By column: how many more rows, and the text.
        self.over: dict[int, tuple[int, str]] = {}
        self.text: list[str] | None = None
        self.size = 0
        self.columns = self.rows = 1

    def start_row(self, *, is_hidden: bool = False) -> None:
        self.end_row()
        self.is_hidden = is_hidden
        self.line += 1
        self.cells, self.size = [], 0

    def start_cell(self, columns: int, rows: int) -> None:
        self.end_cell()
        if self.cells is None:
            self.start_row()
        self._fill()
        self.text, self.columns, self.rows = [], columns, rows

    def end_cell(self) -> None:
        if self.text is None or self.cells is None:
            return
        text = unescape_formulas(" ".join("".join(self.text).split()))
        self.text = None
        if self.rows > 1:
            column = len(self.cells)
            if len(self._merged) < MOST_MERGED:
                self._merged.append(MergedCell(self.line, column + 1, self.line + self.rows - 1, column + 1))
            below = "0" if text and column in self._counted_once else text
            for offset in range(self.columns):
                self.over[len(self.cells) + offset] = (self.rows - 1, "" if offset else below)
        self.cells += [text] + [""] * (self.columns - 1)
        if len(self.cells) > 2 * MOST_COLUMNS:
            raise too_wide(self.line)
        self.size += len(text)
        if self.size > LONGEST_LINE:
            raise line_too_long(self.line)

    def end_row(self) -> list[str] | None:
        """The row, where it holds something."""
        self.end_cell()
        if self.cells is None:
            return None
        self._fill()
        cells, self.cells = self.cells, None
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise too_wide(self.line)
        return cells or None

    def _fill(self) -> None:
        """Cells of the rows above that reach down to here."""
        if self.cells is None:
            return
        while (column := len(self.cells)) in self.over:
            more, text = self.over.pop(column)
            if more > 1:
                self.over[column] = (more - 1, text)
            self.cells.append(text)


class _TableParser(HTMLParser):
    def __init__(self, merged: list[MergedCell], counted_once: Sequence[int]) -> None:
        super().__init__()
        self._merged, self._counted_once = merged, counted_once
        self._tables: list[_Table] = []
        self._count = 0
        self._found: list[_Found] = []

    def take(self) -> list[_Found]:
        found, self._found = self._found, []
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._count += 1
            self._tables.append(_Table(str(self._count), self._merged, self._counted_once))
        if not self._tables:
            return
        table = self._tables[-1]
        if tag == "tr":
            self._end_row(table)
            table.start_row(is_hidden=_is_hidden(dict(attrs).get("style")))
        elif tag in {"td", "th"}:
            spans = dict(attrs)
            table.start_cell(_span(spans.get("colspan")), _span(spans.get("rowspan")))
        elif tag in {"br", "p", "div"} and table.text is not None:
            table.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if not self._tables:
            return
        table = self._tables[-1]
        if tag in {"td", "th"}:
            table.end_cell()
        elif tag == "tr":
            self._end_row(table)
        elif tag == "table":
            self._end_row(table)
            self._tables.pop()

    def handle_data(self, data: str) -> None:
        if self._tables and (text := self._tables[-1].text) is not None:
            text.append(data)
            if len(data) > LONGEST_CELL:
                refuse_long_cell(len(data))

    def _end_row(self, table: _Table) -> None:
        cells = table.end_row()
        if cells:
            self._found.append(_Found(table.name, table.line, cells, table.is_hidden))


def _is_hidden(style: str | None) -> bool:
    return style is not None and "display:none" in style[:LONGEST_STYLE].replace(" ", "").casefold()


def _span(text: str | None) -> int:
    return min(max(int(text), 1), MOST_COLUMNS) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        named = _CHARSET.search(file.read(START))
    encoding = CHARSETS.get(named[1].decode().lower()) if named else None
    found: Examined = examine(path) if encoding is None else Examined(encoding, 1, has_apostrophes=False)
    return found.encoding
