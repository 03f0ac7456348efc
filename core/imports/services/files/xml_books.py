"""An XML spreadsheet of Excel 2003, as tills write it under the name of a workbook."""

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from core.imports.services.files.cells import DATE, read_iso_date, read_number
from core.imports.services.files.formats import START
from core.imports.services.files.hidden import HiddenRows
from core.imports.services.files.limits import LONGEST_LINE, MOST_COLUMNS, MOST_MERGED, SHEET_COLUMNS, SHEET_ROWS
from core.imports.services.files.merged import MergedCell, MergedOverRows, beyond_sheet
from core.imports.services.files.pages import CHARSETS
from core.imports.services.files.problems import FileProblem, empty_file, gettext_noop, line_too_long, too_wide
from core.imports.services.files.sheets import Row
from core.imports.services.files.sieve import NO_RESULT
from core.imports.services.files.strings import refuse_long_cell
from core.imports.services.files.styles import MOST_STYLES, meaning_of
from core.imports.services.files.tables import Batches, TableReader
from core.imports.services.files.texts import SAMPLED_ROWS, sampled_cell
from core.imports.services.files.xml import Attributes, Xml, too_large
from core.shared.spreadsheets import unescape_formulas

# How much is looked through for its sheets.
SAMPLED_SIZE = 64 << 20
MOST_SHEETS = 50
_SPACE = "urn:schemas-microsoft-com:office:spreadsheet "
_ENCODING = re.compile(rb"\s{0,99}<\?xml[^>]{0,99}\sencoding\s?=\s?[\"']([A-Za-z0-9_-]{3,20})")
# What a format may be called in place of its code.
_NAMED_FORMATS = {"general date", "long date", "medium date", "short date", "long time", "medium time", "short time"}
Found = tuple[str, int, list[str], bool]


class XmlBookFile(TableReader):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._merged: list[MergedCell] = []
        self.merged = self._merged
        self._book = _Book(self._merged)

    def examine(self) -> dict[str, Any]:
        return {"format": "workbook", "known": None, "lines": 1}

    def sample(self, delimiters: object, name: str | None) -> list[dict[str, Any]]:
        del delimiters
        sheets: dict[str, list[Row]] = {}
        with self._path.open("rb") as file:
            for sheet, line, cells, _is_hidden in self._rows(file):
                rows = sheets.setdefault(sheet, []) if sheet in sheets or len(sheets) < MOST_SHEETS else None
                if rows is not None and len(rows) < SAMPLED_ROWS:
                    rows.append((line, list(map(sampled_cell, cells))))
                if file.tell() > SAMPLED_SIZE:
                    break
        if not sheets:
            raise empty_file()
        hidden = self._book.hidden_sheets
        return [
            {
                "sheet": sheet,
                "is_hidden": sheet in hidden,
                "rows": rows if (sheet not in hidden if name is None else sheet == name) else [],
                "merged": [],
            }
            for sheet, rows in sheets.items()
        ]

    def batches(self, sheet: str | None) -> Batches:
        self.hidden = HiddenRows()
        batch: list[Row] = []
        with self._path.open("rb") as file:
            for name, line, cells, is_hidden in self._rows(file):
                if name == sheet:
                    batch.append((line, cells))
                    if is_hidden:
                        self.hidden.note(line, cells)
                if len(batch) >= SAMPLED_ROWS:
                    yield batch
                    batch = []
        yield batch

    @property
    def is_1904(self) -> bool:
        return self._book.is_1904

    @property
    def lacks_results(self) -> bool:
        return self._book.lacks_results

    def _rows(self, file: IO[bytes]) -> Iterator[Found]:
        self._book = book = _Book(self._merged, self.counted_once)
        encoding = _encoding_of(file)
        xml = Xml(_Decoded(file, encoding), encoding="utf-8" if encoding else None, unreadable=_unreadable)
        xml.parser.StartElementHandler = book.start
        xml.parser.EndElementHandler = book.end
        xml.parser.CharacterDataHandler = book.characters
        more = True
        while more:
            more = xml.step()
            found, book.found = book.found, []
            yield from found


