"""The options of an import while the user fills them in, stored in `ImportRun.options` until the file is imported."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.imports.runs.preview import Preview
from core.imports.services.columns import suggest_fields
from core.imports.services.headings import column_keys
from core.imports.services.options import IGNORE
from core.imports.services.profiles import known_fields
from core.shared.file_fields import Value, fields_of

DraftOptions = dict[str, Any]
DATE_VALUES = {Value.DATE, Value.DATE_TIME, Value.BIRTH_DATE, Value.EXPIRY}


def column_fields(kind: str, preview: Preview, draft: Mapping[str, Any]) -> list[str]:
    """The field of each column, IGNORE for none: as chosen for this file, else as remembered or recognised."""
    if not draft.get("header", True):
        columns = draft.get("columns") or ()
        return list(columns) if len(columns) == len(preview.columns) else [IGNORE] * len(preview.columns)
    mapping = draft.get("mapping") or {}
    cells = [column.values for column in preview.columns]
    proposed = suggest_fields(kind, preview.headings, {**known_fields(kind), **mapping}, lambda: cells)
    keys = column_keys(preview.headings)
    return [mapping.get(key, name or IGNORE) for key, name in zip(keys, proposed, strict=True)]


def with_column_fields(draft: Mapping[str, Any], preview: Preview, chosen: Sequence[str]) -> DraftOptions:
    if not draft.get("header", True):
        return {**draft, "columns": list(chosen)}
    return {**draft, "columns": None, "mapping": dict(zip(column_keys(preview.headings), chosen, strict=True))}


def date_values(kind: str, preview: Preview, chosen: Sequence[str]) -> tuple[str, ...]:
    """The cells of the first column of dates: the day of the visit, for visits."""
    for field in fields_of(kind):
        if field.value in DATE_VALUES and field.name in chosen:
            return preview.columns[chosen.index(field.name)].values
    return ()
