"""What the library does not tell of an OpenDocument sheet: merged cells, rows that are not shown, the first day."""

import re
import zipfile
from pathlib import Path
from typing import IO

from core.imports.services.files.limits import MOST_MERGED, SHEET_COLUMNS, SHEET_ROWS
from core.imports.services.files.merged import MergedCell
from core.imports.services.files.old_records import BookFacts, SheetFacts
from core.imports.services.files.package import UNREADABLE
from core.imports.services.files.problems import FileProblem, gettext_noop
from core.imports.services.files.xml import Attributes, Xml, too_large

BLOCK, LONGEST = 1 << 20, 100
# What only few files have: the others need not be looked through element by element.
_TOLD = re.compile(
    rb"number-rows-spanned=[\"'](?!1[\"'])|:visibility=[\"'](?!visible)|:date-value=[\"']1904-01-01[\"']"
)
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "


def read_open_document(path: Path) -> BookFacts:
    """Raises FileProblem for a file that is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            with archive.open("content.xml") as part:
                if not _tells_something(part):
                    return BookFacts(is_1904=False, sheets=[])
            with archive.open("content.xml") as part:
                return _Content(part).facts
    except (*UNREADABLE, KeyError) as error:
        raise unreadable_document() from error


def _tells_something(part: IO[bytes]) -> bool:
    rest = b""
    while block := part.read(BLOCK):
        if _TOLD.search(rest + block):
            return True
        rest = block[-LONGEST:]
    return False


class _Content:
    def __init__(self, part: IO[bytes]) -> None:
        self.facts = BookFacts(is_1904=False, sheets=[])
        self._tables = 0
        self._row = self._column = 0
        self._sheet = SheetFacts([], [])
        self._starts = {
            f"{_TABLE}{name}": start
            for name, start in {
                "table": self._start_table,
                "table-row": self._start_row,
                "table-cell": self._start_cell,
                "covered-table-cell": self._start_cell,
                "null-date": self._start_first_day,
            }.items()
        }
        xml = Xml(part)
        xml.parser.StartElementHandler = self._start
        xml.parser.EndElementHandler = self._end
        xml.read()

    def _start(self, name: str, attributes: Attributes) -> None:
        start = self._starts.get(name)
        # A table within a cell is none of the sheets.
        if start is not None and (self._tables < 2 or start == self._start_table):
            start(attributes)

    def _end(self, name: str) -> None:
        if name == f"{_TABLE}table":
            self._tables -= 1

    def _start_first_day(self, attributes: Attributes) -> None:
        if attributes.get(f"{_TABLE}date-value") == "1904-01-01":
            self.facts = self.facts._replace(is_1904=True)

    def _start_table(self, _attributes: Attributes) -> None:
        self._tables += 1
        if self._tables == 1:
            self._row, self._sheet = 0, SheetFacts([], [])
            self.facts.sheets.append(self._sheet)

    def _start_row(self, attributes: Attributes) -> None:
        self._first_row = self._row + 1
        self._row = min(self._row + _number(attributes, "number-rows-repeated"), SHEET_ROWS)
        self._column = 0
        if attributes.get(f"{_TABLE}visibility", "visible") != "visible":
            self._sheet.hidden.append((self._first_row, self._row))

    def _start_cell(self, attributes: Attributes) -> None:
        column = self._column + 1
        self._column = min(self._column + _number(attributes, "number-columns-repeated"), SHEET_COLUMNS)
        rows = _number(attributes, "number-rows-spanned")
        if rows > 1:
            last = column + _number(attributes, "number-columns-spanned") - 1
            self._sheet.merged.append(MergedCell(self._first_row, column, self._first_row + rows - 1, last))
            if len(self._sheet.merged) > MOST_MERGED:
                raise too_large()


def _number(attributes: Attributes, name: str) -> int:
    text = attributes.get(f"{_TABLE}{name}", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def unreadable_document() -> FileProblem:
    message = gettext_noop("This OpenDocument file (.ods) cannot be read. Save the sheet as .xlsx or CSV.")
    return FileProblem("unreadable_workbook", message)
