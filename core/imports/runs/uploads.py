"""A file on its way in: written to the chain's own folder as it arrives, and never larger than allowed."""

import errno
import os
import shutil
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from core.imports.services.rejects import chain_folder, new_folder
from core.shared.errors import AppError

FIELD = "file"
STORED_NAME = "upload"


class KeptUpload(UploadedFile):  # type: ignore[type-arg]
    """An upload that already lies where it is to stay."""

    def __init__(self, path: Path, name: str, size: int) -> None:
        super().__init__(file=None, name=name, size=size)
        self.path = path


class UploadHandler(FileUploadHandler):
    """Takes the one file of the form. What goes wrong stands in `problem`; then no file is kept."""

    field = FIELD

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.problem: AppError | None = None
        self.kept: Path | None = None
        self._file: IO[bytes] | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.field_name != self.field or self.kept is not None:
            raise SkipFile
        self.kept = self.new_place()
        self._file = private_file(self.kept)

    def new_place(self) -> Path:
        return new_folder() / STORED_NAME

    def refuse_too_large(self, size: int) -> None:
        refuse_too_large(size)

    def forget(self, kept: Path) -> None:
        forget(kept)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._file is None:
            raise SkipFile
        try:
            self.refuse_too_large(start + len(raw_data))
        except AppError as problem:
            self._drop(problem)
        try:
            self._file.write(raw_data)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            self._drop(disk_full())

    def file_complete(self, file_size: int) -> KeptUpload | None:
        if self._file is None or self.kept is None:
            return None
        self._file.close()
        return KeptUpload(self.kept, self.file_name or "", file_size)

    def upload_interrupted(self) -> None:
        if self.kept is not None and self.problem is None:
            self.problem = AppError(
                "upload_broken", _("The upload broke off. Choose the file again."), field=self.field
            )
            self.drop()

    def _drop(self, problem: AppError) -> None:
        self.problem = problem
        self.drop()
        raise SkipFile

    def drop(self) -> None:
        """The file that nobody has taken; whoever takes it sets `kept` to None."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self.kept is not None:
            self.forget(self.kept)


def private_file(path: Path) -> IO[bytes]:
    """A new file that only the application can read."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def refuse_too_large(size: int) -> None:
    """Raises AppError."""
    if size > settings.IMPORT_LARGEST_FILE:
        raise too_large()


def too_large() -> AppError:
    message = _("The file is larger than %s. Split it, by year for example, and import the parts one after the other.")
    return AppError("file_too_large", message % filesizeformat(settings.IMPORT_LARGEST_FILE), field=FIELD, status=413)


def disk_full() -> AppError:
    message = _("There is no room left for the file. Tell whoever runs the site.")
    return AppError("disk_full", message, field=FIELD, status=507)


def file_gone() -> AppError:
    message = _("The file has been deleted, as all uploads are after a while. Upload it again.")
    return AppError("file_gone", message, status=410)


def forget(kept: Path) -> None:
    """The file, and the folder made for it."""
    shutil.rmtree(kept.parent, ignore_errors=True)


def stored_as(path: Path) -> str:
    """How a row names its file: from the chain's own folder on, whatever the chain is called."""
    return str(path.relative_to(chain_folder()))


def place_of(stored: str) -> Path:
    """In a folder of one import of the chain, whatever the row says: rows may come from an archive, and what this names
    is read, sent and deleted together with its folder."""
    imports = chain_folder() / "imports"
    place = Path(os.path.normpath(chain_folder() / stored))
    if not place.is_relative_to(imports) or len(place.relative_to(imports).parts) < 2:
        return imports / "nowhere" / STORED_NAME
    return place
