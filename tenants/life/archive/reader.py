"""Reads an archive. It may come from anyone, so everything in it is checked before use."""

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

from .errors import archive_damaged, archive_too_large, not_an_archive, unknown_part, unsafe_path
from .manifest import NAME, Manifest, TableEntry

BLOCK = 256 * 1024
MAX_MANIFEST_SIZE = 64 * 1024 * 1024
# CSV compresses to about a tenth; a much higher ratio is a zip bomb.
MAX_COMPRESSION_RATIO = 200
ALWAYS_ALLOWED_SIZE = 50 * 1024 * 1024
# Errors of paths that no file system could have held, such as a file that is also a folder.
INVALID_PATH_ERRNOS = {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}


class Archive:
    """An open archive. Names and sizes are checked when it is opened, contents while they are read."""

    def __init__(self, path: Path, *, on_progress: Callable[[int, int], None] | None = None) -> None:
        """`on_progress` is called with the bytes read and the total."""
        self._path, self._on_progress = path, on_progress
        self._read = self._total = 0

    def __enter__(self) -> Self:
        try:
            self._zip = zipfile.ZipFile(self._path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise not_an_archive() from error
        try:
            self._reject_unsafe()
            self.manifest = self._read_manifest()
            self._reject_unlisted()
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
            target = folder / entry.path
            try:
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with open(target, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                    file.writelines(self._contents(entry.stored, entry.size, entry.sha256))
            except OSError as error:
                # Other errors, such as a full disk, are not the archive's fault.
                if error.errno in INVALID_PATH_ERRNOS:
                    raise archive_damaged(entry.path) from error
                raise

    def _contents(self, name: str, size: int, sha256: str) -> Iterator[bytes]:
        """Yield an entry's contents. A wrong checksum raises AppError only at the end, so commit nothing before."""
        digest, bytes_read = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as file:
                while block := file.read(BLOCK):
                    bytes_read += len(block)
                    if bytes_read > size:
                        raise archive_damaged(name)
                    digest.update(block)
                    self._report_progress(len(block))
                    yield block
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error) as error:
            raise archive_damaged(name) from error
        if bytes_read != size or digest.hexdigest() != sha256:
            raise archive_damaged(name)

    def _report_progress(self, more: int) -> None:
        self._read += more
        if self._on_progress is not None:
            self._on_progress(self._read, self._total)

    def _reject_unsafe(self) -> None:
        entries = self._zip.infolist()
        for name, count in Counter(entry.filename for entry in entries).items():
            if count > 1:
                raise archive_damaged(name)
        for entry in entries:
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if not is_safe(entry.filename) or kind not in {0, stat.S_IFREG}:
                raise unsafe_path(entry.filename)
            if entry.flag_bits & 0x1 or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise unknown_part(entry.filename)
        packed, plain = sum(entry.compress_size for entry in entries), sum(entry.file_size for entry in entries)
        on_disk = self._path.stat().st_size
        # Compressed sizes above the file's size mean overlapping entries.
        if (
            packed > on_disk
            or plain > settings.RESTORE_LARGEST
            or plain > max(ALWAYS_ALLOWED_SIZE, MAX_COMPRESSION_RATIO * on_disk)
        ):
            raise archive_too_large()

    def _read_manifest(self) -> Manifest:
        try:
            info = self._zip.getinfo(NAME)
        except KeyError as error:
            raise not_an_archive() from error
        if info.file_size > MAX_MANIFEST_SIZE:
            raise archive_too_large()
        try:
            return Manifest.from_json(self._zip.read(info))
        except (zipfile.BadZipFile, EOFError, OSError, zlib.error) as error:
            raise archive_damaged(NAME) from error

    def _reject_unlisted(self) -> None:
        """Reject an archive whose entries are not exactly those in the manifest."""
        listed = [NAME, *(table.path for table in self.manifest.tables), *(file.stored for file in self.manifest.files)]
        for stored in listed[1:]:
            if not is_safe(stored) or len(PurePosixPath(stored).parts) < 2:
                raise unsafe_path(stored)
        present = set(self._zip.namelist())
        if len(set(listed)) != len(listed) or set(listed) - present:
            raise archive_damaged(next(iter(set(listed) - present), NAME))
        if present - set(listed):
            raise unknown_part(min(present - set(listed)))


def is_safe(name: str) -> bool:
    """Return whether a relative path stays inside its folder, on any operating system."""
    parts = name.split("/")
    plain = not name.startswith("/") and "\\" not in name and "\x00" not in name and ":" not in parts[0]
    return plain and all(part not in {"", ".", ".."} for part in parts)