class _Book:
    def __init__(self, merged: list[MergedCell], counted_once: list[int] | None = None) -> None:
        self.found: list[Found] = []
        self.hidden_sheets: set[str] = set()
        self.is_1904 = self.lacks_results = False
        self._merged, self._counted_once = merged, counted_once or []
        self._shown_as: dict[str, str] = {}
        self._style = self._sheet = self._kind = ""
        self._text: list[str] | None = None
        self._size = 0
        self._is_comment = False
        self._over_rows = MergedOverRows([])
        self._row = self._column = self._row_size = 0
        self._cells: dict[int, str] = {}
        self._is_hidden = False
        self._last_column = self._rows_more = 0
        self._has_formula = False
        self._starts: dict[str, Callable[[Attributes], None]] = {
            "Style": self._start_style,
            "NumberFormat": self._start_format,
            "Date1904": self._start_first_day,
            "Worksheet": self._start_sheet,
            "Visible": self._start_visible,
            "Row": self._start_row,
            "Cell": self._start_cell,
            "Comment": self._start_comment,
            "Data": self._start_data,
        }
        self._ends: dict[str, Callable[[], None]] = {
            "Visible": self._end_visible,
            "Row": self._end_row,
            "Cell": self._end_cell,
            "Comment": self._end_comment,
            "Data": self._end_data,
        }

    def start(self, name: str, attributes: Attributes) -> None:
        handler = self._starts.get(name.rpartition(" ")[2])
        if handler is not None:
            handler({key.removeprefix(_SPACE): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        handler = self._ends.get(name.rpartition(" ")[2])
        if handler is not None:
            handler()

    def characters(self, data: str) -> None:
        if self._text is not None:
            self._size = refuse_long_cell(self._size + len(data))
            self._text.append(data)

    def _start_style(self, attributes: Attributes) -> None:
        self._style = attributes.get("ID", "")

    def _start_format(self, attributes: Attributes) -> None:
        code = attributes.get("Format", "")
        shown_as = DATE if code.casefold() in _NAMED_FORMATS else meaning_of(code)
        if shown_as and code not in {"General", "General Number"}:
            self._shown_as[self._style] = shown_as
        if len(self._shown_as) > MOST_STYLES:
            raise too_large()

    def _start_first_day(self, _attributes: Attributes) -> None:
        self.is_1904 = True

    def _start_sheet(self, attributes: Attributes) -> None:
        self._sheet = attributes.get("Name", "")
        self._row = 0
        self._over_rows = MergedOverRows([], self._counted_once)

    def _start_visible(self, _attributes: Attributes) -> None:
        self._text, self._size = [], 0

    def _end_visible(self) -> None:
        if "".join(self._text or ()).strip() != "SheetVisible":
            self.hidden_sheets.add(self._sheet)
        self._text = None

    def _start_row(self, attributes: Attributes) -> None:
        self._row = _place(attributes, self._row)
        if self._row > SHEET_ROWS:
            raise beyond_sheet()
        self._column = self._last_column = self._row_size = 0
        self._cells = {}
        self._is_hidden = attributes.get("Hidden") == "1"

    def _end_row(self) -> None:
        if not self._cells:
            return
        self._over_rows.fill(self._row, self._cells)
        cells = [""] * max(self._cells)
        for column, text in self._cells.items():
            cells[column - 1] = text
        self.found.append((self._sheet, self._row, cells, self._is_hidden))

    def _start_cell(self, attributes: Attributes) -> None:
        self._column = _place(attributes, self._last_column)
        self._last_column = self._column + _number(attributes, "MergeAcross")
        if self._column > SHEET_COLUMNS:
            raise beyond_sheet()
        self._rows_more = _number(attributes, "MergeDown")
        self._has_formula = "Formula" in attributes
        self._style, self._kind = attributes.get("StyleID", ""), ""

    def _end_cell(self) -> None:
        if self._has_formula and self._column not in self._cells and self._kind != "String":
            self._cells[self._column], self.lacks_results = NO_RESULT, True
        text = self._cells.get(self._column, "")
        if self._column > MOST_COLUMNS and text:
            raise too_wide(self._row)
        if self._rows_more:
            one = MergedCell(self._row, self._column, self._row + self._rows_more, self._last_column)
            self._over_rows.begin(one, text)
            self._merged.append(one)
            if len(self._merged) > MOST_MERGED:
                raise too_large()

    def _start_comment(self, _attributes: Attributes) -> None:
        self._is_comment = True

    def _end_comment(self) -> None:
        self._is_comment = False

    def _start_data(self, attributes: Attributes) -> None:
        if not self._is_comment:
            self._kind = attributes.get("Type", "String")
            self._text, self._size = [], 0

    def _end_data(self) -> None:
        if self._is_comment or self._text is None:
            return
        text, self._text = self._value("".join(self._text)), None
        self._row_size += len(text)
        if self._row_size > LONGEST_LINE:
            raise line_too_long(self._row)
        if text:
            self._cells[self._column] = text

    def _value(self, text: str) -> str:
        if self._kind == "Number":
            try:
                return read_number(text.strip(), self._shown_as.get(self._style), is_1904=self.is_1904)
            except ValueError:
                return text.strip()
        if self._kind == "DateTime":
            return read_iso_date(text)
        if self._kind == "Boolean":
            return "false" if text.strip() == "0" else "true"
        return unescape_formulas(text.strip())


class _Decoded:
    """A file in UTF-8, without what stands before its first tag: the parser reads few encodings."""

    def __init__(self, file: IO[bytes], encoding: str | None) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
        self._is_first = True

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        if self._is_first and not block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            block = block.removeprefix(codecs.BOM_UTF8).lstrip()
        self._is_first = False
        if self._decoder is None:
            return block
        try:
            text = self._decoder.decode(block, final=not block)
            # A block of half a character is no end.
            while block and not text:
                block = self._file.read(size)
                text = self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise _unreadable() from error
        return text.encode()


def _encoding_of(file: IO[bytes]) -> str | None:
    """Where the parser does not read it by itself."""
    named = _ENCODING.match(file.read(START).removeprefix(codecs.BOM_UTF8))
    file.seek(0)
    encoding = CHARSETS.get(named[1].decode().lower()) if named else None
    return None if encoding == "utf-8-sig" else encoding


def _place(attributes: Attributes, last: int) -> int:
    """Of a row or cell: the next one, or the one it says."""
    return max(_number(attributes, "Index"), last + 1)


def _number(attributes: Attributes, name: str) -> int:
    text = attributes.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _unreadable() -> FileProblem:
    message = gettext_noop("This XML spreadsheet is damaged. Open it in Excel and save it as .xlsx.")
    return FileProblem("unreadable_workbook", message)
