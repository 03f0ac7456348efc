"""Upload handler for archives: writes the file directly to its folder and enforces the size limit."""

import uuid
from pathlib import Path

from django.conf import settings

from core.imports.runs.uploads import UploadHandler
from tenants.console.restorations import FIELD, folder
from tenants.life.archive.errors import archive_too_large


class ArchiveHandler(UploadHandler):
    field = FIELD

    def new_path(self) -> Path:
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder() / f".{uuid.uuid4()}.part"

    def refuse_too_large(self, size: int) -> None:
        refuse_too_large(size)

    def delete_upload(self, path: Path) -> None:
        """Delete the file, unless it has been moved to its place."""
        path.unlink(missing_ok=True)


def refuse_too_large(size: int) -> None:
    """Raise AppError if the size is over the limit."""
    if size > settings.RESTORE_LARGEST:
        raise archive_too_large()
