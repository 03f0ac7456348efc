"""The parts of an XLSX file: by what they are to the workbook, not by their names, and each within a limit."""

import posixpath
import zipfile
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, NamedTuple

from core.imports.services.files import limits
from core.imports.services.files.merged import read_merged_cells
from core.imports.services.files.problems import FileProblem, gettext_noop
from core.imports.services.files.sheets import Sheet
from core.imports.services.files.strings import SharedStrings
from core.imports.services.files.styles import DateStyles
from core.imports.services.files.xml import Attributes, Xml, in_any_space, too_large, unreadable

ENCRYPTED = 0x1
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError)
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class SheetEntry(NamedTuple):
    name: str
    is_hidden: bool
    part: str


class Package:
    """A zip archive whose parts know each other by relationships."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
            self.parts = {part.filename: part for part in self.archive.infolist()}
        except UNREADABLE as error:
            raise unreadable() from error
        self._refuse_bomb(path.stat().st_size)

    @property
    def is_workbook(self) -> bool:
        return "[Content_Types].xml" in self.parts or bool(self._related("", "officeDocument"))

    @property
    def is_binary_workbook(self) -> bool:
        return "xl/workbook.bin" in self.parts

    @cached_property
    def sheets(self) -> list[SheetEntry]:
        """In the order of the workbook; raises FileProblem."""
        parts = self._related(self._workbook, "worksheet")
        found = []
        for attributes in self._elements:
            part = next((parts.get(value, "") for key, value in attributes.items() if key.endswith(" id")), "")
            if part in self.parts:
                hidden = attributes.get("state", "visible") != "visible"
                found.append(SheetEntry(attributes.get("name", ""), hidden, part))
        if not found:
            raise unreadable()
        return found

    def open_sheet(self, entry: SheetEntry, counted_once: Sequence[int] = ()) -> Sheet:
        try:
            with self._open(entry.part, limits.LARGEST_UNPACKED) as part:
                merged = read_merged_cells(part)
        except UNREADABLE as error:
            raise unreadable() from error
        part = self._open(entry.part, limits.LARGEST_UNPACKED)
        return Sheet(part, self._strings, self._dates, merged, counted_once)

    @cached_property
    def is_1904(self) -> bool:
        return any(attributes.get("date1904") in {"1", "true"} for attributes in self._elements)

    @cached_property
    def _workbook(self) -> str:
        return next(iter(self._related("", "officeDocument").values()), "xl/workbook.xml")

    @cached_property
    def _elements(self) -> list[Attributes]:
        with self._open(self._workbook, limits.LARGEST_DIRECTORY_PART) as part:
            return _elements(part, "sheet", "workbookPr")

    @cached_property
    def _strings(self) -> SharedStrings | None:
        strings = self._only(self._workbook, "sharedStrings", limits.LARGEST_SHARED_STRINGS)
        return SharedStrings(strings) if strings else None

    @cached_property
    def _dates(self) -> DateStyles:
        return DateStyles(self._only(self._workbook, "styles", limits.LARGEST_STYLES), is_1904=self.is_1904)

    def _refuse_bomb(self, on_disk: int) -> None:
        """By what the archive says of itself; zipfile never unpacks more of a part than its entry declares."""
        parts = self.archive.infolist()
        if len(parts) > limits.MOST_PARTS:
            raise too_large()
        unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
        swollen = unpacked > limits.SMALLEST_SUSPECT and unpacked > limits.LARGEST_RATIO * on_disk
        # More packed than there is means that parts lie on one another.
        if unpacked > limits.LARGEST_UNPACKED or swollen or packed > on_disk:
            message = gettext_noop(
                "The file unpacks to %(size)s MB, which no honest one of its size does. Save the sheet as CSV."
            )
            raise FileProblem("workbook_bomb", message, {"size": f"{unpacked >> 20:,}"})

    def _open(self, name: str, largest: int) -> IO[bytes]:
        part = self.parts.get(name)
        if part is None or part.flag_bits & ENCRYPTED or part.compress_type not in _COMPRESSIONS:
            raise unreadable()
        if part.file_size > largest:
            raise too_large()
        return self.archive.open(part)

    def _only(self, source: str, kind: str, largest: int) -> IO[bytes] | None:
        name = next(iter(self._related(source, kind).values()), None)
        return self._open(name, largest) if name in self.parts else None

    def _related(self, source: str, kind: str) -> dict[str, str]:
        """The parts of that kind that a part relates to, by the relationships' ids."""
        folder, name = posixpath.split(source)
        place = posixpath.join(folder, "_rels", f"{name}.rels")
        if place not in self.parts:
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
