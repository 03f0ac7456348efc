"""Looks at the lines of a text that is no UTF-8: whether it is Chinese, and whether it is of two files."""

import re
from collections.abc import Iterator
from pathlib import Path

from core.imports.services.files.charsets import USUAL_SHARE
from core.imports.services.files.problems import FileProblem, gettext_noop

BLOCK = 1 << 18
# After so many characters, a share of less than half does not become USUAL_SHARE any more.
ENOUGH_CHARACTERS = 100_000
LINES_TOGETHER = 50
# Of lines that show what the characters are.
KEPT_SIZE = 1 << 16
# In text really written in GB18030, nearly every character is of GB 2312, whose two bytes both lie from A1 to FE, or
# has four bytes, such as ¥, the second and the fourth digits. No other encoding's text is full of either.
_GB_CHARACTER = re.compile(rb"[\x81-\xfe](?:[\x30-\x39][\x81-\xfe][\x30-\x39]|[\x40-\x7e\x80-\xfe])")


def look_at_lines(path: Path) -> tuple[bool, list[bytes], int]:
    """Whether nearly all characters are usual ones in GB18030, some lines that are no UTF-8, and the first one of them.

    A line that is UTF-8 and reads oddly as GB18030, beside one that is no UTF-8, means two files in one.
    """
    utf8_line = other_line = None
    usual = characters = first = size = 0
    kept: list[bytes] = []
    for lines in lines_of(path):
        whole = _usual_characters(b"".join(lines))
        if whole is not None and other_line is not None and size > KEPT_SIZE:
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
                    if size <= KEPT_SIZE:
                        kept.append(line)
                        size += len(line)
                elif in_line != usual_in_line:
                    utf8_line = utf8_line or number
        first += len(lines)
        if utf8_line and other_line:
            raise _mixed(utf8_line, other_line)
        if characters > ENOUGH_CHARACTERS and 2 * usual < characters:
            break
    return usual >= USUAL_SHARE * characters, kept, other_line or 1


def _mixed(utf8_line: int, other_line: int) -> FileProblem:
    message = gettext_noop(
        "The file mixes encodings: line %(utf8)d is UTF-8, line %(other)d is not. Save it again as UTF-8."
    )
    return FileProblem("mixed_encodings", message, {"utf8": utf8_line, "other": other_line})


def lines_of(path: Path) -> Iterator[list[bytes]]:
    """Some at a time, whatever ends them: a file of carriage returns has no line that `readline` would find."""
    rest = b""
    for block in blocks(path):
        lines = (rest + block).splitlines(keepends=True)
        rest = lines.pop()
        for start in range(0, len(lines), LINES_TOGETHER):
            yield lines[start : start + LINES_TOGETHER]
    yield [rest]


def blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(BLOCK), b"")


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
