"""An XLSX file as rows of cells."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from core.imports.services.files.limits import MOST_COLUMNS
from core.imports.services.files.package import UNREADABLE, Package, SheetEntry
from core.imports.services.files.problems import empty_file
from core.imports.services.files.sheets import Row, Sheet
from core.imports.services.files.tables import Batches, TableReader
from core.imports.services.files.texts import SAMPLED_ROWS, sampled_cell
from core.imports.services.files.xml import unreadable

# As many as can be looked through, and as much of each, where there are several.
MOST_SHEETS = 50
SAMPLED_BATCHES = 500


class WorkbookFile(TableReader):
    def __init__(self, package: Package) -> None:
        super().__init__()
        self._package = package

    def examine(self) -> dict[str, Any]:
        self._sheets = self._package.sheets[:MOST_SHEETS]
        return {"format": "workbook", "known": None, "lines": 1}

    def sample(self, delimiters: object, name: str | None) -> list[dict[str, Any]]:
        del delimiters
        meant = [one for one in self._sheets if (one.name == name if name is not None else not one.is_hidden)]
        most = SAMPLED_BATCHES if len(meant) > 1 else None
        rows = {entry.part: self._sampled(entry, most) for entry in meant}
        if most is not None and not any(sampled for sampled, _merged in rows.values()):
            rows = {entry.part: self._sampled(entry, None) for entry in meant}
        if meant and not any(sampled for sampled, _merged in rows.values()):
            raise empty_file()
        return [
            {"sheet": one.name, "is_hidden": one.is_hidden, "rows": sampled, "merged": merged}
            for one in self._sheets
            for sampled, merged in [rows.get(one.part, ([], []))]
        ]

    def batches(self, sheet: str | None) -> Batches:
        entry = next(entry for entry in self._sheets if entry.name == sheet)
        self._sheet = self._package.open_sheet(entry, self.counted_once)
        self.merged, self.hidden = self._sheet.merged, self._sheet.hidden
        return _guarded(self._sheet)

    @property
    def is_1904(self) -> bool:
        return self._package.is_1904

    @property
    def declared_rows(self) -> int:
        return self._sheet.declared_rows

    @property
    def lacks_results(self) -> bool:
        return self._sheet.lacks_results

    def _sampled(self, entry: SheetEntry, most: int | None) -> tuple[list[Row], list[tuple[int, ...]]]:
        rows: list[Row] = []
        sheet = self._package.open_sheet(entry)
        for batch in islice(_guarded(sheet), most):
            rows += batch
            if len(rows) >= SAMPLED_ROWS:
                break
        rows = [(line, list(map(sampled_cell, cells))) for line, cells in rows[:SAMPLED_ROWS]]
        last = rows[-1][0] if rows else 0
        return rows, [tuple(one) for one in sheet.merged if one.first_row <= last][:MOST_COLUMNS]


def _guarded(sheet: Sheet) -> Iterator[list[Row]]:
    try:
        yield from sheet.batches()
    except UNREADABLE as error:
        raise unreadable() from error
