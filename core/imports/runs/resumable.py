"""Uploads that survive a lost connection: a file comes up in pieces, each of which counts once it is here whole.

In the manner of tus (tus.io): a piece names the offset it belongs at, and is refused at any other.
"""

import os
import shutil
import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.http import UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.imports.declaration import IMPORT
from core.imports.models import ImportRun, Upload
from core.imports.runs.uploads import (
    FIELD,
    STORED_NAME,
    naming_full_disk,
    private_file,
    refuse_full_disk,
    refuse_too_large,
    stored_path,
    upload_broken,
    upload_path,
)
from core.imports.services.rejects import make_import_folder
from core.shared.errors import AppError
from core.shared.locks import lock_chain

# Bytes that come at once. The proxy lets through as much (deploy/proxy/nginx.conf).
PIECE = 5 * 1024 * 1024
# Of uploads that nobody goes on with.
KEPT_FOR = timedelta(hours=24)
MOST_OF_A_PERSON, MOST_OF_A_CHAIN = 20, 60
# Together as large as so many of the largest files.
MOST_LARGEST = 4
_READ = 256 * 1024


class Body(Protocol):
    """A request's."""

    def read(self, size: int, /) -> bytes: ...


def begin_upload(*, acting_user: User, name: str, size: int, modified: int) -> Upload:
    """The person's upload of this very file, if it was begun before, else a new one.

    Raises AppError where the file is too large, or there is no room.
    """
    require_right(acting_user, IMPORT)
    refuse_too_large(size)
    with transaction.atomic():
        lock_chain("uploads")
        same = uploads_of(acting_user).filter(file_name=name[-255:], size=size, modified=modified)
        known = next((upload for upload in same if path_of(upload).is_file()), None)
        if known is not None:
            return known
        _refuse_too_many(acting_user, size)
        upload = Upload.objects.create(file_name=name[-255:], size=size, modified=modified, created_by=acting_user)
        _make_file(path_of(upload), size)
    return upload


def keep_upload(*, acting_user: User, name: str, path: Path) -> Upload:
    """A file that came whole, with a form that was refused: it need not be sent again. Raises AppError where there is
    no room."""
    require_right(acting_user, IMPORT)
    size = path.stat().st_size
    with transaction.atomic():
        lock_chain("uploads")
        _refuse_too_many(acting_user, size)
        folder = uuid.UUID(path.parent.name)
        return Upload.objects.create(pk=folder, file_name=name[-255:], size=size, received=size, created_by=acting_user)


def add_piece(*, acting_user: User, upload: Upload, offset: int, length: int, body: Body) -> Upload:
    """Appends what the body holds, all of it or nothing. Raises AppError where it is not what is to come next."""
    require_right(acting_user, IMPORT)
    _refuse_misfit(upload, offset, length)
    with naming_full_disk(), TemporaryFile(dir=path_of(upload).parent) as piece:
        _receive(body, piece, length)
        return _append(upload, piece, offset, length)


def discard_upload(*, acting_user: User, upload: Upload) -> None:
    require_right(acting_user, IMPORT)
    with transaction.atomic():
        _delete(Upload.objects.select_for_update().filter(pk=upload.pk))


def take_upload(*, acting_user: User, upload: Upload) -> str:
    """Ends the upload; its file is the caller's from now on, under this path as runs store it.

    Raises AppError where it is not here whole, or was taken already.
    """
    require_right(acting_user, IMPORT)
    now = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if now is None:
        raise upload_gone()
    if not now.is_whole:
        raise AppError("upload_unfinished", unfinished(), field=FIELD, status=409)
    path = stored_path(path_of(now))
    now.delete()
    return path


def delete_expired_uploads() -> int:
    with transaction.atomic():
        expired = Upload.objects.filter(touched_at__lt=timezone.now() - KEPT_FOR)
        return _delete(expired.select_for_update(skip_locked=True))


