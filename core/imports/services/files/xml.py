"""Parts of a workbook, read as streams."""

from collections.abc import Callable
from typing import Protocol
from xml.parsers import expat

from core.imports.services.files.problems import FileProblem, gettext_noop

BLOCK = 1 << 14
# Bytes without an event: no honest tag is as long, and looking for its end takes ever longer.
LONGEST_TAG = 2 << 20
_SPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/package/2006/relationships",
)
_OUT_OF_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
Attributes = dict[str, str]


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Xml:
    """Feeds a part to handlers, block by block. Refuses document types, whose entities can grow without end."""

    def __init__(
        self,
        part: Readable,
        *,
        encoding: str | None = None,
        unreadable: Callable[[], FileProblem] | None = None,
    ) -> None:
        """`encoding` in place of the one it names; `unreadable` makes what is said of a damaged one."""
        self._part = part
        self._fed = 0
        self.ended = False
        self._unreadable = unreadable or _damaged
        self.parser = expat.ParserCreate(encoding, namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse_doctype

    def step(self) -> bool:
        """Reads on; whether there may be more."""
        if self.ended:
            return False
        block = self._part.read(BLOCK)
        try:
            self.parser.Parse(block, not block)
        except expat.ExpatError as error:
            if error.code == _OUT_OF_MEMORY:
                raise MemoryError from error
            raise self._unreadable() from error
        self._fed += len(block)
        if self._fed - self.parser.CurrentByteIndex > LONGEST_TAG:
            raise self._unreadable()
        if not block:
            self.ended = True
        return bool(block)

    def read(self) -> None:
        while self.step():
            pass


def in_any_space(*names: str) -> dict[str, str]:
    """The elements as the parser calls them."""
    return {full: name for name in names for full in (name, *(f"{space} {name}" for space in _SPACES))}


def unreadable() -> FileProblem:
    message = gettext_noop(
        "The workbook cannot be read: it is damaged, or locked with a password. Open it in Excel and save it again as "
        ".xlsx, without a password."
    )
    return FileProblem("unreadable_workbook", message)


# Under another name for what takes it as an argument.
_damaged = unreadable


def too_large() -> FileProblem:
    message = gettext_noop("The workbook is too large to be read. Save the sheet as CSV.")
    return FileProblem("workbook_too_large", message)


def _refuse_doctype(*_declared: object) -> None:
    raise unreadable()
