"""What the library does not tell of an XLS workbook: from which day it counts, and which rows are not shown."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from core.imports.services.files.compound import read_book_stream, unreadable_old_book
from core.imports.services.files.merged import MergedCell

_BEGIN, _END, _SHEET, _DATES, _ROW = 0x0809, 0x000A, 0x0085, 0x0022, 0x0208
_HEAD = struct.Struct("<HH")
# Of a row: its number, and behind its height and place, whether it is shown.
_ROW_FIELDS = struct.Struct("<H10xH")
_IS_HIDDEN = 0x20


class SheetFacts(NamedTuple):
    merged: list[MergedCell]
    # First and last of the rows that are not shown, counted from 1, in their order.
    hidden: list[tuple[int, int]]


class BookFacts(NamedTuple):
    is_1904: bool
    # In the order of the workbook; empty where there is nothing to tell.
    sheets: list[SheetFacts]


def read_old_book(path: Path) -> BookFacts:
    """Raises FileProblem for a file that is damaged."""
    stream = read_book_stream(path)
    is_1904 = False
    places = []
    try:
        for kind, at in _records(stream, 0):
            if kind == _DATES:
                is_1904 = stream[at] == 1
            elif kind == _SHEET:
                places.append(struct.unpack_from("<I", stream, at)[0])
        sheets = [SheetFacts([], _hidden_rows(stream, place)) for place in places]
    except (struct.error, IndexError) as error:
        raise unreadable_old_book() from error
    return BookFacts(is_1904, sheets)


def _hidden_rows(stream: bytes, place: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for kind, at in _records(stream, place):
        if kind == _ROW:
            row, look = _ROW_FIELDS.unpack_from(stream, at)
            if look & _IS_HIDDEN:
                first = found.pop()[0] if found and found[-1][1] == row else row + 1
                found.append((first, row + 1))
    return found


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Kind and place of each record of a sheet, or of what stands before them, without the charts within."""
    depth = 0
    read_head = _HEAD.unpack_from
    last = len(stream) - _HEAD.size
    while at <= last:
        kind, size = read_head(stream, at)
        if kind == _BEGIN:
            depth += 1
        elif kind == _END:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, at + _HEAD.size
        at += _HEAD.size + size
