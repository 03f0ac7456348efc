"""The preview of a file: the cells of its first rows by column, read by a job and stored beside the upload."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from core.imports.models import ImportRun
from core.imports.runs.uploads import file_deleted, private_file, upload_path
from core.imports.services.encoding_question import KEY
from core.imports.services.file_source import FileSource
from core.imports.services.files.layout import ShownRow, looks_like_data
from core.imports.services.files.process import LOOK_LIMITS
from core.imports.services.files.texts import WHITESPACE
from core.imports.services.options import IGNORE, ImportOptions
from core.imports.services.profiles import known_fields

SAMPLES = 3
LONGEST_SAMPLE = 60
# Of a cell as much as tells a date or a text.
LONGEST_VALUE = 200
MAX_VALUES = 1000
PREVIEW_NAME = "preview.json"
# The options that say where the table is, with what they are where nothing is said.
LAYOUT: dict[str, Any] = {
    "header": True,
    "heading_row": None,
    "last_row": None,
    "sheet": None,
    "delimiter": None,
    "encoding": None,
}


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
        distinct = list(dict.fromkeys(self.values))[:SAMPLES]
        return [text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…" for text in distinct]


@dataclass(frozen=True)
class Preview:
    columns: tuple[PreviewColumn, ...]
    is_workbook: bool
    # The first rows of the file, with what each was taken for.
    rows: tuple[ShownRow, ...] = ()
    # Of a workbook: the one that was read, then the others that can be.
    sheets: tuple[str, ...] = ()
    # Of a text: its encoding, and the likely readings, where the user has to choose one.
    encoding: str = ""
    readings: tuple[tuple[str, str], ...] = ()
    # Whether the workbook counts its days from 1904; None where nothing says it.
    is_1904: bool | None = None

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]


def read_preview(path: Path, kind: str, draft: Mapping[str, Any]) -> tuple[dict[str, Any], Preview]:
    """Returns how the table is laid out (as the draft says, or as it was found) and the preview read with it.

    Raises AppError for a file that cannot be read.
    """
    layout = layout_of(draft)
    with FileSource(path, kind, _layout(kind, layout), LOOK_LIMITS) as source:
        preview = _first_rows(source)
        if "header" in draft:
            return layout, preview
        if len(preview.columns) == 1 and not preview.is_workbook and _is_table_of_words(preview.columns[0]):
            layout["delimiter"] = WHITESPACE
            source.reopen(header=True, delimiter=WHITESPACE)
            preview = _first_rows(source)
        if not source.layout.known and any(map(looks_like_data, preview.headings)):
            layout["header"] = False
            source.reopen(header=False)
            preview = _first_rows(source)
    return layout, preview


def _first_rows(source: FileSource) -> Preview:
    rows = source.beginning()
    columns = (PreviewColumn(index, _heading(source, index), _values(rows, index)) for index in range(source.width))
    layout = source.layout
    sheets = (layout.sheet, *layout.other_sheets) if layout.sheet else ()
    question = next((one for one in source.questions if one.key == KEY and one.is_open), None)
    readings = tuple((choice.value, choice.label) for choice in question.choices) if question else ()
    return Preview(
        tuple(columns),
        source.has_real_dates,
        layout.beginning,
        sheets,
        source.encoding or "",
        readings,
        source.is_1904,
    )


def load_preview(run: ImportRun) -> Preview | None:
    """The stored preview; None if the file has to be inspected (again). Raises AppError if the file was deleted."""
    path = upload_path(run.path)
    if not path.is_file():
        raise file_deleted()
    document = _load_document(path)
    if document is None or document["layout"] != layout_of(run.options):
        return None
    columns = (PreviewColumn(index, heading, tuple(values)) for index, heading, values in document["columns"])
    rows = (ShownRow(line, role, tuple(cells)) for line, role, cells in document["rows"])
    return Preview(
        columns=tuple(columns),
        is_workbook=document["is_workbook"],
        rows=tuple(rows),
        sheets=tuple(document["sheets"]),
        encoding=document["encoding"],
        readings=tuple((value, label) for value, label in document["readings"]),
        is_1904=document.get("is_1904"),
    )


def save_preview(path: Path, layout: Mapping[str, Any], preview: Preview) -> None:
    columns = [[column.index, column.heading, column.values] for column in preview.columns]
    document = {
        "layout": layout,
        "is_workbook": preview.is_workbook,
        "columns": columns,
        "rows": [[row.line, row.role, row.cells] for row in preview.rows],
        "sheets": preview.sheets,
        "encoding": preview.encoding,
        "readings": preview.readings,
        "is_1904": preview.is_1904,
    }
    # Renamed into place: a request may be reading.
    file = private_file(path.with_name(f"preview-{uuid.uuid4()}.json"))
    with file:
        file.write(json.dumps(document).encode())
    Path(file.name).rename(path.with_name(PREVIEW_NAME))


def saved_layout(path: Path) -> dict[str, Any] | None:
    """The layout the file was last inspected with."""
    document = _load_document(path)
    return document["layout"] if document else None


def layout_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """How the table of a file is laid out, of all options."""
    return {name: options.get(name, unsaid) for name, unsaid in LAYOUT.items()}


def _load_document(path: Path) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads(path.with_name(PREVIEW_NAME).read_text())
    except FileNotFoundError:
        return None
    return document


def _layout(kind: str, draft: Mapping[str, Any]) -> ImportOptions:
    """The options that decide where rows and columns begin, without the others."""
    return ImportOptions(mapping=known_fields(kind), columns=None if draft["header"] else (IGNORE,), **layout_of(draft))


def _heading(source: FileSource, index: int) -> str:
    """Stripped as `match_columns` does it."""
    return source.headings[index].strip("\ufeff \t") if source.headings else ""


def _values(rows: list[list[str]], index: int) -> tuple[str, ...]:
    cells = (row[index].strip() for row in rows if index < len(row))
    return tuple(islice((cell[:LONGEST_VALUE] for cell in cells if cell), MAX_VALUES))


def _is_table_of_words(column: PreviewColumn) -> bool:
    widths = {len(text.split()) for text in (column.heading, *column.values)}
    return len(widths) == 1 and widths != {1}
