"""File locks: the kernel gives them back when their holder dies, however it dies."""

import fcntl
import os
from pathlib import Path
from typing import Self

from deploy.development.servers import locations


class FileLock:
    """One `flock` on one file, shared or exclusive; as a context manager it waits for the exclusive one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Take or convert the lock; False when it is held elsewhere and we do not wait."""
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._descriptor, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def sign(self) -> None:
        """Write down who holds the lock."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def holder(self) -> int | None:
        """The process that holds the lock exclusively and signed it, if any does."""
        probe = FileLock(self.path)
        try:
            if probe.take(shared=True, wait=False):
                return None
            signed = self.path.read_text()
            return int(signed) if signed else None
        finally:
            probe.release()

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()


def starting(home: Path) -> FileLock:
    """Held while somebody joins or leaves the embedded database, so that they do so one by one."""
    return FileLock(locations.locks(home) / "starting")


def users(home: Path) -> FileLock:
    """Shared by everybody who uses the embedded database; exclusive says that nobody does."""
    return FileLock(locations.locks(home) / "users")


def keeper(home: Path) -> FileLock:
    """Held by the keeper of the embedded database."""
    return FileLock(locations.locks(home) / "keeper")


def supervisor(home: Path) -> FileLock:
    """Held by the one `revisit serve` of a home."""
    return FileLock(locations.locks(home) / "supervisor")
