"""Reads the first sheet of an XLSX file, within limits that a file made to do harm would break."""

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.shared.errors import AppError
from core.shared.spreadsheets import unguarded

LARGEST_UNPACKED = 2 << 30
# Strings that the sheets share are held in memory whole.
LARGEST_SHARED_STRINGS = 100 << 20
# What an honest sheet of empty-looking rows packs to; a bomb packs to a thousandth.
LARGEST_RATIO = 200
SMALLEST_SUSPECT = 10 << 20
MOST_COLUMNS = 500
_UNREADABLE = (
    zipfile.BadZipFile,
    InvalidFileException,
    KeyError,
    ValueError,
    OSError,
    EOFError,
    IndexError,
    ParseError,
)


def is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(8)
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise AppError(
            "old_workbook", _("This is a workbook of the old kind (.xls). Save it as .xlsx or CSV."), field="file"
        )
    return start.startswith(b"PK\x03\x04")


def open_workbook(path: Path, *, header: bool) -> tuple[list[str], int, int]:
    """Headings, number of columns, and about how many rows. Raises AppError."""
    _refuse_bomb(path)
    rows = rows_of(path, width=None)
    first = next((cells for _number, cells in rows if any(cells)), None)
    if first is None:
        raise AppError("empty_file", _("The file is empty."), field="file")
    while first and not first[-1]:
        first.pop()
    return (first if header else []), len(first), max(_declared_rows(path), 1)


def rows_of(path: Path, *, width: int | None) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells, as texts that the readers of cells know; of that width where one is given."""
    try:
        with _first_sheet(path) as sheet:
            # Some writers declare a sheet smaller than it is.
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                if len(row) > MOST_COLUMNS and any(value is not None for value in row[MOST_COLUMNS:]):
                    raise _too_wide(number, len(row))
                cells = [_as_text(value) for value in row]
                if width is not None:
                    cells = _of_width(cells, width)
                yield number, cells
    except _UNREADABLE as error:
        raise _unreadable() from error


@contextmanager
def _first_sheet(path: Path) -> Iterator[Any]:
    """Whatever the file is called."""
    with path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            yield book.worksheets[0]
        finally:
            book.close()


def _of_width(cells: list[str], width: int) -> list[str]:
    if len(cells) < width:
        return cells + [""] * (width - len(cells))
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return cells


def _declared_rows(path: Path) -> int:
    with _first_sheet(path) as sheet:
        return int(sheet.max_row or 0)


def _refuse_bomb(path: Path) -> None:
    """By what the archive says of itself; zipfile never unpacks more of a part than its entry declares."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except _UNREADABLE as error:
        raise _unreadable() from error
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    if unpacked > LARGEST_UNPACKED or (unpacked > SMALLEST_SUSPECT and unpacked / packed > LARGEST_RATIO):
        message = _("The workbook unpacks to %(size)s MB, which no honest one of its size does. Save the sheet as CSV.")
        raise AppError("workbook_bomb", message % {"size": f"{unpacked >> 20:,}"}, field="file")
    if any(part.filename.endswith("sharedStrings.xml") and part.file_size > LARGEST_SHARED_STRINGS for part in parts):
        raise AppError(
            "workbook_too_large", _("The workbook is too large to be read. Save the sheet as CSV."), field="file"
        )


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f") if math.isfinite(value) else str(value)
    if isinstance(value, datetime) and value.time() != time(0):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()[:10]
    return unguarded(str(value).strip())


def _too_wide(number: int, width: int) -> AppError:
    message = _("Row %(row)d of the workbook has %(width)d columns; %(limit)d are read at most.")
    return AppError("too_wide", message % {"row": number, "width": width, "limit": MOST_COLUMNS}, field="file")


def _unreadable() -> AppError:
    return AppError(
        "unreadable_workbook", _("The workbook cannot be read: it is damaged, or locked with a password."), field="file"
    )
