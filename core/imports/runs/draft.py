"""How a file is to be read, as far as it has been said: what `ImportRun.options` holds until the file is imported."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.imports.runs.preview import Preview, remembered
from core.imports.services.columns import suggest
from core.imports.services.fields import fields_of
from core.imports.services.options import IGNORE, ImportOptions
from core.shared.file_fields import Value

Draft = dict[str, Any]
DATES = {Value.DATE, Value.DATE_TIME, Value.BIRTH_DATE}


def meanings(kind: str, preview: Preview, draft: Mapping[str, Any]) -> list[str]:
    """The field of each column, IGNORE for none: as said for this file, else as remembered or recognised."""
    if not draft.get("header", True):
        columns = draft.get("columns") or ()
        return list(columns) if len(columns) == len(preview.columns) else [IGNORE] * len(preview.columns)
    said = draft.get("mapping") or {}
    proposed = suggest(kind, preview.headings, {**remembered(kind), **said})
    return [said.get(column.heading, proposed[column.index] or IGNORE) for column in preview.columns]


def with_meanings(draft: Mapping[str, Any], preview: Preview, chosen: Sequence[str]) -> Draft:
    if not draft.get("header", True):
        return {**draft, "columns": list(chosen)}
    return {**draft, "columns": None, "mapping": dict(zip(preview.headings, chosen, strict=True))}


def date_values(kind: str, preview: Preview, chosen: Sequence[str]) -> tuple[str, ...]:
    """The cells of the first column of dates: the day of the visit, for visits."""
    for field in fields_of(kind):
        if field.value in DATES and field.name in chosen:
            return preview.columns[chosen.index(field.name)].values
    return ()


def as_options(draft: Mapping[str, Any]) -> ImportOptions:
    """Raises AppError."""
    return ImportOptions.from_json(draft)
