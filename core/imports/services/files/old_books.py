"""XLS, XLSB and OpenDocument sheets. The library holds a sheet in memory: the limits of the process bound it."""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import python_calamine as calamine

from core.imports.services.files.cells import as_text, read_number
from core.imports.services.files.compound import unreadable_old_book
from core.imports.services.files.formats import OLD_BOOK, OPEN_DOCUMENT, protected
from core.imports.services.files.limits import LONGEST_CELL, MOST_COLUMNS
from core.imports.services.files.merged import MergedCell, MergedOverRows
from core.imports.services.files.old_records import OldBook, read_old_book
from core.imports.services.files.package import UNREADABLE
from core.imports.services.files.problems import FileProblem, empty_file, gettext_noop, too_wide
from core.imports.services.files.sheets import Row
from core.imports.services.files.strings import refuse_long_cell
from core.imports.services.files.tables import Batches, TableReader
from core.imports.services.files.texts import SAMPLED_ROWS, sampled_cell
from core.imports.services.files.xml import too_large
from core.shared.spreadsheets import unescape_formulas

BATCH = 500
BLOCK = 1 << 20
_SPANNED = re.compile(rb'number-rows-spanned="(?!1")')


class OldBookFile(TableReader):
    def __init__(self, path: Path, format_name: str) -> None:
        super().__init__()
        self._path, self._format = path, format_name
        self._rows = 0
        # What the library does not tell; of XLS alone.
        self._told: OldBook | None = None

    def examine(self) -> dict[str, Any]:
        if self._format == OPEN_DOCUMENT:
            _refuse_spanned(self._path)
        elif self._format == OLD_BOOK:
            self._told = read_old_book(self._path)
        try:
            # The library goes by the name; without a known one it keeps to itself what is wrong.
            with TemporaryDirectory() as folder:
                link = Path(folder) / f"book.{self._format}"
                link.symlink_to(self._path.absolute())
                self._book = calamine.CalamineWorkbook.from_path(str(link))
            self._sheets = [
                (one.name, one.visible != calamine.SheetVisibleEnum.Visible)
                for one in self._book.sheets_metadata
                if one.typ == calamine.SheetTypeEnum.WorkSheet
            ]
        except calamine.PasswordError as error:
            raise protected() from error
        except (calamine.CalamineError, OSError) as error:
            raise _refusal(error, self._format) from error
        if not self._sheets:
            raise empty_file()
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
        self.merged = sorted(MergedCell(top + 1, left + 1, low + 1, right + 1) for (top, left), (low, right) in ranges)
        return self._batches_of(table, MergedOverRows(self.merged, self.counted_once))

    def _batches_of(self, table: Any, over_rows: MergedOverRows) -> Iterator[list[Row]]:
        rows: list[Row] = []
        for line, row in enumerate(table.iter_rows(), 1):
            cells = {column: text for column, value in enumerate(row, 1) if (text := _as_text(value))}
            if cells:
                if max(cells) > MOST_COLUMNS:
                    raise too_wide(line)
                if over_rows:
                    over_rows.fill(line, cells)
                rows.append((line, [cells.get(column, "") for column in range(1, max(cells) + 1)]))
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


def _refuse_spanned(path: Path) -> None:
    """The library does not say what is merged, and a merged client would be read as none."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as part:
            rest = b""
            while block := part.read(BLOCK):
                if _SPANNED.search(rest + block):
                    message = gettext_noop(
                        "This OpenDocument sheet (.ods) has cells merged over several rows. Save it as .xlsx."
                    )
                    raise FileProblem("merged_rows", message)
                rest = block[-100:]
    except (*UNREADABLE, KeyError) as error:
        raise _unreadable(OPEN_DOCUMENT) from error


def _refusal(error: Exception, format_name: str) -> FileProblem:
    # What the library says where a sheet is larger than any it would hold.
    return too_large() if "limit exceeded" in str(error) else _unreadable(format_name)


def _unreadable(format_name: str) -> FileProblem:
    if format_name == OPEN_DOCUMENT:
        message = gettext_noop("This OpenDocument file (.ods) cannot be read. Save the sheet as .xlsx or CSV.")
        return FileProblem("unreadable_workbook", message)
    return unreadable_old_book()
