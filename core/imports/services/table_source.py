"""A table as a stream of row batches: delimited text, a sheet of a workbook or a web page, read by a child process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.utils.translation import gettext as _

from core.imports.services.column_questions import BLANK, CLIENT_FIELDS, ERRORS, rows_that_go_on
from core.imports.services.column_values import looks_like_dates
from core.imports.services.columns import suggest_fields
from core.imports.services.encoding_question import KEY, encoding_question, likely_at_home, said_encoding
from core.imports.services.files.batches import RowBatch
from core.imports.services.files.charsets import ENCODINGS
from core.imports.services.files.fill_down import FillDown, find_rows_that_go_on
from core.imports.services.files.groups import GROUPS, Groups, Look, find_groups, looks_chinese
from core.imports.services.files.layout import DATA, Layout, Sample, Wanted, find_layout, narrowest
from core.imports.services.files.process import IMPORT_LIMITS, FileProcess, Limits
from core.imports.services.files.sieve import Sieve, shown
from core.imports.services.files.texts import DELIMITERS
from core.imports.services.options import ImportOptions
from core.imports.services.questions import Question
from core.imports.services.values.codes import folded_name
from core.shared.errors import AppError
from core.shared.file_fields import fields_of
from core.stores.selectors import codes_and_names

# Kinds whose rows hold more than one cell.
GROUPED = {"visits", "appointments", "balances"}
# Kinds whose rows are of a day, and what else the rows of one visit have alike.
DATED = {"visits", "appointments"}
OF_A_VISIT = {"visit_ref", "appointment_ref", "started_at", "start_time", "store_code"} | CLIENT_FIELDS


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
        # Lines that name what stands below them, each with a column of its own.
        self._groups: Groups | None = None
        # Rows that go on from the row above.
        self._fill: FillDown | None = None
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
        return [*self.layout.headings, *(self._groups.headings if self._groups else ())]

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.layout.width + (len(self._groups.headings) if self._groups else 0)

    def chunks(self) -> Iterator[RowBatch]:
        process = self._ready or self._start()
        self._ready = None
        groups, fill = self._groups and self._groups.begin(), self._fill and self._fill.begin()
        for batch in process.rows(chunks=None):
            rows = groups.spread(batch) if groups else batch
            if rows.lines:
                yield fill.fill(rows) if fill else rows
        self.formulas = process.told["formulas"]
        left_out = [*process.told["left_out"], *(groups.left_out() if groups else ()), *(fill.filled() if fill else ())]
        self.left_out = tuple(LeftOut(reason, rows, tuple(map(tuple, examples))) for reason, rows, examples in left_out)
        self._end(process)

    def beginning(self) -> list[list[str]]:
        """The first rows only."""
        process, self._ready = self._ready or self._start(), None
        self._spent.append(process)
        batches = process.rows(chunks=1)
        if self._groups:
            batches = map(self._groups.begin().spread, batches)
        if self._fill:
            batches = map(self._fill.begin().fill, batches)
        return [row for batch in batches for row in batch.cells]

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
        self.layout, sample = _choose([Sample.from_child(one) for one in told], self.kind, self._options)
        self._groups = groups = self._find_groups(sample)
        if groups:
            shown = (
                replace(row, role=GROUPS) if row.role == DATA and groups.read(row.cells) else row
                for row in self.layout.beginning
            )
            self.layout = replace(self.layout, beginning=tuple(shown))
        self._fill = self._find_rows_that_go_on(sample)
        opened = process.ask(do="open", layout=self.layout.for_child())
        self.total_lines, self.merged = max(opened["lines"], self.total_lines), opened["merged"]
        self.is_1904 = opened["is_1904"]
        self._ready = process

    def _find_groups(self, sample: Sample) -> Groups | None:
        if self.kind not in GROUPED or not self.layout.headings:
            return None
        mapping, headings = self._options.mapping, self.layout.headings
        fields = suggest_fields(self.kind, headings, mapping)
        look = Look(
            is_heading=lambda text: bool(suggest_fields(self.kind, [text], {})[0]),
            is_day=lambda text: looks_like_dates([text]),
            is_store=lambda text: folded_name(text) in self._known_stores,
            day_column=fields.index("started_at") if "started_at" in fields else None,
            is_chinese=looks_chinese(headings),
        )
        lines = self.layout.heading_lines
        above = [row for row in sample.rows if row[0] < lines[0]]
        rows = [row for row in sample.rows if row[0] >= self.layout.first_line]
        return find_groups(
            rows, above[-1] if above else None, [row for line, row in sample.rows if line in lines], look
        )

    def _find_rows_that_go_on(self, sample: Sample) -> FillDown | None:
        fields = suggest_fields(self.kind, self.layout.headings, self._options.mapping)
        if self.kind not in DATED or "started_at" not in fields:
            return None
        columns = [index for index, name in enumerate(fields) if name in OF_A_VISIT]
        own = [index for index, name in enumerate(fields) if name in {"started_at", "visit_ref", "appointment_ref"}]
        fill, groups = FillDown(columns, own, self.layout.width), self._groups
        rows = [row for row in sample.rows if row[0] >= self.layout.first_line]
        rows = [row for row in rows if groups is None or groups.read(row[1]) is None]
        headings = [cells for line, cells in sample.rows if line in self.layout.heading_lines]
        found = find_rows_that_go_on(rows, fill, Sieve(headings))
        self.questions = [one for one in self.questions if one.key != BLANK]
        if not found:
            return None
        day = self.layout.headings[fields.index("started_at")]
        self.questions.append(rows_that_go_on([shown(cells) for _line, cells in found], day))
        return None if self._options.answers.get(BLANK) == ERRORS else fill

    @cached_property
    def _known_stores(self) -> set[str]:
        return {folded_name(text) for both in codes_and_names() for text in both}

    def _start(self) -> FileProcess:
        """In the place of those that have given their first rows, which hold as much memory as the one to come."""
        while self._spent:
            self._end(self._spent.pop())
        process = FileProcess(self._path, self._limits)
        self._processes.append(process)
        process.ask(do="examine", known=self._known, encoding=self._encoding)
        process.ask(do="open", layout=self.layout.for_child())
        return process


def _choose(samples: list[Sample], kind: str, options: ImportOptions) -> tuple[Layout, Sample]:
    """Of delimiters and sheets, the one whose headings are known best, then the one with most columns."""

    def recognise(headings: Sequence[str]) -> int:
        return sum(map(bool, suggest_fields(kind, headings, options.mapping)))

    wanted = Wanted(options.header, options.heading_row or None, options.last_row)
    shown = _asked_sheets(samples, options.sheet)
    found = [(sample, find_layout(sample, recognise, wanted)) for sample in shown]
    layouts = [(layout, narrowest(layout, sample), sample) for sample, layout in found if layout is not None]
    if not layouts:
        message = _("Row %(row)s is blank, or not among the first rows of the file. Choose the row of the headings.")
        raise AppError("no_such_heading_row", message % {"row": options.heading_row}, field="heading_row")
    best, _width, chosen = max(layouts, key=lambda one: (_has_needed(one[0], kind, options), one[0].known, one[1]))
    others = [sample for sample in samples if sample.sheet != best.sheet]
    best = replace(
        best,
        other_sheets=tuple(sample.sheet or "" for sample in others if not sample.is_hidden),
        hidden_sheets=tuple(sample.sheet or "" for sample in others if sample.is_hidden),
        like_sheets=tuple(
            one.sheet or "" for one, *_rest in layouts if one.sheet != best.sheet and one.headings == best.headings
        ),
        similar_sheets=tuple(
            one.sheet or ""
            for one, *_rest in layouts
            if one.sheet != best.sheet
            and one.headings != best.headings
            and 0 < _has_needed(best, kind, options) == _has_needed(one, kind, options)
        ),
    )
    return best, chosen


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
