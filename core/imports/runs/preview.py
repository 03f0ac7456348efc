"""The beginning of a file, for a person to see what its columns hold."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from core.imports.models import ColumnMapping, ImportRun
from core.imports.runs.uploads import file_gone, place_of, private_file
from core.imports.services.columns import suggest
from core.imports.services.fields import LONGEST_HEADING
from core.imports.services.options import IGNORE, WHITESPACE, ImportOptions
from core.imports.services.reading import Source, open_source

SAMPLES = 3
LONGEST_SAMPLE = 60
LOOKED_AT = 1000
_DATA = re.compile(r"[-+\d.,:/\s]+")


@dataclass(frozen=True)
class PreviewColumn:
    index: int
    # Empty where the file has no headings.
    heading: str
    # Its cells that hold something, in the first rows.
    values: tuple[str, ...]

    @property
    def samples(self) -> list[str]:
        """Different ones, shortened."""
        found = list(dict.fromkeys(self.values))[:SAMPLES]
        return [text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…" for text in found]


@dataclass(frozen=True)
class Preview:
    columns: tuple[PreviewColumn, ...]
    is_workbook: bool

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]


def read_preview(path: Path, kind: str, draft: Mapping[str, Any]) -> Preview:
    """Raises AppError for a file that cannot be read."""
    source = open_source(path, kind, _layout(kind, draft))
    first = next(iter(source.chunks()), None)
    rows = first.cells if first else []
    return Preview(
        tuple(PreviewColumn(index, _heading(source, index), _values(rows, index)) for index in range(source.width)),
        source.has_real_dates,
    )


def preview_of(run: ImportRun) -> Preview:
    """Kept beside the file: a large file takes seconds to open. Raises AppError."""
    path = place_of(run.path)
    if not path.is_file():
        raise file_gone()
    kept = path.with_name("preview.json")
    layout = [run.options.get("header", True), run.options.get("delimiter")]
    if kept.is_file():
        said = json.loads(kept.read_text())
        if said["layout"] == layout:
            columns = (PreviewColumn(index, heading, tuple(values)) for index, heading, values in said["columns"])
            return Preview(tuple(columns), said["is_workbook"])
    preview = read_preview(path, run.kind, run.options)
    columns_said = [[column.index, column.heading, column.values] for column in preview.columns]
    document = {"layout": layout, "is_workbook": preview.is_workbook, "columns": columns_said}
    # Renamed into place: another request may be reading.
    draft = private_file(path.with_name(f"preview-{uuid.uuid4()}.json"))
    with draft:
        draft.write(json.dumps(document).encode())
    Path(draft.name).rename(kept)
    return preview


def _layout(kind: str, draft: Mapping[str, Any]) -> ImportOptions:
    """Only what tells rows and columns apart."""
    header = draft.get("header", True)
    return ImportOptions(
        mapping=remembered(kind), header=header, columns=None if header else (IGNORE,), delimiter=draft.get("delimiter")
    )


def _heading(source: Source, index: int) -> str:
    """As `recognise` compares it."""
    return source.headings[index].strip("\ufeff \t") if source.headings else ""


def _values(rows: list[list[str]], index: int) -> tuple[str, ...]:
    return tuple(islice((row[index].strip() for row in rows if index < len(row) and row[index].strip()), LOOKED_AT))


def guess_layout(path: Path, kind: str) -> dict[str, Any]:
    """Whether the file has headings, and whether runs of spaces part its columns. Raises AppError."""
    draft: dict[str, Any] = {"header": True, "delimiter": None}
    preview = read_preview(path, kind, draft)
    if len(preview.columns) == 1 and not preview.is_workbook and _is_table_of_words(preview.columns[0]):
        draft["delimiter"] = WHITESPACE
        preview = read_preview(path, kind, draft)
    known = any(suggest(kind, preview.headings, remembered(kind)))
    if not known and any(map(_is_data, preview.headings)):
        draft["header"] = False
    return draft


def _is_data(heading: str) -> bool:
    """A number, a date, or more than any heading says."""
    if len(heading) > LONGEST_HEADING:
        return True
    return _DATA.fullmatch(heading) is not None and any(map(str.isdecimal, heading))


def _is_table_of_words(column: PreviewColumn) -> bool:
    widths = {len(text.split()) for text in (column.heading, *column.values)}
    return len(widths) == 1 and widths != {1}


def remembered(kind: str) -> dict[str, str]:
    """What the chain has said its headings mean."""
    rows = ColumnMapping.objects.filter(kind=kind).values_list("column", "field")
    return {column: field or IGNORE for column, field in rows}


def remember(kind: str, mapping: Mapping[str, str]) -> None:
    ColumnMapping.objects.bulk_create(
        [
            ColumnMapping(kind=kind, column=heading, field="" if field == IGNORE else field)
            for heading, field in mapping.items()
            if heading and len(heading) <= LONGEST_HEADING
        ],
        update_conflicts=True,
        unique_fields=["kind", "column"],
        update_fields=["field"],
    )
