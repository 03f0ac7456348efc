"""An XLSX file: its parts by what they are to the workbook, not by their names, and each within a limit."""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

from core.imports.services.files import limits
from core.imports.services.files.problems import FileProblem, empty_file, gettext_noop
from core.imports.services.files.sheets import Row, Sheet
from core.imports.services.files.strings import SharedStrings
from core.imports.services.files.styles import DateStyles
from core.imports.services.files.xml import Attributes, Xml, in_any_space, too_large, unreadable

ENCRYPTED = 0x1
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError)
# Blocks of XML looked through for one chunk; a sheet of blank cells would be looked through to its end.
MOST_BATCHES = 2000


def is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(8)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        message = gettext_noop("This is a workbook of the old kind (.xls). Save it as .xlsx or CSV.")
        raise FileProblem("old_workbook", message)
    return start.startswith(b"PK\x03\x04")


class WorkbookFile:
    """The first sheet of a workbook."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_open = False

    def examine(self) -> dict[str, Any]:
        package = _Package(self._path)
        self._sheet = package.first_sheet()
        self._batches = _guarded(self._sheet)
        first = next((batch for batch in self._batches if batch), None)
        if first is None:
            raise empty_file()
        self._first = first
        return {"workbook": True, "known": None, "lines": max(self._sheet.declared_rows, 1)}

    def sample(self) -> dict[str, tuple[list[str], int]]:
        return {}

    def open(self, *, header: bool, delimiter: str) -> dict[str, Any]:
        del delimiter
        if self._is_open:
            # From the beginning.
            self.examine()
        self._is_open = True
        (_number, cells), *others = self._first
        self._width = len(cells)
        self._waiting = chain([others if header else self._first], self._batches)
        return {"headings": cells if header else [], "width": self._width}

    def chunks(self) -> Iterator[tuple[list[int], list[list[str]]]]:
        lines: list[int] = []
        cells: list[list[str]] = []
        size = 0
        for number, batch in enumerate(self._waiting, 1):
            for line, row in batch:
                lines.append(line)
                cells.append(row + [""] * (self._width - len(row)))
                size += sum(map(len, row)) + 8 * len(row)
                if size > limits.CHUNK_SIZE or len(cells) == limits.CHUNK_ROWS:
                    yield lines, cells
                    lines, cells, size = [], [], 0
            if number % MOST_BATCHES == 0:
                yield lines, cells
                lines, cells, size = [], [], 0
        yield lines, cells


def _guarded(sheet: Sheet) -> Iterator[list[Row]]:
    try:
        yield from sheet.batches()
    except _UNREADABLE as error:
        raise unreadable() from error


class _Package:
    """A zip archive whose parts know each other by relationships."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            self._parts = {part.filename: part for part in self._zip.infolist()}
        except _UNREADABLE as error:
            raise unreadable() from error
        self._refuse_bomb(path.stat().st_size)

    def first_sheet(self) -> Sheet:
        try:
            workbook = next(iter(self._related("", "officeDocument").values()), "xl/workbook.xml")
            with self._open(workbook, limits.LARGEST_DIRECTORY_PART) as part:
                elements = _elements(part, "sheet", "workbookPr")
            sheets = self._related(workbook, "worksheet")
            listed = [value for attributes in elements for key, value in attributes.items() if key.endswith(" id")]
            sheet = next((sheets[one] for one in listed if sheets.get(one) in self._parts), None)
            if sheet is None:
                raise unreadable()
            strings = self._only(workbook, "sharedStrings", limits.LARGEST_SHARED_STRINGS)
            styles = self._only(workbook, "styles", limits.LARGEST_STYLES)
            is_1904 = any(attributes.get("date1904") in {"1", "true"} for attributes in elements)
            dates = DateStyles(styles, is_1904=is_1904)
            return Sheet(self._open(sheet, limits.LARGEST_UNPACKED), SharedStrings(strings) if strings else None, dates)
        except _UNREADABLE as error:
            raise unreadable() from error

    def _refuse_bomb(self, on_disk: int) -> None:
        """By what the archive says of itself; zipfile never unpacks more of a part than its entry declares."""
        parts = self._zip.infolist()
        if len(parts) > limits.MOST_PARTS:
            raise too_large()
        unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
        swollen = unpacked > limits.SMALLEST_SUSPECT and unpacked > limits.LARGEST_RATIO * on_disk
        # More packed than there is means that parts lie on one another.
        if unpacked > limits.LARGEST_UNPACKED or swollen or packed > on_disk:
            message = gettext_noop(
                "The workbook unpacks to %(size)s MB, which no honest one of its size does. Save the sheet as CSV."
            )
            raise FileProblem("workbook_bomb", message, {"size": f"{unpacked >> 20:,}"})

    def _open(self, name: str, largest: int) -> IO[bytes]:
        part = self._parts.get(name)
        if part is None or part.flag_bits & ENCRYPTED or part.compress_type not in _COMPRESSIONS:
            raise unreadable()
        if part.file_size > largest:
            raise too_large()
        return self._zip.open(part)

    def _only(self, source: str, kind: str, largest: int) -> IO[bytes] | None:
        name = next(iter(self._related(source, kind).values()), None)
        return self._open(name, largest) if name in self._parts else None

    def _related(self, source: str, kind: str) -> dict[str, str]:
        """The parts of that kind that a part relates to, by the relationships' ids."""
        folder, name = posixpath.split(source)
        place = posixpath.join(folder, "_rels", f"{name}.rels")
        if place not in self._parts:
            return {}
        with self._open(place, limits.LARGEST_DIRECTORY_PART) as part:
            relationships = _elements(part, "Relationship")
        return {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            for one in relationships
            if one.get("Type", "").rpartition("/")[2] == kind and one.get("TargetMode") != "External"
        }


def _elements(part: IO[bytes], *names: str) -> list[Attributes]:
    """The attributes of all elements of these names."""
    found: list[Attributes] = []
    known = in_any_space(*names)

    def start(name: str, attributes: Attributes) -> None:
        if name in known:
            found.append(attributes)
        if len(found) > limits.MOST_PARTS:
            raise too_large()

    xml = Xml(part)
    xml.parser.StartElementHandler = start
    xml.read()
    return found
