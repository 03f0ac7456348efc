"""The folders of a chain: its files and its exports."""

import shutil
from pathlib import Path

from django.conf import settings


def files_folder(schema: str) -> Path:
    return _chain_folder(Path(settings.MEDIA_ROOT), schema)


def exports_folder(schema: str) -> Path:
    return _chain_folder(Path(settings.EXPORT_ROOT), schema)


def remove_folders(schema: str) -> int:
    """Delete all files of a chain; return how many there were."""
    count = 0
    for folder in (files_folder(schema), exports_folder(schema)):
        if folder.exists():
            count += sum(1 for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder)
    return count


def _chain_folder(root: Path, schema: str) -> Path:
    """Return the chain's folder; the name is checked again because the folder may be deleted."""
    if not schema or schema in {".", ".."} or "/" in schema or "\\" in schema or "\x00" in schema:
        raise ValueError(f"Not the name of a schema: {schema!r}")
    return root / schema
