"""Finds a text file's encoding by reading all of it once, and counts its lines on the way."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from core.imports.services.files.limits import LONGEST_LINE
from core.imports.services.files.problems import FileProblem, empty_file, gettext_noop, line_too_long

BLOCK = 1 << 18
# In text really written in GB18030, nearly every character is of GB 2312, whose two bytes both lie from A1 to FE, or
# has four bytes, such as ¥, the second and the fourth digits. No other encoding's text is full of either.
USUAL_SHARE = 0.9
# After so many characters, a share of less than half does not become USUAL_SHARE any more.
ENOUGH_CHARACTERS = 100_000
LINES_TOGETHER = 50
_GB_CHARACTER = re.compile(rb"[\x81-\xfe](?:[\x30-\x39][\x81-\xfe][\x30-\x39]|[\x40-\x7e\x80-\xfe])")


class Examined(NamedTuple):
    encoding: str
    lines: int
    has_apostrophes: bool


def examine(path: Path) -> Examined:
    """Raises FileProblem: empty, binary, an encoding that is not known, two encodings in one file."""
    if path.stat().st_size == 0:
        raise empty_file()
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(path)
    meter = _Meter()
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    for block in _blocks(path):
        meter.read(block)
        decoder = decoder if decoder and _decodes(decoder, block) else None
    if decoder and _decodes(decoder, b"", final=True):
        return Examined("utf-8-sig", meter.total, meter.has_apostrophes)
    _refuse_unless_gb18030(path)
    return Examined("gb18030", meter.total, meter.has_apostrophes)


class _Meter:
    """Counts lines, and refuses what is no text and lines that no table has."""

    def __init__(self) -> None:
        self._newlines = self._returns = self._since = 0
        self.has_apostrophes = False

    @property
    def total(self) -> int:
        return self._newlines or self._returns

    def read(self, block: bytes) -> None:
        if b"\0" in block:
            line = self._newlines + block[: block.index(b"\0")].count(b"\n")
            raise _no_text(line)
        ends = [end for end in (block.find(b"\n"), block.find(b"\r")) if end >= 0]
        if self._since + min(ends, default=len(block)) > LONGEST_LINE:
            raise line_too_long(self.total + 1)
        last = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._since = self._since + len(block) if last < 0 else len(block) - last - 1
        self._newlines += block.count(b"\n")
        self._returns += block.count(b"\r")
        self.has_apostrophes = self.has_apostrophes or b"'" in block


def _utf16(path: Path) -> Examined:
    meter = _Meter()
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        for block in _blocks(path):
            # A byte for each character.
            meter.read(decoder.decode(block).encode("latin-1", "replace"))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        message = gettext_noop("The file begins as UTF-16 but cannot be read as such. Save it as UTF-8.")
        raise FileProblem("bad_encoding", message) from error
    return Examined("utf-16", meter.total, meter.has_apostrophes)


def _no_text(line: int) -> FileProblem:
    message = gettext_noop(
        "The file is no text: there is a zero byte after line %(line)d. Save it as CSV in UTF-8, or as XLSX."
    )
    return FileProblem("not_text", message, {"line": line})


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(BLOCK), b"")


def _lines(path: Path) -> Iterator[list[bytes]]:
    """Some at a time, whatever ends them: a file of carriage returns has no line that `readline` would find."""
    rest = b""
    for block in _blocks(path):
        lines = (rest + block).splitlines(keepends=True)
        rest = lines.pop()
        for start in range(0, len(lines), LINES_TOGETHER):
            yield lines[start : start + LINES_TOGETHER]
    yield [rest]


def _refuse_unless_gb18030(path: Path) -> None:
    """A line that is UTF-8 and reads oddly as GB18030, beside one that is no UTF-8, means two files in one."""
    utf8_line = other_line = None
    usual = characters = first = 0
    for lines in _lines(path):
        whole = _usual_characters(b"".join(lines))
        if whole is not None and other_line is not None:
            # Nothing in them reads oddly: the usual case, many times faster.
            characters += whole
            usual += whole
        else:
            for number, line in enumerate(lines, first + 1):
                in_line, usual_in_line = _gb_characters(line)
                characters += in_line
                usual += usual_in_line
                if not _is_utf8(line):
                    other_line = other_line or number
                elif in_line != usual_in_line:
                    utf8_line = utf8_line or number
        first += len(lines)
        if utf8_line and other_line:
            raise _mixed(utf8_line, other_line)
        if characters > ENOUGH_CHARACTERS and 2 * usual < characters:
            break
    if usual < USUAL_SHARE * characters or not _is_gb18030(path):
        raise _unknown(other_line or 1)


def _is_gb18030(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("gb18030")()
    return all(_decodes(decoder, block) for block in _blocks(path)) and _decodes(decoder, b"", final=True)


def _mixed(utf8_line: int, other_line: int) -> FileProblem:
    message = gettext_noop(
        "The file mixes encodings: line %(utf8)d is UTF-8, line %(other)d is not. Save it again as UTF-8."
    )
    return FileProblem("mixed_encodings", message, {"utf8": utf8_line, "other": other_line})


def _unknown(line: int) -> FileProblem:
    message = gettext_noop("The file is neither UTF-8 nor GB18030: see line %(line)d. Save it again as UTF-8.")
    return FileProblem("unknown_encoding", message, {"line": line}, line=line)


def _usual_characters(text: bytes) -> int | None:
    """How many characters of GB 2312 or of four bytes, or None where there are others."""
    try:
        read = text.decode("gb18030")
    except UnicodeDecodeError:
        return None
    plain = len(read.encode("ascii", "ignore"))
    characters = len(read) - plain
    of_four_bytes = (len(text) - plain - 2 * characters) // 2
    of_gb2312 = (len(read.encode("gb2312", "ignore")) - plain) // 2
    return characters if of_gb2312 + of_four_bytes == characters else None


def _gb_characters(line: bytes) -> tuple[int, int]:
    """How many two- or four-byte characters the line has in GB18030, and how many of them are usual ones."""
    characters = _usual_characters(line)
    if characters is not None:
        return characters, characters
    found = _GB_CHARACTER.findall(line)
    usual = sum(1 for one in found if len(one) == 4 or (one[0] >= 0xA1 and one[1] >= 0xA1))
    # Bytes that are part of none do not belong to this encoding at all.
    stray = sum(one >= 0x80 for one in _GB_CHARACTER.sub(b"", line))
    return len(found) + stray, usual


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
