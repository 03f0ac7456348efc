"""Finds a text file's encoding by reading all of it once, and counts its lines on the way."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from core.shared.errors import AppError

BLOCK = 1 << 20
# A line longer than this is no line of a table.
LONGEST_LINE = 32 << 20
# In text really written in GB18030, nearly every character is of GB 2312, whose two bytes both lie from A1 to FE, or
# has four bytes, such as ¥, the second and the fourth digits. No other encoding's text is full of either.
USUAL_SHARE = 0.9
LINES_TOGETHER = 50
_GB_CHARACTER = re.compile(rb"[\x81-\xfe](?:[\x30-\x39][\x81-\xfe][\x30-\x39]|[\x40-\x7e\x80-\xfe])")


@dataclass(frozen=True)
class TextFile:
    encoding: str
    lines: int
    has_apostrophes: bool


def examine(path: Path) -> TextFile:
    """Raises AppError: empty, binary, an encoding that is not known, two encodings in one file."""
    if path.stat().st_size == 0:
        raise AppError("empty_file", _("The file is empty."), field="file")
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(path, "utf-16")
    lines = _count_lines(path)
    has_apostrophes = any(b"'" in block for block in _blocks(path))
    if _first_undecodable(path, "utf-8") is None:
        return TextFile("utf-8-sig", lines, has_apostrophes)
    _refuse_unless_gb18030(path)
    return TextFile("gb18030", lines, has_apostrophes)


def _decoded(path: Path, encoding: str) -> TextFile:
    lines, has_apostrophes = 0, False
    try:
        with path.open(encoding=encoding) as file:
            for block in iter(lambda: file.read(BLOCK), ""):
                _refuse_nul("\0" in block, lines)
                lines += block.count("\n")
                has_apostrophes = has_apostrophes or "'" in block
    except UnicodeError as error:
        message = _("The file begins as UTF-16 but cannot be read as such. Save it as UTF-8.")
        raise AppError("bad_encoding", message, field="file") from error
    return TextFile(encoding, lines, has_apostrophes)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(BLOCK), b"")


def _count_lines(path: Path) -> int:
    """Refuses what is no text, and lines that would not fit in memory."""
    lines = returns = since = 0
    for block in _blocks(path):
        _refuse_nul(b"\0" in block, lines)
        lines += block.count(b"\n")
        returns += block.count(b"\r")
        end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        since = since + len(block) if end < 0 else len(block) - end
        if since > LONGEST_LINE:
            message = _("Line %(line)d is longer than %(limit)d MB.")
            raise AppError("line_too_long", message % {"line": lines + 1, "limit": LONGEST_LINE >> 20}, field="file")
    return lines or returns


def _refuse_nul(found: bool, lines: int) -> None:  # noqa: FBT001 - a plain question
    if found:
        message = _("The file is no text: there is a zero byte after line %d. Save it as CSV in UTF-8, or as XLSX.")
        raise AppError("not_text", message % lines, field="file")


def _first_undecodable(path: Path, encoding: str) -> int | None:
    """The line of the first byte that is not of the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    for block in _blocks(path):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            # What the decoder held back of the block before is at the start of what it now failed on.
            return lines + error.object[: error.start].count(b"\n")
        lines += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return lines
    return None


def _refuse_unless_gb18030(path: Path) -> None:
    """A line that is UTF-8 and reads oddly as GB18030, beside one that is no UTF-8, means two files in one."""
    utf8_line = other_line = None
    common = characters = first = 0
    with path.open("rb") as file:
        while lines := list(islice(file, LINES_TOGETHER)):
            whole = _usual_characters(b"".join(lines))
            if whole is not None and other_line is not None:
                # Nothing in them reads oddly: the usual case, many times faster.
                characters += whole
                common += whole
            else:
                for number, line in enumerate(lines, first + 1):
                    found, usual = _gb_characters(line)
                    characters += found
                    common += usual
                    if not _is_utf8(line):
                        other_line = other_line or number
                    elif found != usual:
                        utf8_line = utf8_line or number
            first += len(lines)
    if utf8_line and other_line:
        message = _("The file mixes encodings: line %(utf8)d is UTF-8, line %(other)d is not. Save it again as UTF-8.")
        raise AppError("mixed_encodings", message % {"utf8": utf8_line, "other": other_line}, field="file")
    if _first_undecodable(path, "gb18030") is not None or common < USUAL_SHARE * characters:
        at = other_line or 1
        message = _("The file is neither UTF-8 nor GB18030: see line %d. Save it again as UTF-8.")
        raise AppError("unknown_encoding", message % at, field="file", line=at)


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
