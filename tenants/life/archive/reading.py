"""Reads an archive, which may come from anyone: nothing in it is believed before it is checked."""

import errno
import hashlib
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from django.conf import settings

from .manifest import NAME, Manifest, TableEntry
from .refusals import damaged, not_an_archive, too_large, unknown, unsafe

BLOCK = 256 * 1024
LARGEST_MANIFEST = 64 * 1024 * 1024
# Rows as CSV come to about a tenth; repeated ones to less. What shrinks more than this was made to fill a disk.
MOST_TIMES = 200
ALLOWED_ANYWAY = 50 * 1024 * 1024
# What paths meet that no file system could have held together: a file that is a folder too, or too long a name.
NO_SUCH_PLACE = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}


class Archive:
    """An archive whose names and sizes have been checked; its contents are as they are read."""

    def __init__(self, path: Path, *, on_progress: Callable[[int, int], None] | None = None) -> None:
        """`on_progress` is told how many bytes have been read, and of how many."""
        self._path, self._on_progress = path, on_progress
        self._read = self._total = 0

    def __enter__(self) -> Self:
        try:
            self._zip = zipfile.ZipFile(self._path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise not_an_archive() from error
        try:
            self._refuse_unsafe()
            self.manifest = self._read_manifest()
            self._refuse_unlisted()
            self._total = sum(table.size for table in self.manifest.tables)
            self._total += sum(file.size for file in self.manifest.files)
        except BaseException:
            self._zip.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def table(self, entry: TableEntry) -> Iterator[bytes]:
        return self._contents(entry.path, entry.size, entry.sha256)

    def extract_files(self, folder: Path) -> None:
        for entry in self.manifest.files:
            place = folder / entry.path
            try:
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with open(place, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                    file.writelines(self._contents(entry.stored, entry.size, entry.sha256))
            except OSError as error:
                # A full disk, for one, is no fault of the archive.
                if error.errno in NO_SUCH_PLACE:
                    raise damaged(entry.path) from error
                raise

    def _contents(self, name: str, size: int, sha256: str) -> Iterator[bytes]:
        """Raises AppError at the end where it is not what the manifest says; so nothing may be kept before that."""
        digest, seen = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as file:
                while block := file.read(BLOCK):
                    seen += len(block)
                    if seen > size:
                        raise damaged(name)
                    digest.update(block)
                    self._tell(len(block))
                    yield block
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error) as error:
            raise damaged(name) from error
        if seen != size or digest.hexdigest() != sha256:
            raise damaged(name)

    def _tell(self, more: int) -> None:
        self._read += more
        if self._on_progress is not None:
            self._on_progress(self._read, self._total)

    def _refuse_unsafe(self) -> None:
        entries = self._zip.infolist()
        for name, count in Counter(entry.filename for entry in entries).items():
            if count > 1:
                raise damaged(name)
        for entry in entries:
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if not is_safe(entry.filename) or kind not in {0, stat.S_IFREG}:
                raise unsafe(entry.filename)
            if entry.flag_bits & 0x1 or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise unknown(entry.filename)
        packed, plain = sum(entry.compress_size for entry in entries), sum(entry.file_size for entry in entries)
        on_disk = self._path.stat().st_size
        # More packed than there is means that entries lie on one another.
        if packed > on_disk or plain > settings.RESTORE_LARGEST or plain > max(ALLOWED_ANYWAY, MOST_TIMES * on_disk):
            raise too_large()

    def _read_manifest(self) -> Manifest:
        try:
            info = self._zip.getinfo(NAME)
        except KeyError as error:
            raise not_an_archive() from error
        if info.file_size > LARGEST_MANIFEST:
            raise too_large()
        try:
            return Manifest.from_json(self._zip.read(info))
        except (zipfile.BadZipFile, EOFError, OSError, zlib.error) as error:
            raise damaged(NAME) from error

    def _refuse_unlisted(self) -> None:
        """What lies in it is what the manifest lists, no more and no less."""
        listed = [NAME, *(table.path for table in self.manifest.tables), *(file.stored for file in self.manifest.files)]
        for stored in listed[1:]:
            if not is_safe(stored) or len(PurePosixPath(stored).parts) < 2:
                raise unsafe(stored)
        there = set(self._zip.namelist())
        if len(set(listed)) != len(listed) or set(listed) - there:
            raise damaged(next(iter(set(listed) - there), NAME))
        if there - set(listed):
            raise unknown(min(there - set(listed)))


def is_safe(name: str) -> bool:
    """Whether a path stays below where it is put, on any system."""
    parts = name.split("/")
    plain = not name.startswith("/") and "\\" not in name and "\x00" not in name and ":" not in parts[0]
    return plain and all(part not in {"", ".", ".."} for part in parts)
