"""An archive on its way in: written beside the others as it arrives, and never larger than allowed."""

import uuid
from pathlib import Path

from django.conf import settings

from core.imports.runs.uploads import UploadHandler
from tenants.console.restorations import FIELD, folder
from tenants.life.archive.refusals import too_large


class ArchiveHandler(UploadHandler):
    field = FIELD

    def new_path(self) -> Path:
        folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder() / f".{uuid.uuid4()}.part"

    def refuse_too_large(self, size: int) -> None:
        refuse_too_large(size)

    def delete_upload(self, path: Path) -> None:
        """Nothing where it has been moved to its place."""
        path.unlink(missing_ok=True)


def refuse_too_large(size: int) -> None:
    """Raises AppError."""
    if size > settings.RESTORE_LARGEST:
        raise too_large()
