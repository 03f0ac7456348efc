"""The fields that the columns of each kind of file can mean, as the apps declare them."""

import re
import unicodedata

from core.shared.declarations import declared
from core.shared.file_fields import Field, FileFields

LONGEST_HEADING = 200


def fields_of(kind: str) -> tuple[Field, ...]:
    return tuple(field for part in declared("FILE_FIELDS", FileFields) if part.kind == kind for field in part.fields)


def field_label(name: str) -> str:
    """In the reader's language."""
    labels = {field.name: field.label for part in declared("FILE_FIELDS", FileFields) for field in part.fields}
    return str(labels.get(name, name))


def normal_heading(text: str) -> str:
    """Headings that differ in case, spaces, punctuation or width are the same; a longer text is none."""
    if len(text) > LONGEST_HEADING:
        return ""
    folded = unicodedata.normalize("NFKC", text).casefold().strip("\ufeff \t")
    return re.sub(r"[\W_]+", "_", folded).strip("_")
