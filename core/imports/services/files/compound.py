"""The stream of a workbook in an XLS file, which is a small file system of sectors (compound file)."""

import struct
from collections.abc import Sequence
from pathlib import Path

from core.imports.services.files.problems import FileProblem, gettext_noop

BOOKS = {"Workbook", "Book"}
ENTRY = 128
# A number of a sector that is none: the end of a chain, an unused one.
_FIRST_SPECIAL = 0xFFFFFFFA
_ROOT = 5


def read_book_stream(path: Path) -> bytes:
    """Raises FileProblem for a file that is damaged."""
    try:
        return _Compound(path.read_bytes()).book()
    except (struct.error, IndexError, ValueError) as error:
        raise unreadable_old_book() from error


class _Compound:
    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, self._small_shift = struct.unpack_from("<HH", data, 30)
        if not (7 <= shift <= 16 and 4 <= self._small_shift < shift):
            raise ValueError("The sectors have no size that there is.")
        self._size = 1 << shift
        self._directory, self._cutoff, self._small = struct.unpack_from("<I4xII", data, 48)
        self._table = self._read_table()

    def book(self) -> bytes:
        directory = self._joined(self._directory)
        entries = [directory[at : at + ENTRY] for at in range(0, len(directory) - ENTRY + 1, ENTRY)]
        entry = next((one for one in entries if _name_of(one) in BOOKS), None)
        if entry is None:
            raise ValueError("There is no stream of a workbook.")
        start, size = struct.unpack_from("<II", entry, 116)
        if size >= self._cutoff:
            return self._joined(start)[:size]
        # Small streams lie in one of the root's, in sectors of their own.
        root = next(one for one in entries if one[66] == _ROOT)
        within, small = self._joined(struct.unpack_from("<I", root, 116)[0]), 1 << self._small_shift
        chain = _chain(start, _numbers(self._joined(self._small)))
        return b"".join(within[number * small : (number + 1) * small] for number in chain)[:size]

    def _joined(self, start: int) -> bytes:
        return b"".join(map(self._sector, _chain(start, self._table)))

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _read_table(self) -> Sequence[int]:
        """Which sector follows each; its own sectors are listed in the header and in a chain of further lists."""
        listed = list(struct.unpack_from("<109I", self._data, 76))
        following = struct.unpack_from("<I", self._data, 68)[0]
        for _ in range(len(self._data) // self._size):
            if following >= _FIRST_SPECIAL:
                break
            *numbers, following = _numbers(self._sector(following))
            listed += numbers
        return _numbers(b"".join(self._sector(number) for number in listed if number < _FIRST_SPECIAL))


def _chain(start: int, table: Sequence[int]) -> list[int]:
    chain = []
    while start < _FIRST_SPECIAL:
        chain.append(start)
        if len(chain) > len(table):
            raise ValueError("The sectors follow each other in a circle.")
        start = table[start]
    return chain


def _numbers(data: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _name_of(entry: bytes) -> str:
    length = struct.unpack_from("<H", entry, 64)[0]
    return entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")


def unreadable_old_book() -> FileProblem:
    message = gettext_noop("This workbook of the old kind (.xls) cannot be read. Save it as .xlsx or CSV.")
    return FileProblem("unreadable_workbook", message)
