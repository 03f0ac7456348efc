"""XLS, XLSB and OpenDocument sheets. The library holds a sheet in memory: the limits of the process bound it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import python_calamine as calamine

from core.imports.services.files.cells import as_text, read_number
from core.imports.services.files.compound import unreadable_old_book
from core.imports.services.files.formats import OLD_BOOK, OPEN_DOCUMENT, protected
from core.imports.services.files.hidden import HiddenRows
from core.imports.services.files.limits import LONGEST_CELL, MOST_COLUMNS
from core.imports.services.files.merged import MergedCell, MergedOverRows
from core.imports.services.files.old_records import BookFacts, SheetFacts, read_old_book
from core.imports.services.files.open_documents import read_open_document, unreadable_document
from core.imports.services.files.problems import FileProblem, empty_file, too_wide
from core.imports.services.files.sheets import Row
from core.imports.services.files.strings import refuse_long_cell
from core.imports.services.files.tables import Batches, TableReader
from core.imports.services.files.texts import SAMPLED_ROWS, sampled_cell
from core.imports.services.files.xml import too_large
from core.shared.spreadsheets import unescape_formulas

BATCH = 500


class OldBookFile(TableReader):
    def __init__(self, path: Path, format_name: str) -> None:
        super().__init__()
        self._path, self._format = path, format_name
        self._rows = 0
        # What the library does not tell; of XLS and OpenDocument.
        self._told: BookFacts | None = None
        self._facts: dict[str, SheetFacts] = {}

    def examine(self) -> dict[str, Any]:
        if self._format == OPEN_DOCUMENT:
            self._told = read_open_document(self._path)
        elif self._format == OLD_BOOK:
            self._told = read_old_book(self._path)
        try:
            # The library goes by the name; without a known one it keeps to itself what is wrong.
            with TemporaryDirectory() as folder:
                link = Path(folder) / f"book.{self._format}"
                link.symlink_to(self._path.absolute())
                self._book = calamine.CalamineWorkbook.from_path(str(link))
            known = self._book.sheets_metadata
            self._sheets = [
                (one.name, one.visible != calamine.SheetVisibleEnum.Visible)
                for one in known
                if one.typ == calamine.SheetTypeEnum.WorkSheet
            ]
        except calamine.PasswordError as error:
            raise protected() from error
        except (calamine.CalamineError, OSError) as error:
            raise _refusal(error, self._format) from error
        if not self._sheets:
            raise empty_file()
        if self._told:
            self._facts = dict(zip((one.name for one in known), self._told.sheets, strict=False))
        return {"format": "workbook", "known": None, "lines": 1}

    def sample(self, delimiters: object, name: str | None) -> list[dict[str, Any]]:
        del delimiters
        samples = []
        for sheet, hidden in self._sheets:
            meant = sheet == name if name is not None else not hidden
            rows = list(islice((row for batch in self.batches(sheet) for row in batch), SAMPLED_ROWS)) if meant else []
            shown = [(line, list(map(sampled_cell, cells))) for line, cells in rows]
            last = rows[-1][0] if rows else 0
            merged = [tuple(one) for one in self.merged if one.first_row <= last] if meant else []
            samples.append({"sheet": sheet, "is_hidden": hidden, "rows": shown, "merged": merged})
        if not any(one["rows"] for one in samples) and name is None:
            raise empty_file()
        return samples

    @property
    def is_1904(self) -> bool | None:
        return self._told.is_1904 if self._told else None

    @property
    def declared_rows(self) -> int:
        return self._rows

    def batches(self, sheet: str | None) -> Batches:
        try:
            table = self._book.get_sheet_by_name(sheet or "")
        except (calamine.CalamineError, OSError) as error:
            raise _refusal(error, self._format) from error
        self._rows = table.total_height + 1
        ranges = table.merged_cell_ranges or []
        facts = self._facts.get(sheet or "", SheetFacts([], []))
        merged = [MergedCell(top + 1, left + 1, low + 1, right + 1) for (top, left), (low, right) in ranges]
        self.merged, self.hidden = sorted([*merged, *facts.merged]), HiddenRows()
        return self._batches_of(table, MergedOverRows(self.merged, self.counted_once), facts.hidden)

    def _batches_of(
        self, table: Any, over_rows: MergedOverRows, hidden: Sequence[tuple[int, int]]
    ) -> Iterator[list[Row]]:
        rows: list[Row] = []
        coming = [*reversed(hidden)]
        for line, row in enumerate(table.iter_rows(), 1):
            cells = {column: text for column, value in enumerate(row, 1) if (text := _as_text(value))}
            if cells:
                if max(cells) > MOST_COLUMNS:
                    raise too_wide(line)
                if over_rows:
                    over_rows.fill(line, cells)
                rows.append((line, [cells.get(column, "") for column in range(1, max(cells) + 1)]))
                while coming and coming[-1][1] < line:
                    coming.pop()
                if coming and coming[-1][0] <= line:
                    self.hidden.note(*rows[-1])
            if line % BATCH == 0:
                yield rows
                rows = []
        yield rows


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            refuse_long_cell(len(value))
        return unescape_formulas(value.strip())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return read_number(repr(value), None, is_1904=False)
    if isinstance(value, datetime):
        return as_text(value)
    return "" if value is None else str(value)


def _refusal(error: Exception, format_name: str) -> FileProblem:
    # What the library says where a sheet is larger than any it would hold.
    if "limit exceeded" in str(error):
        return too_large()
    return unreadable_document() if format_name == OPEN_DOCUMENT else unreadable_old_book()
