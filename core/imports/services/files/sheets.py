"""The rows of a sheet."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from core.imports.services.files.cells import read_iso_date, read_number
from core.imports.services.files.hidden import HiddenRows
from core.imports.services.files.limits import LONGEST_LINE, MOST_COLUMNS, SHEET_COLUMNS, SHEET_ROWS
from core.imports.services.files.merged import MergedCell, MergedOverRows, beyond_sheet, column_number
from core.imports.services.files.problems import line_too_long, too_wide
from core.imports.services.files.sieve import NO_RESULT
from core.imports.services.files.strings import SharedStrings, refuse_long_cell
from core.imports.services.files.styles import DateStyles
from core.imports.services.files.xml import Attributes, Xml, in_any_space, unreadable
from core.shared.spreadsheets import unescape_formulas

Row = tuple[int, list[str]]
_STARTED = ("dimension", "row", "c", "f", "v", "t", "rPh")
_ENDED = ("c", "v", "t", "rPh", "row", "sheetData")
_TRUE = {"1", "true"}
_LAST_ROW = re.compile(r"[0-9]{1,7}\Z")


class Sheet:
    """Gives the rows that hold something; blank ones cost no more than their bytes. A cell that is merged over rows
    speaks for each of them."""

    def __init__(
        self,
        part: IO[bytes],
        strings: SharedStrings | None,
        dates: DateStyles,
        merged: Sequence[MergedCell] = (),
        counted_once: Sequence[int] = (),
    ) -> None:
        self._xml = Xml(part)
        self._strings, self._dates = strings, dates
        self.merged = merged
        self._over_rows = MergedOverRows(merged, counted_once)
        # Whether a cell's formula has no result.
        self.lacks_results = False
        self._has_formula = False
        self.declared_rows = 0
        self.hidden = HiddenRows()
        self._is_hidden = False
        self._rows: list[Row] = []
        self._row = self._column = self._row_size = 0
        self._cells: dict[int, str] = {}
        self._kind, self._style = "n", ""
        self._text: list[str] = []
        self._size = 0
        self._columns: dict[str, int] = {}
        starts = {full: getattr(self, f"_start_{name}") for full, name in in_any_space(*_STARTED).items()}
        ends = {full: getattr(self, f"_end_{name}") for full, name in in_any_space(*_ENDED).items()}
        self._xml.parser.StartElementHandler = _starter(starts)
        self._xml.parser.EndElementHandler = _ender(ends)

    def batches(self) -> Iterator[list[Row]]:
        """What each block of the part holds, which may be nothing. Raises FileProblem."""
        more = True
        while more:
            more = self._xml.step()
            rows, self._rows = self._rows, []
            yield rows

    def _start_dimension(self, attributes: Attributes) -> None:
        last = _LAST_ROW.search(attributes.get("ref", "")[-20:])
        self.declared_rows = min(int(last[0]), SHEET_ROWS) if last else 0

    def _start_row(self, attributes: Attributes) -> None:
        text = attributes.get("r")
        row = _row_number(text) if text else self._row + 1
        if row > SHEET_ROWS:
            raise beyond_sheet()
        if row <= self._row:
            raise unreadable()
        self._row, self._column, self._row_size, self._cells = row, 0, 0, {}
        self._is_hidden = attributes.get("hidden") in _TRUE

    def _end_row(self) -> None:
        if self._cells:
            if self._over_rows:
                self._over_rows.fill(self._row, self._cells)
            cells = [""] * max(self._cells)
            for column, text in self._cells.items():
                cells[column - 1] = text
            self._rows.append((self._row, cells))
            if self._is_hidden:
                self.hidden.note(self._row, cells)
            self._cells = {}

    def _start_c(self, attributes: Attributes) -> None:
        place = attributes.get("r")
        self._column = self._column_of(place) if place else self._column + 1
        if self._column > SHEET_COLUMNS:
            raise beyond_sheet()
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._text, self._size, self._has_formula = [], 0, False

    def _start_f(self, _attributes: Attributes) -> None:
        self._has_formula = True

    def _end_c(self) -> None:
        text = self._value("".join(self._text)) if self._text else ""
        # A text that is a formula's result may be empty; any other result is written.
        if not text and self._has_formula and self._kind != "str":
            text, self.lacks_results = NO_RESULT, True
        if not text:
            return
        if self._column > MOST_COLUMNS:
            raise too_wide(self._row)
        self._row_size += len(text)
        if self._row_size > LONGEST_LINE:
            raise line_too_long(self._row)
        self._cells[self._column] = text

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_number(letters)
        return column

    def _start_v(self, _attributes: Attributes) -> None:
        if self._kind != "inlineStr":
            self._xml.parser.CharacterDataHandler = self._characters

    def _start_t(self, _attributes: Attributes) -> None:
        if self._kind == "inlineStr":
            self._xml.parser.CharacterDataHandler = self._characters

    def _end_v(self) -> None:
        self._xml.parser.CharacterDataHandler = None

    def _end_t(self) -> None:
        self._xml.parser.CharacterDataHandler = None

    def _start_rPh(self, _attributes: Attributes) -> None:  # noqa: N802 - so the element is called
        """How a text is spoken is no part of it."""
        if self._kind == "inlineStr":
            self._kind = "spoken"

    def _end_rPh(self) -> None:  # noqa: N802 - so the element is called
        if self._kind == "spoken":
            self._kind = "inlineStr"

    def _end_sheetData(self) -> None:  # noqa: N802 - so the element is called
        self._xml.ended = True

    def _characters(self, data: str) -> None:
        self._size = refuse_long_cell(self._size + len(data))
        self._text.append(data)

    def _value(self, text: str) -> str:
        if self._kind == "n":
            try:
                return read_number(text, self._dates.shown_as(self._style), is_1904=self._dates.is_1904)
            except ValueError as error:
                raise unreadable() from error
        if self._kind == "s":
            if self._strings is None:
                raise unreadable()
            return self._strings.at(text)
        if self._kind == "b":
            return "false" if text.strip() == "0" else "true"
        if self._kind == "d":
            return read_iso_date(text)
        return unescape_formulas(text.strip())


def _starter(handlers: dict[str, Callable[[Attributes], None]]) -> Callable[[str, Attributes], None]:
    def start(name: str, attributes: Attributes) -> None:
        handler = handlers.get(name)
        if handler is not None:
            handler(attributes)

    return start


def _ender(handlers: dict[str, Callable[[], None]]) -> Callable[[str], None]:
    def end(name: str) -> None:
        handler = handlers.get(name)
        if handler is not None:
            handler()

    return end


def _row_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise unreadable()
    return int(text[:20])
