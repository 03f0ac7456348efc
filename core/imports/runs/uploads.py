"""Receives an upload: it is streamed to the chain's own folder and refused once it is larger than allowed."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from core.imports.services.rejects import chain_folder, make_import_folder, open_private
from core.shared.chain import current_chain
from core.shared.errors import AppError
from core.shared.plans import MEGABYTE

FIELD = "file"
STORED_NAME = "upload"


class StoredUpload(UploadedFile):  # type: ignore[type-arg]
    """An upload that was streamed to its final path."""

    def __init__(self, path: Path, name: str, size: int) -> None:
        super().__init__(file=None, name=name, size=size)
        self.path = path


class UploadHandler(FileUploadHandler):
    """Takes the one file of the form. On failure `problem` holds the error and the file is deleted."""

    field = FIELD

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.problem: AppError | None = None
        self.path: Path | None = None
        self._file: IO[bytes] | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.field_name != self.field or self.path is not None:
            raise SkipFile
        self.path = self.new_path()
        self._file = private_file(self.path)

    def new_path(self) -> Path:
        return make_import_folder() / STORED_NAME

    def refuse_too_large(self, size: int) -> None:
        refuse_too_large(size)

    def delete_upload(self, path: Path) -> None:
        """Deletes the file and the folder made for it."""
        shutil.rmtree(path.parent, ignore_errors=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._file is None:
            raise SkipFile
        try:
            self.refuse_too_large(start + len(raw_data))
        except AppError as problem:
            self._drop(problem)
        try:
            with naming_full_disk():
                self._file.write(raw_data)
        except AppError as problem:
            self._drop(problem)

    def file_complete(self, file_size: int) -> StoredUpload | None:
        if self._file is None or self.path is None:
            return None
        self._file.close()
        return StoredUpload(self.path, self.file_name or "", file_size)

    def upload_interrupted(self) -> None:
        if self.path is not None and self.problem is None:
            self.problem = upload_broken(self.field)
            self.drop()

    def _drop(self, problem: AppError) -> None:
        self.problem = problem
        self.drop()
        raise SkipFile

    def drop(self) -> None:
        """Deletes the file unless the view took it over, which it does by setting `path` to None."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self.path is not None:
            self.delete_upload(self.path)


def private_file(path: Path) -> IO[bytes]:
    """A new file that only the application can read."""
    return open(path, "xb", opener=open_private)


def refuse_too_large(size: int) -> None:
    """Raises AppError where the chain's plan, or the platform, takes no file so large."""
    allowed, most = current_chain().entitlements.upload_mb, settings.IMPORT_LARGEST_FILE
    if allowed is not None and allowed * MEGABYTE < most:
        most = allowed * MEGABYTE
        message = _(
            "The file is larger than %s, the largest that the plan covers. Split it, by year for example, and import "
            "the parts one after the other."
        )
    else:
        message = _(
            "The file is larger than %s. Split it, by year for example, and import the parts one after the other."
        )
    if size > most:
        raise AppError("file_too_large", message % filesizeformat(most), field=FIELD, status=413)


@contextmanager
def naming_full_disk() -> Iterator[None]:
    """Raises AppError where there is no room on the disk."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise disk_full() from error


def refuse_full_disk(folder: Path, size: int) -> None:
    """Raises AppError where so much does not fit."""
    if shutil.disk_usage(folder).free < size:
        raise disk_full()


def disk_full() -> AppError:
    message = _("There is no room left for the file. Tell whoever runs the site.")
    return AppError("disk_full", message, field=FIELD, status=507)


def upload_broken(field: str = FIELD) -> AppError:
    return AppError("upload_broken", _("The upload broke off. Choose the file again."), field=field)


def file_deleted() -> AppError:
    message = _("The file has been deleted, as all uploads are after a while. Upload it again.")
    return AppError("file_gone", message, status=410)


def stored_path(path: Path) -> str:
    """The path as stored in the database: relative to the chain's folder, so that a renamed chain still finds it."""
    return str(path.relative_to(chain_folder()))


def upload_path(stored: str) -> Path:
    """The absolute path, never outside the chain's import folders: rows may come from a foreign archive, and it is
    read, sent and deleted together with its folder."""
    imports = chain_folder() / "imports"
    place = Path(os.path.normpath(chain_folder() / stored))
    if not place.is_relative_to(imports) or len(place.relative_to(imports).parts) < 2:
        return imports / "nowhere" / STORED_NAME
    return place
