"""A table as a stream of row batches: delimited text, a sheet of a workbook or a web page, read by a child process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.utils.translation import gettext as _

from core.imports.services.columns import suggest_fields
from core.imports.services.encoding_question import KEY, encoding_question, likely_at_home, said_encoding
from core.imports.services.files.batches import RowBatch
from core.imports.services.files.charsets import ENCODINGS
from core.imports.services.files.layout import Layout, Sample, Wanted, find_layout, narrowest
from core.imports.services.files.process import IMPORT_LIMITS, FileProcess, Limits
from core.imports.services.files.texts import DELIMITERS
from core.imports.services.options import ImportOptions
from core.imports.services.questions import Question
from core.shared.errors import AppError
from core.shared.file_fields import fields_of


@dataclass(frozen=True)
class LeftOut:
    """Rows that are no records, of one kind, with examples of them."""

    reason: str
    rows: int
    examples: tuple[tuple[int, str], ...]


class TableSource:
    """Raises AppError if the file is unreadable or empty. A context manager: its child processes end with it."""

    # About how many there are, for the progress.
    total_lines: int
    # Dates come as dates, written 2018-03-04.
    has_real_dates: bool
    # Where the table was found.
    layout: Layout

    def __init__(self, path: Path, kind: str, options: ImportOptions, limits: Limits = IMPORT_LIMITS) -> None:
        self._path, self.kind, self._options, self._limits = path, kind, options, limits
        self._known: list[Any] | None = None
        self._delimiter = options.delimiter
        answer = options.answers.get(KEY)
        # What the user says of the encoding; None: it is recognised.
        self._encoding = options.encoding or (answer if answer in ENCODINGS else None)
        self._processes: list[FileProcess] = []
        # A child process that has opened the file; it can stream the rows once.
        self._ready: FileProcess | None = None
        # Those that have given their first rows and nothing else.
        self._spent: list[FileProcess] = []
        # Cells merged over rows: column → how many.
        self.merged: dict[int, int] = {}
        # Whether the workbook counts its days from 1904; None where nothing says it.
        self.is_1904: bool | None = None
        # Of a text.
        self.encoding: str | None = None
        # About how the file is to be read.
        self.questions: list[Question] = []
        # What was met while reading, once all of it is read.
        self.left_out: tuple[LeftOut, ...] = ()
        # Where formulas have no result: column → how many, and the first line.
        self.formulas: dict[int, tuple[int, int]] = {}
        try:
            self._open()
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

    @property
    def headings(self) -> list[str]:
        """Empty for a file without any."""
        return list(self.layout.headings)

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.layout.width

    def chunks(self) -> Iterator[RowBatch]:
        process = self._ready or self._start()
        self._ready = None
        yield from process.rows(chunks=None)
        self.formulas = process.told["formulas"]
        self.left_out = tuple(
            LeftOut(reason, rows, tuple(map(tuple, examples))) for reason, rows, examples in process.told["left_out"]
        )
        self._end(process)

    def beginning(self) -> list[list[str]]:
        """The first rows only."""
        process, self._ready = self._ready or self._start(), None
        self._spent.append(process)
        return [row for batch in process.rows(chunks=1) for row in batch.cells]

    def columns(self) -> list[tuple[str, ...]]:
        """The cells of the first rows by column."""
        return list(zip_longest(*self.beginning(), fillvalue=""))

    def count_once(self, columns: Sequence[int]) -> None:
        """Of a cell that is merged over rows in one of these columns, the rows below the first get a zero."""
        self.layout = replace(self.layout, counted_once=tuple(columns))
        self._ready = None

    def reopen(self, *, header: bool, delimiter: str | None = None) -> None:
        """Opens the same file with another layout."""
        process = self._processes[-1]
        self._spent.clear()
        self._options = replace(self._options, header=header, columns=None if header else ("-",))
        self._delimiter = delimiter or self._delimiter
        self._take_layout(process)

    def _open(self) -> None:
        if not self._path.is_file():
            raise AppError("no_file", _("There is no file %s.") % self._path, field="file")
        process, facts = self._examine()
        self.has_real_dates, self._known = facts["format"] == "workbook", facts["known"]
        self.total_lines = facts["lines"]
        if facts["format"] == "text":
            self._decide_encoding(process, facts["likely"])
        self._take_layout(process)

    def _examine(self) -> tuple[FileProcess, dict[str, Any]]:
        process = FileProcess(self._path, self._limits)
        self._processes.append(process)
        facts = process.ask(do="examine", known=None, encoding=self._encoding)
        if facts["format"] == "archive":
            raise AppError("nested_archive", _("A ZIP file within a ZIP file is not read. Unpack it."), field="file")
        return process, facts

    def _decide_encoding(self, process: FileProcess, likely: list[Any] | None) -> None:
        if self._encoding is not None and self._options.encoding is None:
            self.questions.append(said_encoding(self._encoding))
        elif likely is not None and self._known:
            is_open, readings = likely
            at_home = likely_at_home(readings, is_open=is_open)
            taken = at_home or (None if is_open else self._known[0])
            self.questions.append(encoding_question(readings, taken, by_country=at_home is not None))
            if taken and taken != self._known[0]:
                self._known[0] = taken
                process.ask(do="examine", known=self._known, encoding=None)
        self.encoding = self._known[0] if self._known else None

    def _end(self, process: FileProcess) -> None:
        self._processes.remove(process)
        process.close()

    def _take_layout(self, process: FileProcess) -> None:
        delimiters = [self._delimiter] if self._delimiter else DELIMITERS
        told = process.ask(do="sample", delimiters=delimiters, sheet=self._options.sheet)
        self.layout = _choose([Sample.from_child(one) for one in told], self.kind, self._options)
        opened = process.ask(do="open", layout=self.layout.for_child())
        self.total_lines, self.merged = max(opened["lines"], self.total_lines), opened["merged"]
        self.is_1904 = opened["is_1904"]
        self._ready = process

    def _start(self) -> FileProcess:
        """In the place of those that have given their first rows, which hold as much memory as the one to come."""
        while self._spent:
            self._end(self._spent.pop())
        process = FileProcess(self._path, self._limits)
        self._processes.append(process)
        process.ask(do="examine", known=self._known, encoding=self._encoding)
        process.ask(do="open", layout=self.layout.for_child())
        return process


def _choose(samples: list[Sample], kind: str, options: ImportOptions) -> Layout:
    """Of delimiters and sheets, the one whose headings are known best, then the one with most columns."""

    def recognise(headings: Sequence[str]) -> int:
        return sum(map(bool, suggest_fields(kind, headings, options.mapping)))

    wanted = Wanted(options.header, options.heading_row or None, options.last_row)
    shown = _asked_sheets(samples, options.sheet)
    found = [(sample, find_layout(sample, recognise, wanted)) for sample in shown]
    layouts = [(layout, narrowest(layout, sample)) for sample, layout in found if layout is not None]
    if not layouts:
        message = _("Row %(row)s is blank, or not among the first rows of the file. Choose the row of the headings.")
        raise AppError("no_such_heading_row", message % {"row": options.heading_row}, field="heading_row")
    best, _width = max(layouts, key=lambda one: (_has_needed(one[0], kind, options), one[0].known, one[1]))
    others = [sample for sample in samples if sample.sheet != best.sheet]
    return replace(
        best,
        other_sheets=tuple(sample.sheet or "" for sample in others if not sample.is_hidden),
        hidden_sheets=tuple(sample.sheet or "" for sample in others if sample.is_hidden),
        like_sheets=tuple(
            one.sheet or "" for one, _width in layouts if one.sheet != best.sheet and one.headings == best.headings
        ),
    )


def _has_needed(layout: Layout, kind: str, options: ImportOptions) -> int:
    """How many of the fields without which a file of the kind says little."""
    found = set(suggest_fields(kind, layout.headings, options.mapping))
    needed = {item.name for item in fields_of(kind) if item.required}
    return len(needed & found) + bool(kind == "visits" and {"amount", "unit_price"} & found)


def _asked_sheets(samples: list[Sample], name: str | None) -> list[Sample]:
    """Those with rows. Raises AppError where there is no sheet of that name."""
    if name is not None and name not in {sample.sheet for sample in samples}:
        message = _("The workbook has no sheet “%(name)s”. Its sheets are: %(sheets)s.")
        sheets = ", ".join(sample.sheet or "" for sample in samples)
        raise AppError("unknown_sheet", message % {"name": name, "sheets": sheets}, field="sheet")
    return [sample for sample in samples if sample.rows]
