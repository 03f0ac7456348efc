"""The texts that the cells of a workbook share."""

from array import array
from typing import IO

from core.imports.services.files.limits import LONGEST_CELL
from core.imports.services.files.problems import FileProblem, gettext_noop
from core.imports.services.files.xml import Attributes, Xml, in_any_space, unreadable
from core.shared.spreadsheets import unescape_formulas

# Texts that come again in row after row, and are short.
REMEMBERED, LONGEST_REMEMBERED = 50_000, 100


class SharedStrings:
    """Read as far as they are needed, and held as bytes: texts of their own would take several times the memory."""

    def __init__(self, part: IO[bytes]) -> None:
        self._xml = Xml(part)
        self._data = bytearray()
        self._ends = array("I", [0])
        self._text: list[str] = []
        self._size = 0
        self._is_spoken = False
        self._remembered: dict[str, str] = {}
        self._names = in_any_space("si", "t", "rPh")
        self._xml.parser.StartElementHandler = self._start
        self._xml.parser.EndElementHandler = self._end

    def at(self, reference: str) -> str:
        text = self._remembered.get(reference)
        if text is None:
            text = self._find(reference)
            if len(text) <= LONGEST_REMEMBERED and len(reference) < LONGEST_REMEMBERED:
                if len(self._remembered) >= REMEMBERED:
                    self._remembered.clear()
                self._remembered[reference] = text
        return text

    def _find(self, reference: str) -> str:
        if not (reference.isascii() and reference.isdigit()):
            raise unreadable()
        index = int(reference[:12])
        while index + 1 >= len(self._ends) and self._xml.step():
            pass
        if index + 1 >= len(self._ends):
            raise unreadable()
        return self._data[self._ends[index] : self._ends[index + 1]].decode("utf-8")

    def _start(self, name: str, _attributes: Attributes) -> None:
        local = self._names.get(name)
        if local == "t" and not self._is_spoken:
            self._xml.parser.CharacterDataHandler = self._characters
        elif local == "rPh":
            self._is_spoken = True

    def _end(self, name: str) -> None:
        local = self._names.get(name)
        if local == "t":
            self._xml.parser.CharacterDataHandler = None
        elif local == "si":
            text = "".join(self._text).replace("x005F_", "")
            self._data += unescape_formulas(text.strip()).encode()
            self._ends.append(len(self._data))
            self._text, self._size = [], 0
        elif local == "rPh":
            self._is_spoken = False

    def _characters(self, data: str) -> None:
        self._size = refuse_long_cell(self._size + len(data))
        self._text.append(data)


def refuse_long_cell(size: int) -> int:
    if size > LONGEST_CELL:
        message = gettext_noop("A cell of the workbook holds more than %(limit)s characters. Shorten it.")
        raise FileProblem("cell_too_long", message, {"limit": f"{LONGEST_CELL:,}"})
    return size
