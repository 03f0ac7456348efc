"""Finds a text file's encoding by reading all of it once, and counts its lines on the way."""

import codecs
from pathlib import Path
from typing import NamedTuple

from core.imports.services.files.charsets import Likely, likely_encoding
from core.imports.services.files.limits import LONGEST_LINE
from core.imports.services.files.problems import FileProblem, empty_file, gettext_noop, line_too_long
from core.imports.services.files.two_encodings import blocks, lines_of, look_at_lines

_START = 4096


class Examined(NamedTuple):
    encoding: str
    lines: int
    # Apostrophes, or the ="…" by which some programs mark a text.
    has_apostrophes: bool
    # Where other readings are possible.
    likely: Likely | None = None


def examine(path: Path, said: str | None = None) -> Examined:
    """`said` is the encoding the user says. Raises FileProblem: empty, binary, an encoding that is not known or not the
    one that was said, two encodings in one file."""
    if path.stat().st_size == 0:
        raise empty_file()
    with path.open("rb") as file:
        start = file.read(_START)
    if said not in {None, "utf-8", "utf-16"}:
        return _as_said(path, str(said))
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(path, "utf-16")
    if unmarked := _unmarked_utf16(start):
        return _utf16(path, unmarked)
    meter = _Meter()
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    for block in blocks(path):
        meter.read(block)
        decoder = decoder if decoder and _decodes(decoder, block) else None
    if decoder and _decodes(decoder, b"", final=True):
        return Examined("utf-8-sig", meter.total, meter.has_apostrophes)
    if said is not None:
        raise _not_as_said(path, "utf-8")
    return _by_what_is_usual(path, meter)


# The last in UTF-16.
_TEXT_MARKS = (b"'", b'="', b'=\0"')


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
        self.has_apostrophes = self.has_apostrophes or any(mark in block for mark in _TEXT_MARKS)


def _as_said(path: Path, encoding: str) -> Examined:
    meter = _Meter()
    for block in blocks(path):
        meter.read(block)
    if not _is_written_in(path, encoding):
        raise _not_as_said(path, encoding)
    return Examined(encoding, meter.total, meter.has_apostrophes)


def _by_what_is_usual(path: Path, meter: "_Meter") -> Examined:
    is_chinese, lines, odd_line = look_at_lines(path)
    fitting: dict[str, bool] = {}

    def fits(encoding: str) -> bool:
        if encoding not in fitting:
            fitting[encoding] = (is_chinese or encoding != "gb18030") and _is_written_in(path, encoding)
        return fitting[encoding]

    likely = likely_encoding(lines, fits)
    if likely is None:
        raise _unknown(odd_line)
    return Examined(likely.encoding, meter.total, meter.has_apostrophes, None if likely.is_sure else likely)


def _unmarked_utf16(start: bytes) -> str | None:
    """A text has signs of ASCII, and each of them a zero byte on the same side."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < 8 or 40 * max(even, odd) < len(start) or min(even, odd):
        return None
    return "utf-16-be" if even else "utf-16-le"


def _utf16(path: Path, encoding: str) -> Examined:
    meter = _Meter()
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in blocks(path):
            # A byte for each character.
            meter.read(decoder.decode(block).encode("latin-1", "replace"))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        message = gettext_noop("The file begins as UTF-16 but cannot be read as such. Save it as UTF-8.")
        raise FileProblem("bad_encoding", message) from error
    return Examined(encoding, meter.total, meter.has_apostrophes)


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


def _is_written_in(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    return all(_decodes(decoder, block) for block in blocks(path)) and _decodes(decoder, b"", final=True)


def _not_as_said(path: Path, encoding: str) -> FileProblem:
    number = 0
    for lines in lines_of(path):
        for line in lines:
            number += 1
            if not _decodes(codecs.getincrementaldecoder(encoding)(), line, final=True):
                message = gettext_noop("Line %(line)d cannot be read in the encoding that was chosen. Choose another.")
                return FileProblem("bad_encoding", message, {"line": number}, line=number)
    return _unknown(1)


def _unknown(line: int) -> FileProblem:
    message = gettext_noop("The encoding of the file is not known: see line %(line)d. Save it again as UTF-8.")
    return FileProblem("unknown_encoding", message, {"line": line}, line=line)
