"""A file as a stream of row batches: delimited text or the first sheet of a workbook, read by a child process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.utils.translation import gettext as _

from core.imports.services.columns import suggest_fields
from core.imports.services.files.process import IMPORT_LIMITS, FileProcess, Limits
from core.imports.services.options import ImportOptions
from core.shared.errors import AppError


@dataclass
class RowBatch:
    """Consecutive rows of the file without blank ones, and the line each begins on."""

    lines: Sequence[int]
    cells: list[list[str]]


class FileSource:
    """Raises AppError if the file is unreadable or empty. A context manager: its child processes end with it."""

    # Empty for a file without a header.
    headings: list[str]
    # The number of columns.
    width: int
    # About how many there are, for the progress.
    total_lines: int
    # Dates come as dates, written 2018-03-04.
    has_real_dates: bool

    def __init__(self, path: Path, kind: str, options: ImportOptions, limits: Limits = IMPORT_LIMITS) -> None:
        self._path, self._limits = path, limits
        self._known: list[Any] | None = None
        self._header, self._delimiter = options.header, options.delimiter
        self._processes: list[FileProcess] = []
        # A child process that has opened the file; it can stream the rows once.
        self._ready: FileProcess | None = None
        try:
            self._open(kind, options)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        while self._processes:
            self._processes.pop().close()

    def chunks(self) -> Iterator[RowBatch]:
        process = self._ready or self._start()
        self._ready = None
        for lines, cells in process.rows(chunks=None):
            yield RowBatch(lines, cells)
        self._processes.remove(process)
        process.close()

    def beginning(self) -> list[list[str]]:
        """The first rows only."""
        process, self._ready = self._ready or self._start(), None
        return [row for _lines, cells in process.rows(chunks=1) for row in cells]

    def columns(self) -> list[tuple[str, ...]]:
        """The cells of the first rows by column."""
        return list(zip_longest(*self.beginning(), fillvalue=""))

    def reopen(self, *, header: bool, delimiter: str | None = None) -> None:
        """Opens the same file with another layout."""
        self._header, self._delimiter = header, delimiter or self._delimiter
        self._ready = self._processes[-1]
        self._take(self._ready.ask(do="open", header=header, delimiter=self._delimiter))

    def _open(self, kind: str, options: ImportOptions) -> None:
        if not self._path.is_file():
            raise AppError("no_file", _("There is no file %s.") % self._path, field="file")
        process = FileProcess(self._path, self._limits)
        self._processes.append(process)
        facts = process.ask(do="examine", known=None)
        self.has_real_dates, self.total_lines, self._known = facts["workbook"], facts["lines"], facts["known"]
        if not self._delimiter:
            self._delimiter = _guess_delimiter(process.ask(do="sample"), kind, options)
        self._take(process.ask(do="open", header=self._header, delimiter=self._delimiter))
        self._ready = process

    def _take(self, opened: dict[str, Any]) -> None:
        self.headings, self.width = opened["headings"], opened["width"]

    def _start(self) -> FileProcess:
        process = FileProcess(self._path, self._limits)
        self._processes.append(process)
        process.ask(do="examine", known=self._known)
        process.ask(do="open", header=self._header, delimiter=self._delimiter)
        return process


def _guess_delimiter(samples: dict[str, tuple[list[str], int]], kind: str, options: ImportOptions) -> str:
    """The delimiter that gives the most recognised headings, then the most columns."""

    def merit(delimiter: str) -> tuple[int, int]:
        headings, width = samples[delimiter]
        known = sum(bool(name) for name in suggest_fields(kind, headings, options.mapping)) if options.header else 0
        return known, width

    return max(samples, key=merit, default=",")