def uploads_of(user: User) -> QuerySet[Upload]:
    return Upload.objects.filter(created_by=user).order_by("-touched_at")


def own_upload(user: User, upload_id: uuid.UUID) -> Upload | None:
    """None where there is none of the person, or its file is gone."""
    upload = uploads_of(user).filter(pk=upload_id).first()
    return upload if upload is not None and path_of(upload).is_file() else None


def runs_of_uploads(user: User, ids: Iterable[uuid.UUID]) -> list[ImportRun]:
    """The imports of the person that took these over, as a form that is sent twice asks again."""
    paths = [f"imports/{upload_id}/{STORED_NAME}" for upload_id in ids]
    return list(ImportRun.objects.filter(created_by=user, path__in=paths))


def path_of(upload: Upload) -> Path:
    return upload_path(f"imports/{upload.pk}/{STORED_NAME}")


def refuse_large_piece(size: int) -> None:
    """Raises AppError."""
    if size > PIECE:
        raise AppError(
            "piece_too_large", _("This part of the file is larger than an upload may send at once."), status=413
        )


def upload_gone() -> AppError:
    return AppError("upload_gone", _("This upload is not there any more. Choose the file again."), field=FIELD)


def unfinished() -> str:
    return _("The file has not come up whole. Choose it again: the upload goes on where it stopped.")


def _refuse_too_many(user: User, size: int) -> None:
    """Raises AppError."""
    if uploads_of(user).count() >= MOST_OF_A_PERSON:
        message = _("You have %d unfinished uploads. Go on with one of them, or discard some.") % MOST_OF_A_PERSON
        raise AppError("too_many_uploads", message, field=FIELD, status=409)
    total = Upload.objects.aggregate(total=Sum("size"))["total"] or 0
    if Upload.objects.count() >= MOST_OF_A_CHAIN or total + size > MOST_LARGEST * settings.IMPORT_LARGEST_FILE:
        message = _("Too much of the chain is being uploaded at once. Wait until some of it is done, then try again.")
        raise AppError("too_many_uploads", message, field=FIELD, status=409)


def _make_file(path: Path, size: int) -> None:
    """Raises AppError where there is no room for so many bytes."""
    folder = make_import_folder(uuid.UUID(path.parent.name))
    try:
        with naming_full_disk():
            refuse_full_disk(folder, size)
            private_file(path).close()
    except AppError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _refuse_misfit(upload: Upload, offset: int, length: int) -> None:
    """Raises AppError."""
    refuse_large_piece(length)
    if offset != upload.received:
        message = _("%(received)d bytes of the file are here; what comes next does not begin there.")
        raise AppError("other_offset", message % {"received": upload.received}, status=409)
    if offset + length > upload.size:
        raise AppError("more_than_said", _("More of the file came than was announced."), status=413)


def _receive(body: Body, piece: IO[bytes], length: int) -> None:
    """Raises AppError where it breaks off."""
    left = length
    try:
        while left and (data := body.read(min(left, _READ))):
            piece.write(data)
            left -= len(data)
    except UnreadablePostError as error:
        raise upload_broken() from error
    if left:
        raise upload_broken()
    piece.seek(0)


def _append(upload: Upload, piece: IO[bytes], offset: int, length: int) -> Upload:
    with transaction.atomic():
        now = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if now is None:
            raise upload_gone()
        _refuse_misfit(now, offset, length)
        with path_of(now).open("r+b") as file:
            # Nothing is left of a process that was killed as it wrote.
            file.truncate(offset)
            file.seek(offset)
            shutil.copyfileobj(piece, file)
            file.flush()
            os.fsync(file.fileno())
        now.received, now.touched_at = offset + length, timezone.now()
        now.save(update_fields=["received", "touched_at"])
    return now


def _delete(uploads: QuerySet[Upload]) -> int:
    deleted = 0
    for upload in uploads:
        shutil.rmtree(path_of(upload).parent, ignore_errors=True)
        upload.delete()
        deleted += 1
    return deleted
