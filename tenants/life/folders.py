"""Where a chain's files lie: those its records name, and the archives made of it."""

import shutil
from pathlib import Path

from django.conf import settings


def files_of(schema: str) -> Path:
    return _within(Path(settings.MEDIA_ROOT), schema)


def exports_of(schema: str) -> Path:
    return _within(Path(settings.EXPORT_ROOT), schema)


def remove_folders(schema: str) -> int:
    """All files of a chain; how many there were."""
    count = 0
    for folder in (files_of(schema), exports_of(schema)):
        if folder.exists():
            count += sum(1 for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder)
    return count


def _within(root: Path, schema: str) -> Path:
    """A name of a schema is checked where chains are made; this is a second lock before files are removed."""
    if not schema or schema in {".", ".."} or "/" in schema or "\\" in schema or "\x00" in schema:
        raise ValueError(f"Not the name of a schema: {schema!r}")
    return root / schema
