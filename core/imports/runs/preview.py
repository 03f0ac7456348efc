"""The beginning of a file, for a person to see what its columns hold: read in the background, kept beside the file."""

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
from core.imports.services.files.process import LOOK_LIMITS
from core.imports.services.files.texts import WHITESPACE
from core.imports.services.options import IGNORE, ImportOptions
from core.imports.services.reading import FileSource

SAMPLES = 3
LONGEST_SAMPLE = 60
# Of a cell as much as tells a date or a text.
LONGEST_VALUE = 200
LOOKED_AT = 1000
KEPT_NAME = "preview.json"
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


def read_preview(path: Path, kind: str, draft: Mapping[str, Any]) -> tuple[dict[str, Any], Preview]:
    """How the rows and columns are told apart, guessed where the draft does not say it, and what they hold.

    Raises AppError for a file that cannot be read.
    """
    layout = {"header": draft.get("header", True), "delimiter": draft.get("delimiter")}
    with FileSource(path, kind, _layout(kind, layout), LOOK_LIMITS) as source:
        preview = _beginning(source)
        if "header" in draft:
            return layout, preview
        if len(preview.columns) == 1 and not preview.is_workbook and _is_table_of_words(preview.columns[0]):
            layout["delimiter"] = WHITESPACE
            source.reopen(header=True, delimiter=WHITESPACE)
            preview = _beginning(source)
        known = any(suggest(kind, preview.headings, remembered(kind)))
        if not known and any(map(_is_data, preview.headings)):
            layout["header"] = False
            source.reopen(header=False)
            preview = _beginning(source)
    return layout, preview


def _beginning(source: FileSource) -> Preview:
    rows = source.beginning()
    columns = (PreviewColumn(index, _heading(source, index), _values(rows, index)) for index in range(source.width))
    return Preview(tuple(columns), source.has_real_dates)


def preview_of(run: ImportRun) -> Preview | None:
    """What was kept when the file was looked at; None where it has to be looked at. Raises AppError: it is gone."""
    path = place_of(run.path)
    if not path.is_file():
        raise file_gone()
    said = _kept(path)
    if said is None or said["layout"] != [run.options.get("header", True), run.options.get("delimiter")]:
        return None
    columns = (PreviewColumn(index, heading, tuple(values)) for index, heading, values in said["columns"])
    return Preview(tuple(columns), said["is_workbook"])


def keep_preview(path: Path, layout: Mapping[str, Any], preview: Preview) -> None:
    columns = [[column.index, column.heading, column.values] for column in preview.columns]
    document = {
        "layout": [layout["header"], layout["delimiter"]],
        "is_workbook": preview.is_workbook,
        "columns": columns,
    }
    # Renamed into place: a request may be reading.
    draft = private_file(path.with_name(f"preview-{uuid.uuid4()}.json"))
    with draft:
        draft.write(json.dumps(document).encode())
    Path(draft.name).rename(path.with_name(KEPT_NAME))


def kept_layout(path: Path) -> dict[str, Any] | None:
    """How the file was read when it was last looked at."""
    said = _kept(path)
    return dict(zip(("header", "delimiter"), said["layout"], strict=True)) if said else None


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = json.loads(path.with_name(KEPT_NAME).read_text())
    except FileNotFoundError:
        return None
    return said


def _layout(kind: str, draft: Mapping[str, Any]) -> ImportOptions:
    """Only what tells rows and columns apart."""
    header = draft.get("header", True)
    return ImportOptions(
        mapping=remembered(kind), header=header, columns=None if header else (IGNORE,), delimiter=draft.get("delimiter")
    )


def _heading(source: FileSource, index: int) -> str:
    """As `recognise` compares it."""
    return source.headings[index].strip("\ufeff \t") if source.headings else ""


def _values(rows: list[list[str]], index: int) -> tuple[str, ...]:
    cells = (row[index].strip() for row in rows if index < len(row))
    return tuple(islice((cell[:LONGEST_VALUE] for cell in cells if cell), LOOKED_AT))


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
